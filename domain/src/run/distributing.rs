//! Handing out: weighing, picking up, leaving with the leader, and the end.

use super::bidding::index_u32;
use super::{Item, Line, Run, Taken};
use crate::apportion::apportion;
use crate::command::{PickUp, SetReceived};
use crate::event::Share;
use crate::{Code, Event, Money, ProductId, Quantity, Rejection, State, Total, UserId};

impl Run {
    /// What somebody really got, by the scales. What is missing then is shrink, and shared like the goods.
    pub(super) fn set_received(&self, set: &SetReceived) -> Result<Vec<Event>, Rejection> {
        let Some((line, item)) = self.line(set.product_id).and_then(|line| Some((line, line.bought_item()?)))
        else {
            return Err(Rejection::new(Code::AllocationNotFound, "nothing of this product was bought"));
        };
        let Some(person) = self.index(set.user_id) else {
            return Err(Rejection::new(
                Code::AllocationNotFound,
                "this person does not take part in the run",
            ));
        };
        let before = item.allocation(person);
        if before.is_none() && self.participants[person].removed {
            return Err(Rejection::new(Code::AllocationNotFound, "this person has left the run"));
        }
        if before.is_some_and(|allocation| allocation.taken.is_some()) {
            let detail = "this was picked up already: undo the pick-up before you weigh it again";
            return Err(Rejection::new(Code::AlreadyPickedUp, detail));
        }
        check_received(line, item, before.map_or(Quantity::ZERO, |b| b.received), set.received)?;
        if before.map_or(Quantity::ZERO, |allocation| allocation.received) == set.received {
            return Ok(Vec::new());
        }
        Ok(vec![self.weighed(line, item, person, set)])
    }

    /// Everybody's shares of the item with the new weight; ties count what was lost over the other items.
    fn weighed(&self, line: &Line, item: &Item, person: usize, set: &SetReceived) -> Event {
        let mut received: Vec<(u32, Quantity)> =
            item.allocations.iter().map(|a| (a.by, a.received)).collect();
        let by = index_u32(person);
        match received.binary_search_by_key(&by, |&(by, _)| by) {
            Ok(at) => received[at].1 = set.received,
            Err(at) => received.insert(at, (by, set.received)),
        }
        let losses = self.money_ties_lost(Some(item));
        let losses: Vec<u32> = received.iter().map(|&(by, _)| losses[by as usize]).collect();
        let weights: Vec<u64> = received.iter().map(|(_, quantity)| quantity.thousandths().into()).collect();
        let shares = apportion(item.total().0.unsigned_abs(), &weights, &losses);
        let handed_out = Total::from_thousandths(weights.iter().sum());
        let shares = received.into_iter().zip(shares).map(|((by, quantity), share)| Share {
            user_id: self.user(by),
            product_id: line.product.id,
            quantity,
            share: Money(share.cast_signed()),
        });
        Event::ReceivedSet {
            user_id: set.user_id,
            product_id: line.product.id,
            received: set.received,
            shrink: Total::from(item.bought()).saturating_sub(handed_out),
            shares: shares.collect(),
        }
    }

    pub(super) fn pick_up(&self, pick_up: &PickUp) -> Result<Vec<Event>, Rejection> {
        let product_ids = self.waiting(pick_up)?;
        Ok(vec![Event::PickedUp { user_id: pick_up.user_id, product_ids }])
    }

    pub(super) fn left_with_leader(&self, left: &PickUp) -> Result<Vec<Event>, Rejection> {
        let product_ids = self.waiting(left)?;
        Ok(vec![Event::LeftWithLeader { user_id: left.user_id, product_ids }])
    }

    pub(super) fn undo_pick_up(&self, undo: &PickUp) -> Result<Vec<Event>, Rejection> {
        let product_ids = self.allocated(undo, |taken| taken.is_some())?;
        if product_ids.is_empty() {
            return Err(Rejection::new(Code::NotPickedUp, "nothing of this was picked up"));
        }
        Ok(vec![Event::PickUpUndone { user_id: undo.user_id, product_ids }])
    }

    pub(super) fn complete(&self) -> Result<Vec<Event>, Rejection> {
        let waiting =
            self.lines.iter().filter_map(|line| line.item.as_ref()).flat_map(|item| &item.allocations);
        let waiting = waiting.filter(|a| a.taken.is_none() && !a.received.is_zero()).count();
        if waiting > 0 {
            let detail =
                format!("{waiting} are not picked up yet: pick them up, or leave them with the leader");
            return Err(Rejection::new(Code::NotAllPickedUp, detail).with("waiting", waiting));
        }
        Ok(self.ended(Event::RunCompleted { state: State::Completed }))
    }

    /// What still waits for this person: one item, or all there is.
    fn waiting(&self, which: &PickUp) -> Result<Vec<ProductId>, Rejection> {
        let product_ids = self.allocated(which, |taken| taken.is_none())?;
        if product_ids.is_empty() {
            return Err(Rejection::new(
                Code::AlreadyPickedUp,
                "this was picked up already, or left with the leader",
            ));
        }
        Ok(product_ids)
    }

    /// The products allocated to the person, as far as `wanted` says.
    fn allocated(
        &self,
        which: &PickUp,
        wanted: impl Fn(Option<Taken>) -> bool,
    ) -> Result<Vec<ProductId>, Rejection> {
        let person = self.index(which.user_id);
        let theirs: Vec<(ProductId, Option<Taken>)> = self
            .lines
            .iter()
            .filter(|line| which.product_id.is_none_or(|product| product == line.product.id))
            .filter_map(|line| Some((line.product.id, line.item.as_ref()?.allocation(person?)?)))
            .filter(|(_, allocation)| !allocation.received.is_zero())
            .map(|(product, allocation)| (product, allocation.taken))
            .collect();
        if theirs.is_empty() {
            return Err(Rejection::new(Code::AllocationNotFound, "nothing of this goes to this person"));
        }
        Ok(theirs.into_iter().filter(|&(_, taken)| wanted(taken)).map(|(product, _)| product).collect())
    }

    pub(super) fn take(&mut self, user: UserId, products: &[ProductId], taken: Option<Taken>) {
        let Some(by) = self.index(user).map(index_u32) else { return };
        let lines = self.lines.iter_mut().filter(|line| products.contains(&line.product.id));
        for item in lines.filter_map(|line| line.item.as_mut()) {
            item.allocations.iter_mut().filter(|a| a.by == by).for_each(|a| a.taken = taken);
        }
    }
}

/// Pieces stay whole; everything else is what the scales say. Nobody gets what was not bought.
fn check_received(line: &Line, item: &Item, had: Quantity, received: Quantity) -> Result<(), Rejection> {
    let step = line.product.step;
    if line.product.unit == super::Unit::Piece && !received.is_multiple_of(step) {
        let detail = format!("received {received} is not a multiple of {step}");
        return Err(Rejection::new(Code::NotAMultipleOfStep, detail)
            .with("field", "received")
            .with("step", step));
    }
    let max = Total::from_thousandths(item.shrink().thousandths() + u64::from(had.thousandths()));
    if Total::from(received) > max {
        let detail = format!("only {max} is left of what was bought");
        return Err(Rejection::new(Code::MoreThanBought, detail).with("max", max));
    }
    Ok(())
}
