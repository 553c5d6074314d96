//! Who gets what of what was bought, and what they owe for it.
//!
//! Products go by id, so neither the order of bids nor of rows plays a part, and the same code answers the
//! previews and the commits.

use super::{Allocation, Item, Line, Run};
use crate::apportion::{apportion, ties_lost};
use crate::event::Share;
use crate::plan::{Willing, share_extras};
use crate::shortage::{Claim, award};
use crate::{Money, Quantity, ShortagePolicy, Total, UserId};
use std::collections::BTreeMap;

/// What has been decided so far, by participant: it makes the next tie fair.
struct Fairness {
    quantity_ties_lost: Vec<u32>,
    money_ties_lost: Vec<u32>,
    /// What extras cost, in thousandths of a minor unit.
    extra_cost: Vec<u128>,
}

impl Run {
    /// The shares of the bought lines that `which` admits: as wished, too little by `policy`, too much to the
    /// willing and the rest to the leader.
    pub(super) fn allocate(&self, policy: ShortagePolicy, which: impl Fn(&Line) -> bool) -> Vec<Share> {
        let people = self.participants.len();
        let mut fairness = Fairness {
            quantity_ties_lost: vec![0; people],
            money_ties_lost: vec![0; people],
            extra_cost: vec![0; people],
        };
        let mut lines: Vec<(&Line, &Item)> =
            self.lines.iter().filter_map(|line| line.bought_item().map(|item| (line, item))).collect();
        lines.retain(|(line, _)| which(line));
        lines.sort_by_key(|(line, _)| line.product.id);
        lines
            .into_iter()
            .flat_map(|(line, item)| self.allocate_item(policy, line, item, &mut fairness))
            .collect()
    }

    fn allocate_item(
        &self,
        policy: ShortagePolicy,
        line: &Line,
        item: &Item,
        fairness: &mut Fairness,
    ) -> Vec<Share> {
        let step = u64::from(line.product.step.thousandths());
        let mut steps: BTreeMap<usize, u64> = BTreeMap::new();
        let bought = u64::from(item.bought().thousandths()) / step;
        if bought < line.wants.quantity.thousandths() / step {
            self.ration(policy, line, bought, fairness, &mut steps);
        } else {
            self.serve(line, item, bought, fairness, &mut steps);
        }

        let received: Vec<u64> = steps.values().map(|steps| steps * step).collect();
        let losses: Vec<u32> = steps.keys().map(|&i| fairness.money_ties_lost[i]).collect();
        let total = item.total().0.unsigned_abs();
        let shares = apportion(total, &received, &losses);
        for (&i, lost) in steps.keys().zip(ties_lost(&received, &shares)) {
            fairness.money_ties_lost[i] += u32::from(lost);
        }
        let share = |((&i, received), share): ((&usize, u64), u64)| Share {
            user_id: self.participants[i].user_id,
            product_id: line.product.id,
            quantity: Quantity::from_thousandths(received).unwrap_or(Quantity::MAX),
            share: Money(share.cast_signed()),
        };
        steps.keys().zip(received).zip(shares).map(share).collect()
    }

    /// Less than wanted.
    fn ration(
        &self,
        policy: ShortagePolicy,
        line: &Line,
        bought: u64,
        fairness: &mut Fairness,
        steps: &mut BTreeMap<usize, u64>,
    ) {
        let step = line.product.step.thousandths();
        let wishes: Vec<_> = line.bids.iter().filter(|bid| !bid.interested_only).collect();
        let claims: Vec<Claim> = wishes
            .iter()
            .map(|bid| Claim {
                min: u64::from(bid.min.thousandths() / step),
                quantity: u64::from(bid.quantity.thousandths() / step),
                losses: fairness.quantity_ties_lost[bid.by as usize],
                joined: bid.by,
            })
            .collect();
        let award = award(policy, &claims, bought);
        for ((bid, got), lost) in wishes.iter().zip(award.steps).zip(award.lost) {
            steps.insert(bid.by as usize, got);
            fairness.quantity_ties_lost[bid.by as usize] += u32::from(lost);
        }
    }

    /// As much as wanted or more.
    fn serve(
        &self,
        line: &Line,
        item: &Item,
        bought: u64,
        fairness: &mut Fairness,
        steps: &mut BTreeMap<usize, u64>,
    ) {
        let step = u64::from(line.product.step.thousandths());
        let wishes: Vec<_> = line.bids.iter().filter(|bid| !bid.interested_only).collect();
        let willing: Vec<Willing> = wishes
            .iter()
            .map(|bid| Willing {
                user: self.user(bid.by),
                room: u64::from(bid.max.thousandths() - bid.quantity.thousandths()) / step,
                cost: fairness.extra_cost[bid.by as usize],
            })
            .collect();
        let surplus = bought - line.wants.quantity.thousandths() / step;
        let step_cost = u128::from(item.total().0.unsigned_abs()) * 1000 / u128::from(bought.max(1));
        let extras = share_extras(&willing, surplus, step_cost);
        let mut rest = surplus;
        for (bid, extra) in wishes.iter().zip(extras) {
            steps.insert(bid.by as usize, u64::from(bid.quantity.thousandths()) / step + extra);
            fairness.extra_cost[bid.by as usize] += step_cost * u128::from(extra);
            rest -= extra;
        }
        if let Some(leader) = self.index(self.leader_id).filter(|_| rest > 0) {
            *steps.entry(leader).or_default() += rest;
        }
    }

    /// How many ties over money each participant lost, leaving one item out of account.
    pub(super) fn money_ties_lost(&self, but: Option<&Item>) -> Vec<u32> {
        let mut losses = vec![0; self.participants.len()];
        let items = self.lines.iter().filter_map(|line| line.item.as_deref());
        for item in items.filter(|item| but.is_none_or(|but| !std::ptr::eq(*item, but))) {
            for (allocation, lost) in item.allocations.iter().zip(item.ties_lost()) {
                losses[allocation.by as usize] += u32::from(lost);
            }
        }
        losses
    }

    pub(super) fn put_shares(&mut self, shares: &[Share]) {
        for share in shares {
            let Some(i) = self.index(share.user_id) else { continue };
            let line = self.lines.iter_mut().find(|line| line.product.id == share.product_id);
            let Some(item) = line.and_then(|line| line.item.as_mut()) else { continue };
            item.put_share(super::bidding::index_u32(i), share.quantity, share.share);
        }
    }
}

impl Line {
    /// The item, if any of it was bought.
    pub(super) fn bought_item(&self) -> Option<&Item> {
        self.item.as_deref().filter(|item| !item.parts.is_empty())
    }
}

impl Item {
    #[must_use]
    pub fn bought(&self) -> Quantity {
        let sum = self.parts.iter().map(|part| u64::from(part.quantity.thousandths())).sum();
        Quantity::from_thousandths(sum).unwrap_or(Quantity::MAX)
    }

    /// What was paid: the truth every share is apportioned from.
    #[must_use]
    pub fn total(&self) -> Money {
        self.parts.iter().fold(Money::ZERO, |sum, part| sum.saturating_add(part.total))
    }

    /// Bought and handed out to nobody.
    #[must_use]
    pub fn shrink(&self) -> Total {
        let received = self.allocations.iter().map(|a| u64::from(a.received.thousandths())).sum();
        match self.allocations.is_empty() {
            true => Total::ZERO,
            false => Total::from(self.bought()).saturating_sub(Total::from_thousandths(received)),
        }
    }

    #[must_use]
    pub fn allocation(&self, participant: usize) -> Option<&Allocation> {
        self.allocations.iter().find(|allocation| allocation.by as usize == participant)
    }

    fn ties_lost(&self) -> Vec<bool> {
        let received: Vec<u64> = self.allocations.iter().map(|a| a.received.thousandths().into()).collect();
        let shares: Vec<u64> = self.allocations.iter().map(|a| a.share.0.unsigned_abs()).collect();
        ties_lost(&received, &shares)
    }

    fn put_share(&mut self, by: u32, received: Quantity, share: Money) {
        match self.allocations.binary_search_by_key(&by, |allocation| allocation.by) {
            Ok(at) => (self.allocations[at].received, self.allocations[at].share) = (received, share),
            Err(at) => self.allocations.insert(at, Allocation { by, received, share, taken: None }),
        }
    }

    /// Who paid how much of it; one entry per payer, in the order of the parts.
    pub(super) fn payers(&self) -> Vec<(UserId, Money)> {
        let mut payers: Vec<(UserId, Money)> = Vec::new();
        for part in &self.parts {
            match payers.iter_mut().find(|(user, _)| *user == part.payer_id) {
                Some((_, paid)) => *paid = paid.saturating_add(part.total),
                None => payers.push((part.payer_id, part.total)),
            }
        }
        payers
    }
}
