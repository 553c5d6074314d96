//! Bids and readiness.

use super::{Bid, Line, MAX_PRODUCTS, Run};
use crate::command::{PlaceBid, RetractBid};
use crate::event::{Cause, LineNow};
use crate::plan::Wants;
use crate::{Code, Comment, Context, Event, Product, ProductId, Quantity, Rejection, Role, State, UserId};
use serde_json::json;
use std::sync::Arc;

impl Run {
    pub(super) fn place_bid(&self, bid: &PlaceBid, context: &Context) -> Result<Vec<Event>, Rejection> {
        let (bidder, name) = self.bidder(bid.on_behalf_of, context)?;
        if self.state == State::Adjusting {
            return self.adjust_bid(bid, bidder, name);
        }
        if bid.quantity.is_zero() && !bid.interested_only {
            return self.retraction(bid.product_id, bidder);
        }
        let (line, new_product) = self.line_for(bid.product_id, context)?;
        let terms = terms(bid, &line.product)?;
        let bidder_index = self.index(bidder);
        let before = bidder_index.and_then(|i| line.bid_of(i));
        if bid.fill {
            line.check_fill(before, &terms)?;
        }

        let mut events = Vec::with_capacity(4);
        if self.participant(bidder).is_none_or(|p| p.removed) {
            events.push(Event::ParticipantJoined { user_id: bidder, name });
        }
        events.extend(new_product.map(|product| Event::ProductAdded { product }));
        let line_now = line.after(before, Some(&terms));
        events.push(Event::BidPlaced {
            user_id: bidder,
            min: terms.min,
            quantity: terms.quantity,
            max: terms.max,
            interested_only: terms.interested_only,
            comment: terms.comment,
            line: line_now,
        });
        if self.state == State::Planning && bidder != self.leader_id {
            events.push(Event::RunOpened { state: State::Active, cause: Cause::FirstBid });
        }
        Ok(events)
    }

    pub(super) fn retract_bid(&self, bid: &RetractBid, context: &Context) -> Result<Vec<Event>, Rejection> {
        let (bidder, _) = self.bidder(bid.on_behalf_of, context)?;
        self.retraction(bid.product_id, bidder)
    }

    pub(super) fn set_ready(&self, ready: bool, context: &Context) -> Result<Vec<Event>, Rejection> {
        let Some(me) = self.participant(context.by).filter(|p| p.bids > 0) else {
            return Err(Rejection::new(
                Code::NoBid,
                "place a bid first: ready means that your bids are final",
            ));
        };
        if me.ready == ready {
            return Ok(Vec::new());
        }
        let mut events = vec![Event::ReadySet { user_id: context.by, ready }];
        if ready && self.everyone_ready_but(context.by) {
            events.extend(self.on_everyone_ready());
        }
        Ok(events)
    }

    /// Everybody who holds a bid is ready, leaving `user` out of account.
    pub(super) fn everyone_ready_but(&self, user: UserId) -> bool {
        self.participants.iter().filter(|p| p.bids > 0 && p.user_id != user).all(|p| p.ready)
    }

    pub(super) fn on_everyone_ready(&self) -> Vec<Event> {
        let mut events = vec![Event::EveryoneReady {}];
        if self.auto_confirm && self.state == State::Active {
            events.push(Event::RunConfirmed {
                state: State::Confirmed,
                cause: Cause::EveryoneReady,
                unready: Vec::new(),
            });
        }
        events
    }

    pub(super) fn bidder(
        &self,
        on_behalf_of: Option<UserId>,
        context: &Context,
    ) -> Result<(UserId, Arc<str>), Rejection> {
        let Some(other) = on_behalf_of.filter(|other| *other != context.by) else {
            return Ok((context.by, context.name.clone()));
        };
        if self.role(context.by) != Role::Leader {
            return Err(Rejection::new(Code::BidForOthers, "only the leader may bid for somebody else"));
        }
        match &context.person {
            Some(person) if person.id == other && !self.gone.contains(&other) => {
                Ok((other, person.name.clone()))
            }
            _ => Err(Rejection::new(Code::PersonNotFound, "that person is not in the group of this run")),
        }
    }

    /// The product's line, or an empty one from the catalogue.
    fn line_for(
        &self,
        id: ProductId,
        context: &Context,
    ) -> Result<(LineRef<'_>, Option<Arc<Product>>), Rejection> {
        if let Some(line) = self.line(id) {
            return Ok((LineRef::Known(line), None));
        }
        let Some(product) = context.product.clone().filter(|p| p.id == id) else {
            return Err(Rejection::new(Code::ProductNotFound, "no such product in the catalogue"));
        };
        if self.lines.len() >= MAX_PRODUCTS {
            let detail = format!("a run holds at most {MAX_PRODUCTS} distinct products");
            return Err(Rejection::new(Code::TooManyProducts, detail).with("limit", MAX_PRODUCTS));
        }
        Ok((LineRef::New(Line::new(product.clone())), Some(product)))
    }

    fn retraction(&self, product: ProductId, bidder: UserId) -> Result<Vec<Event>, Rejection> {
        let found = self.index(bidder).and_then(|i| {
            let line = self.line(product)?;
            line.bid_of(i).map(|bid| (line, bid))
        });
        let Some((line, bid)) = found else {
            return Err(Rejection::new(Code::BidNotFound, "there is no bid on this product to take back"));
        };
        let mut events = vec![Event::BidRetracted { user_id: bidder, line: line.after(Some(bid), None) }];
        if self.participant(bidder).is_some_and(|p| p.bids == 1) && self.was_the_last_one_missing(bidder) {
            events.extend(self.on_everyone_ready());
        }
        Ok(events)
    }

    pub(super) fn put_bid(&mut self, user: UserId, product: ProductId, bid: Bid) {
        let Some(i) = self.index(user) else { return };
        let Some(line) = self.lines.iter_mut().find(|line| line.product.id == product) else { return };
        let added = line.put(Bid { by: index_u32(i), ..bid });
        self.participants[i].bids += u32::from(added);
        self.participants[i].ready = false;
    }

    pub(super) fn take_bid(&mut self, user: UserId, product: ProductId) {
        let Some(i) = self.index(user) else { return };
        let Some(at) = self.lines.iter().position(|line| line.product.id == product) else { return };
        if self.lines[at].take(i) {
            self.participants[i].bids -= 1;
            self.participants[i].ready = false;
        }
        if self.lines[at].bids.is_empty() && self.lines[at].item.is_none() {
            self.lines.remove(at);
        }
    }
}

/// A line of the run, or one that would be new.
enum LineRef<'a> {
    Known(&'a Line),
    New(Line),
}

impl std::ops::Deref for LineRef<'_> {
    type Target = Line;

    fn deref(&self) -> &Line {
        match self {
            Self::Known(line) => line,
            Self::New(line) => line,
        }
    }
}

impl Line {
    /// What the line adds up to with `new` in place of `old`.
    pub(super) fn after(&self, old: Option<&Bid>, new: Option<&Bid>) -> LineNow {
        let mut wants = self.wants;
        let mut interested = self.interested;
        if let Some(old) = old {
            wants.subtract(old);
            interested -= u32::from(old.interested_only);
        }
        if let Some(new) = new {
            wants.add(new);
            interested += u32::from(new.interested_only);
        }
        LineNow {
            product_id: self.product.id,
            wanted: wants.quantity,
            interested,
            plan: self.plan_of(wants),
            listed: self.item.is_some(),
        }
    }

    fn check_fill(&self, before: Option<&Bid>, terms: &Bid) -> Result<(), Rejection> {
        let gap = self.plan().gap;
        let had = before.map_or(0, |bid| bid.max.thousandths());
        let increase = u64::from(terms.max.thousandths().saturating_sub(had));
        if !gap.is_zero() && increase <= gap.thousandths() {
            return Ok(());
        }
        let detail = if gap.is_zero() {
            "somebody else has just filled it".to_owned()
        } else {
            format!("only {gap} is missing now")
        };
        Err(Rejection::new(Code::GapTaken, detail).with("gap", gap))
    }

    /// Returns whether the bid is a new one.
    fn put(&mut self, bid: Bid) -> bool {
        self.wants.add(&bid);
        self.interested += u32::from(bid.interested_only);
        match self.bids.iter_mut().find(|b| b.by == bid.by) {
            Some(old) => {
                let old = std::mem::replace(old, bid);
                self.wants.subtract(&old);
                self.interested -= u32::from(old.interested_only);
                false
            }
            None => {
                self.bids.push(bid);
                true
            }
        }
    }

    /// Returns whether there was a bid.
    fn take(&mut self, participant: usize) -> bool {
        let Some(at) = self.bids.iter().position(|b| b.by as usize == participant) else { return false };
        let old = self.bids.remove(at);
        self.wants.subtract(&old);
        self.interested -= u32::from(old.interested_only);
        true
    }
}

impl Wants {
    fn add(&mut self, bid: &Bid) {
        self.min += bid.min;
        self.quantity += bid.quantity;
        self.max += bid.max;
    }

    fn subtract(&mut self, bid: &Bid) {
        self.min -= bid.min;
        self.quantity -= bid.quantity;
        self.max -= bid.max;
    }
}

/// The bid's numbers, checked against the product.
fn terms(bid: &PlaceBid, product: &Product) -> Result<Bid, Rejection> {
    let comment = bid.comment.clone().and_then(Comment::non_empty);
    if bid.interested_only {
        let none = Quantity::ZERO;
        return Ok(Bid { by: 0, min: none, quantity: none, max: none, interested_only: true, comment });
    }
    let (min, max) = (bid.min.unwrap_or_default(), bid.max.unwrap_or(bid.quantity));
    for (field, value) in [("quantity", bid.quantity), ("min", min), ("max", max)] {
        if !value.is_multiple_of(product.step) {
            let detail = format!("{field} {value} is not a multiple of {}", product.step);
            let facts = json!(product.step);
            return Err(Rejection::new(Code::NotAMultipleOfStep, detail)
                .with("field", field)
                .with("step", facts));
        }
    }
    if min > bid.quantity || bid.quantity > max {
        let detail = format!("{min} ≤ {} ≤ {max} does not hold: min ≤ quantity ≤ max", bid.quantity);
        return Err(Rejection::new(Code::BidBoundsDisordered, detail));
    }
    Ok(Bid { by: 0, min, quantity: bid.quantity, max, interested_only: false, comment })
}

pub(super) fn index_u32(i: usize) -> u32 {
    u32::try_from(i).expect("a run has far fewer than 2^32 participants")
}
