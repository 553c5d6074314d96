//! Folding events into the view, from what they carry alone: what a client in any language does.

use super::{AllocationView, BidView, CostView, ItemView, ParticipantView, ProductView, RunView};
use bulq_domain::event::{CancelledItem, LineNow, PurchasePart, Share};
use bulq_domain::run::Taken;
use bulq_domain::{Event, Money, ProductId, Quantity, Recorded, Role, Seq, Total, UserId};
use std::sync::Arc;

impl RunView {
    /// Folds one event; events with a seq that is already in the view change nothing.
    ///
    /// `viewer.may` is not kept up: after a transition ask the guard table or take a snapshot.
    pub fn apply(&mut self, recorded: &Recorded) {
        if recorded.seq <= self.seq {
            return;
        }
        self.seq = recorded.seq;
        if let Some(state) = recorded.event.new_state() {
            self.state = state;
            self.times.enter(state, recorded.at);
        }
        self.fold_planning(&recorded.event);
        self.fold_shopping(&recorded.event, recorded.seq);
        self.fold_people(&recorded.event);
        self.estimate = self.products.iter().fold(Money::ZERO, |sum, p| {
            sum.saturating_add(p.price.unwrap_or_default().times_thousandths(p.plan.planned.thousandths()))
        });
    }

    fn fold_planning(&mut self, event: &Event) {
        match event {
            Event::ProductAdded { product } => self.products.push(ProductView::empty(product)),
            Event::BidPlaced { user_id, min, quantity, max, interested_only, comment, line } => {
                let (user_id, min, quantity, max) = (*user_id, *min, *quantity, *max);
                let (interested_only, comment) = (*interested_only, comment.clone());
                self.put_bid(BidView { user_id, min, quantity, max, interested_only, comment }, line);
            }
            Event::BidRetracted { user_id, line } => self.take_bid(*user_id, line),
            Event::ReadySet { user_id, ready } => {
                if let Some(p) = self.participant(*user_id) {
                    p.ready = *ready;
                }
            }
            Event::DetailsEdited { comment, planned_on, bidding_deadline } => {
                if let Some(comment) = comment {
                    self.comment = comment.clone().non_empty();
                }
                self.planned_on = planned_on.unwrap_or(self.planned_on);
                self.bidding_deadline = bidding_deadline.unwrap_or(self.bidding_deadline);
            }
            Event::RunSteppedBack { .. } => self.participants.iter_mut().for_each(|p| p.ready = false),
            _ => {}
        }
    }

    fn fold_shopping(&mut self, event: &Event, seq: Seq) {
        match event {
            Event::ShoppingStarted { items, .. } => items.iter().for_each(|line| self.list(line, seq)),
            Event::ItemAdded { product, quantity, user_id, line } => {
                self.products.push(ProductView::empty(product));
                self.list(line, seq);
                if let Some(item) = self.item(line.product_id) {
                    item.requested = Total::from(*quantity);
                }
                let (user_id, min, quantity, max) = (*user_id, Quantity::ZERO, *quantity, *quantity);
                let (interested_only, comment) = (false, None);
                self.put_bid(BidView { user_id, min, quantity, max, interested_only, comment }, line);
            }
            Event::PurchaseRecorded { product_id, parts } => self.put_parts(*product_id, parts, seq),
            Event::PurchaseUndone { product_id } => self.put_parts(*product_id, &[], seq),
            Event::ShoppingFinished { shares, .. }
            | Event::AdjustingFinished { shares, .. }
            | Event::ReceivedSet { shares, .. } => self.put_shares(shares),
            Event::PickedUp { user_id, product_ids } => {
                self.take(*user_id, product_ids, Some(Taken::PickedUp))
            }
            Event::PickUpUndone { user_id, product_ids } => self.take(*user_id, product_ids, None),
            Event::LeftWithLeader { user_id, product_ids } => {
                self.take(*user_id, product_ids, Some(Taken::LeftWithLeader));
            }
            Event::CostAdded { label, amount, split, payer_id } => self.costs.push(CostView {
                id: seq,
                label: label.clone(),
                amount: *amount,
                split: *split,
                payer_id: *payer_id,
            }),
            Event::CostRemoved { cost } => self.costs.retain(|known| known.id != *cost),
            Event::RunCancelled { reason, items, shares, .. } => {
                self.cancel_reason = Some(reason.to_string());
                self.dispose(items, shares);
            }
            _ => {}
        }
    }

    fn fold_people(&mut self, event: &Event) {
        match event {
            Event::ParticipantJoined { user_id, name } => self.join(*user_id, name),
            Event::MemberLeft { user_id, lines, .. } => {
                lines.iter().for_each(|line| self.take_bid(*user_id, line));
                if let Some(p) = self.participant(*user_id) {
                    (p.removed, p.ready, p.role) = (true, false, Role::Removed);
                }
            }
            Event::MemberReturned { user_id } => {
                let role = self.role_without_appointment(*user_id);
                if let Some(p) = self.participant(*user_id) {
                    (p.removed, p.role) = (false, role);
                }
            }
            Event::HelperAppointed { user_id } => self.set_role(*user_id, Role::Helper),
            Event::HelperDismissed { user_id } => self.set_role(*user_id, Role::Participant),
            Event::HandoverOffered { to, .. } => self.handover = Some(*to),
            Event::HandoverEnded { .. } => self.handover = None,
            Event::LeadershipHandedOver { from, to } => {
                (self.leader_id, self.handover) = (*to, None);
                self.set_role(*from, Role::Participant);
                self.set_role(*to, Role::Leader);
            }
            _ => {}
        }
    }

    fn participant(&mut self, user: UserId) -> Option<&mut ParticipantView> {
        self.participants.iter_mut().find(|p| p.user_id == user)
    }

    fn product(&mut self, product: ProductId) -> Option<&mut ProductView> {
        self.products.iter_mut().find(|p| p.product_id == product)
    }

    fn item(&mut self, product: ProductId) -> Option<&mut ItemView> {
        self.product(product)?.item.as_mut()
    }

    fn set_role(&mut self, user: UserId, role: Role) {
        if let Some(p) = self.participant(user) {
            p.role = role;
        }
    }

    /// Whoever comes, or comes back, is no helper yet. A run keeps its leader even after they left, when it is cancelled.
    fn role_without_appointment(&self, user: UserId) -> Role {
        if user == self.leader_id { Role::Leader } else { Role::Participant }
    }

    fn join(&mut self, user_id: UserId, name: &Arc<str>) {
        let role = self.role_without_appointment(user_id);
        match self.participant(user_id) {
            Some(p) => (p.removed, p.role, p.name) = (false, role, name.clone()),
            None => {
                let (ready, removed) = (false, false);
                self.participants.push(ParticipantView { user_id, name: name.clone(), role, ready, removed });
            }
        }
    }

    fn put_bid(&mut self, bid: BidView, line: &LineNow) {
        let user = bid.user_id;
        let Some(product) = self.product(line.product_id) else { return };
        match product.bids.iter_mut().find(|b| b.user_id == user) {
            Some(old) => *old = bid,
            None => product.bids.push(bid),
        }
        product.now(line);
        self.unready(user);
    }

    fn take_bid(&mut self, user: UserId, line: &LineNow) {
        let Some(at) = self.products.iter().position(|p| p.product_id == line.product_id) else { return };
        self.products[at].bids.retain(|bid| bid.user_id != user);
        self.products[at].now(line);
        if line.is_gone() {
            self.products.remove(at);
        }
        self.unready(user);
    }

    fn unready(&mut self, user: UserId) {
        if let Some(p) = self.participant(user) {
            p.ready = false;
        }
    }

    fn list(&mut self, line: &LineNow, seq: Seq) {
        if let Some(product) = self.product(line.product_id) {
            let requested = line.plan.planned;
            product.item = Some(ItemView { requested, changed: seq, ..ItemView::default() });
        }
    }

    fn put_parts(&mut self, product: ProductId, parts: &[PurchasePart], seq: Seq) {
        let Some(product) = self.product(product) else { return };
        let item = product.item.get_or_insert_default();
        let bought = parts.iter().map(|part| u64::from(part.quantity.thousandths())).sum();
        item.bought = Total::from_thousandths(bought);
        item.total = parts.iter().fold(Money::ZERO, |sum, part| sum.saturating_add(part.total));
        (item.parts, item.changed) = (parts.to_vec(), seq);
    }

    fn put_shares(&mut self, shares: &[Share]) {
        let joined: Vec<UserId> = self.participants.iter().map(|p| p.user_id).collect();
        for share in shares {
            if let Some(item) = self.item(share.product_id) {
                item.put_share(share, &joined);
            }
        }
    }

    fn take(&mut self, user: UserId, products: &[ProductId], taken: Option<Taken>) {
        for product in products {
            let Some(item) = self.item(*product) else { continue };
            item.allocations.iter_mut().filter(|a| a.user_id == user).for_each(|a| a.taken = taken);
        }
    }

    fn dispose(&mut self, items: &[CancelledItem], shares: &[Share]) {
        for cancelled in items {
            let Some(item) = self.item(cancelled.product_id) else { continue };
            item.outcome = Some(cancelled.outcome);
            let stays =
                |user| shares.iter().any(|s| s.product_id == cancelled.product_id && s.user_id == user);
            item.allocations.retain(|allocation| stays(allocation.user_id));
            item.weigh();
        }
        self.put_shares(shares);
    }
}

impl ProductView {
    fn now(&mut self, line: &LineNow) {
        (self.wanted, self.interested, self.plan) = (line.wanted, line.interested, line.plan);
    }
}

impl ItemView {
    fn put_share(&mut self, share: &Share, joined: &[UserId]) {
        let (user_id, received, owed) = (share.user_id, share.quantity, share.share);
        match self.allocations.iter_mut().find(|a| a.user_id == user_id) {
            Some(known) => (known.received, known.share) = (received, owed),
            None => {
                self.allocations.push(AllocationView { user_id, received, share: owed, taken: None });
                let position = |user| joined.iter().position(|known| *known == user);
                self.allocations.sort_by_key(|a| position(a.user_id));
            }
        }
        self.weigh();
    }

    fn weigh(&mut self) {
        let received = self.allocations.iter().map(|a| u64::from(a.received.thousandths())).sum();
        self.shrink = match self.allocations.is_empty() {
            true => Total::ZERO,
            false => self.bought.saturating_sub(Total::from_thousandths(received)),
        };
    }
}
