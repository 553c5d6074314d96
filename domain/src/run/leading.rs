//! Helpers, and handing over the lead.

use super::Run;
use crate::event::HandoverEnd;
use crate::{Code, Context, Event, Rejection, UserId};

impl Run {
    pub(super) fn appoint_helper(&self, user: UserId, context: &Context) -> Result<Vec<Event>, Rejection> {
        if user == self.leader_id {
            return Err(Rejection::new(Code::LeaderIsNoHelper, "the leader may do all a helper may"));
        }
        let (user_id, name) = self.known_person(user, context)?;
        match self.participant(user) {
            Some(p) if p.helper => Ok(Vec::new()),
            Some(p) if !p.removed => Ok(vec![Event::HelperAppointed { user_id }]),
            _ => Ok(vec![Event::ParticipantJoined { user_id, name }, Event::HelperAppointed { user_id }]),
        }
    }

    pub(super) fn dismiss_helper(&self, user_id: UserId) -> Vec<Event> {
        match self.participant(user_id) {
            Some(p) if p.helper => vec![Event::HelperDismissed { user_id }],
            _ => Vec::new(),
        }
    }

    /// One offer at a time, to somebody who takes part.
    pub(super) fn offer_handover(&self, to: UserId) -> Result<Vec<Event>, Rejection> {
        if let Some(open) = self.handover {
            let detail = "the lead is offered to somebody already: withdraw that offer first";
            return Err(Rejection::new(Code::HandoverOpen, detail).with("to", open));
        }
        if to == self.leader_id || self.participant(to).is_none_or(|p| p.removed) {
            let detail = "the lead goes only to somebody else who takes part in the run";
            return Err(Rejection::new(Code::NotAParticipant, detail));
        }
        Ok(vec![Event::HandoverOffered { from: self.leader_id, to }])
    }

    pub(super) fn accept_handover(&self, by: UserId) -> Result<Vec<Event>, Rejection> {
        let to = self.offered_to(by)?;
        Ok(vec![Event::LeadershipHandedOver { from: self.leader_id, to }])
    }

    pub(super) fn decline_handover(&self, by: UserId) -> Result<Vec<Event>, Rejection> {
        self.offered_to(by)?;
        Ok(self.handover_ended(HandoverEnd::Declined).into_iter().collect())
    }

    pub(super) fn withdraw_handover(&self) -> Result<Vec<Event>, Rejection> {
        let event = self.handover_ended(HandoverEnd::Withdrawn).ok_or_else(no_handover)?;
        Ok(vec![event])
    }

    pub(super) fn handover_ended(&self, reason: HandoverEnd) -> Option<Event> {
        self.handover.map(|to| Event::HandoverEnded { from: self.leader_id, to, reason })
    }

    fn offered_to(&self, by: UserId) -> Result<UserId, Rejection> {
        match self.handover {
            None => Err(no_handover()),
            Some(to) if to == by => Ok(to),
            Some(_) => Err(Rejection::new(Code::HandoverNotYours, "the lead was offered to somebody else")),
        }
    }

    pub(super) fn set_helper(&mut self, user: UserId, helper: bool) {
        if let Some(i) = self.index(user) {
            self.participants[i].helper = helper;
        }
    }

    pub(super) fn hand_over(&mut self, to: UserId) {
        self.leader_id = to;
        self.handover = None;
        self.set_helper(to, false);
    }
}

fn no_handover() -> Rejection {
    Rejection::new(Code::NoHandover, "there is no open offer of the lead")
}
