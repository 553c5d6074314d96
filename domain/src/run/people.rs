//! People joining, leaving and coming back.

use super::{Participant, Run};
use crate::event::{Cause, Departure, HandoverEnd, LineNow};
use crate::{Event, State, UserId};
use std::sync::Arc;

impl Run {
    /// What it means for this run that somebody left the group, or was removed from it.
    #[must_use]
    pub fn member_left(&self, user: UserId, reason: Departure) -> Vec<Event> {
        if !self.state.is_live() || self.gone.contains(&user) {
            return Vec::new();
        }
        let mut events = Vec::new();
        if self.handover == Some(user) {
            events.extend(self.handover_ended(HandoverEnd::Left));
        }
        events.push(Event::MemberLeft { user_id: user, reason, lines: self.lines_without(user) });
        if user == self.leader_id {
            let cause = match reason {
                Departure::Left => Cause::LeaderLeft,
                Departure::Removed => Cause::LeaderRemoved,
            };
            let reason =
                if cause == Cause::LeaderLeft { "leader left" } else { "leader was removed from the group" };
            let mut left = self.clone();
            left.shut_out(user);
            events.extend(left.cancelled(reason, cause, left.cancellation_by_itself()));
        } else if self.was_the_last_one_missing(user) {
            events.extend(self.on_everyone_ready());
        }
        events
    }

    /// What it means for this run that somebody is in the group again.
    #[must_use]
    pub fn member_returned(&self, user: UserId) -> Vec<Event> {
        if !self.gone.contains(&user) {
            return Vec::new();
        }
        vec![Event::MemberReturned { user_id: user }]
    }

    /// Everybody else who holds a bid is ready, and at least one does.
    pub(super) fn was_the_last_one_missing(&self, user: UserId) -> bool {
        self.state == State::Active
            && self.participant(user).is_some_and(|p| p.bids > 0 && !p.ready)
            && self.participants.iter().any(|p| p.bids > 0 && p.user_id != user)
            && self.everyone_ready_but(user)
    }

    fn lines_without(&self, user: UserId) -> Vec<LineNow> {
        let Some(i) = self.index(user).filter(|_| self.wishes_are_open()) else { return Vec::new() };
        self.lines.iter().filter_map(|line| line.bid_of(i).map(|bid| line.after(Some(bid), None))).collect()
    }

    /// Until goods are allocated a bid is a wish that goes with its owner; an allocation is history.
    const fn wishes_are_open(&self) -> bool {
        !matches!(self.state, State::Distributing | State::Completed | State::Cancelled)
    }

    pub(super) fn join(&mut self, user_id: UserId, name: &Arc<str>) {
        match self.index(user_id) {
            Some(i) => {
                self.participants[i].removed = false;
                self.participants[i].name = name.clone();
            }
            None => self.participants.push(Participant {
                user_id,
                name: name.clone(),
                helper: false,
                ready: false,
                removed: false,
                bids: 0,
            }),
        }
    }

    pub(super) fn shut_out(&mut self, user: UserId) {
        self.gone.insert(user);
        if self.wishes_are_open() {
            let products: Vec<_> = self.lines.iter().map(|line| line.product.id).collect();
            products.into_iter().for_each(|product| self.take_bid(user, product));
        }
        if let Some(i) = self.index(user) {
            let participant = &mut self.participants[i];
            (participant.removed, participant.ready, participant.helper) = (true, false, false);
        }
    }

    /// In the group again: whoever took part does so again.
    pub(super) fn let_in(&mut self, user: UserId) {
        self.gone.remove(&user);
        if let Some(i) = self.index(user) {
            self.participants[i].removed = false;
        }
    }
}
