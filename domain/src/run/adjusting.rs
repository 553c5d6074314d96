//! Bought and wanted differ: everybody may move towards the balance, never past it.

use super::bidding::index_u32;
use super::{Bid, Line, Run};
use crate::command::{FinishAdjusting, PlaceBid};
use crate::event::{LineNow, Share};
use crate::{Code, Comment, Event, ProductId, Quantity, Rejection, ShortagePolicy, State, Total, UserId};
use serde::Serialize;
use std::sync::Arc;

/// How what was bought of an item compares with its bids as they are now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// Unbought, or within what everybody would take.
    Balanced,
    /// So much less than wanted.
    Short(Total),
    /// So much more than wanted, beyond everybody's tolerance.
    Surplus(Total),
}

impl Difference {
    #[must_use]
    pub const fn is_balanced(self) -> bool {
        matches!(self, Self::Balanced)
    }
}

impl Run {
    /// One's own bid within what the remaining difference leaves open.
    pub(super) fn adjust_bid(
        &self,
        bid: &PlaceBid,
        bidder: UserId,
        name: Arc<str>,
    ) -> Result<Vec<Event>, Rejection> {
        let Some(line) = self.line(bid.product_id) else {
            return Err(Rejection::new(Code::ItemNotFound, "this product is not in the run"));
        };
        let index = self.index(bidder);
        let before = index.and_then(|i| line.bid_of(i));
        let had = before.map_or(Quantity::ZERO, |bid| bid.quantity);
        if !bid.quantity.is_multiple_of(line.product.step) {
            let detail = format!("quantity {} is not a multiple of {}", bid.quantity, line.product.step);
            return Err(Rejection::new(Code::NotAMultipleOfStep, detail).with("step", line.product.step));
        }
        line.check_adjustment(had, bid.quantity)?;
        if bid.quantity == had {
            return Ok(Vec::new());
        }

        let after = Bid {
            by: index.map_or(0, index_u32),
            min: before.map_or(Quantity::ZERO, |old| old.min.min(bid.quantity)),
            quantity: bid.quantity,
            max: before.map_or(bid.quantity, |old| old.max.max(bid.quantity)),
            interested_only: false,
            comment: before.and_then(|old| old.comment.clone()),
        };
        let mut events = Vec::with_capacity(2);
        if self.participant(bidder).is_none_or(|p| p.removed) {
            events.push(Event::ParticipantJoined { user_id: bidder, name });
        }
        events.push(placed(bidder, &after, line.after(before, Some(&after))));
        Ok(events)
    }

    /// Everything bought must balance, unless the leader lets a policy decide.
    pub(super) fn finish_adjusting(&self, finish: &FinishAdjusting) -> Result<Vec<Event>, Rejection> {
        let open: Vec<ProductId> = self.unbalanced().map(|line| line.product.id).collect();
        if !open.is_empty() && !finish.force {
            let detail = format!("{} items do not balance yet: adjust them, or force a policy", open.len());
            return Err(Rejection::new(Code::NotBalanced, detail).with("products", open));
        }
        let policy = finish.policy.unwrap_or(self.shortage_policy);
        let shares = self.allocate(policy, |_| true);
        let policy = (!open.is_empty()).then_some(policy);
        Ok(vec![Event::AdjustingFinished { state: State::Distributing, policy, shares }])
    }

    /// What forcing each policy now would give: the commit uses the same code.
    #[must_use]
    pub fn adjustments(&self) -> Vec<(ShortagePolicy, Vec<Share>)> {
        ShortagePolicy::ALL.into_iter().map(|policy| (policy, self.allocate(policy, |_| true))).collect()
    }

    pub(super) fn unbalanced(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| !line.difference().is_balanced())
    }
}

impl Line {
    #[must_use]
    pub fn difference(&self) -> Difference {
        let Some(item) = self.bought_item() else { return Difference::Balanced };
        let bought = Total::from(item.bought());
        if bought < self.wants.quantity {
            Difference::Short(self.wants.quantity.saturating_sub(bought))
        } else if bought > self.wants.max {
            Difference::Surplus(bought.saturating_sub(self.wants.quantity))
        } else {
            Difference::Balanced
        }
    }

    /// From what to what a bid of `had` may be changed now.
    #[must_use]
    pub fn bounds(&self, had: Quantity) -> (Quantity, Quantity) {
        let thousandths = u64::from(had.thousandths());
        let quantity = |thousandths| Quantity::from_thousandths(thousandths).unwrap_or(Quantity::MAX);
        match self.difference() {
            Difference::Balanced => (had, had),
            Difference::Short(by) => (quantity(thousandths.saturating_sub(by.thousandths())), had),
            Difference::Surplus(by) => (had, quantity(thousandths + by.thousandths())),
        }
    }

    fn check_adjustment(&self, had: Quantity, quantity: Quantity) -> Result<(), Rejection> {
        let (min, max) = self.bounds(had);
        let (code, detail) = if quantity < min {
            (Code::BidBelowMinimum, format!("{quantity} is below {min}, the least that keeps the balance"))
        } else if quantity > max {
            (Code::BidAboveMaximum, format!("{quantity} is above {max}, the most there is"))
        } else {
            return Ok(());
        };
        Err(Rejection::new(code, detail).with("min", min).with("max", max))
    }
}

fn placed(user_id: UserId, bid: &Bid, line: LineNow) -> Event {
    let comment: Option<Comment> = bid.comment.clone();
    Event::BidPlaced {
        user_id,
        min: bid.min,
        quantity: bid.quantity,
        max: bid.max,
        interested_only: false,
        comment,
        line,
    }
}
