//! The leader's moves between states, and what they may say about the run.

use super::Run;
use crate::command::{Cancel, EditDetails, ItemOutcome};
use crate::event::Cause;
use crate::{Code, Event, Rejection, Seq, State, UserId};

/// What cancelling now would mean. The commit uses the same code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cancellation {
    pub state: State,
    /// How many bids become void.
    pub void_bids: u32,
    /// Who holds them.
    pub people: Vec<UserId>,
    pub seq: Seq,
}

impl Run {
    pub(super) fn open(&self) -> Vec<Event> {
        vec![Event::RunOpened { state: State::Active, cause: Cause::Leader }]
    }

    pub(super) fn confirmed(&self, cause: Cause) -> Event {
        let unready =
            self.participants.iter().filter(|p| p.bids > 0 && !p.ready).map(|p| p.user_id).collect();
        Event::RunConfirmed { state: State::Confirmed, cause, unready }
    }

    pub(super) fn step_back(&self) -> Result<Vec<Event>, Rejection> {
        if self.state == State::Confirmed {
            return Ok(vec![Event::RunSteppedBack { state: State::Active }]);
        }
        let others = self.participants.iter().filter(|p| p.bids > 0 && p.user_id != self.leader_id).count();
        if others > 0 {
            let detail =
                format!("{others} other people have bids; back to planning only while nobody else has one");
            return Err(Rejection::new(Code::OthersHaveBids, detail).with("people", others));
        }
        Ok(vec![Event::RunSteppedBack { state: State::Planning }])
    }

    pub(super) fn edit_details(&self, edit: &EditDetails) -> Vec<Event> {
        let comment = edit.comment.clone().filter(|c| c.clone().non_empty() != self.comment);
        let planned_on = edit.planned_on.filter(|date| *date != self.planned_on);
        let bidding_deadline = edit.bidding_deadline.filter(|at| *at != self.bidding_deadline);
        if comment.is_none() && planned_on.is_none() && bidding_deadline.is_none() {
            return Vec::new();
        }
        vec![Event::DetailsEdited { comment, planned_on, bidding_deadline }]
    }

    pub(super) fn cancel(&self, cancel: &Cancel) -> Result<Vec<Event>, Rejection> {
        if let Some(expected) = cancel.expected_seq.filter(|seq| *seq != self.seq) {
            let detail =
                format!("the run is at seq {} now, not {expected}: look again before you cancel", self.seq);
            return Err(Rejection::new(Code::SeqConflict, detail).with("seq", self.seq));
        }
        Ok(vec![self.cancelled(cancel.reason.as_str(), Cause::Leader, cancel.outcomes.clone())])
    }

    /// What [`Run::decide`] would do to everybody on a cancel now.
    #[must_use]
    pub fn cancellation(&self) -> Cancellation {
        let bidders = self.participants.iter().filter(|p| p.bids > 0);
        Cancellation {
            state: self.state,
            void_bids: bidders.clone().map(|p| p.bids).sum(),
            people: bidders.map(|p| p.user_id).collect(),
            seq: self.seq,
        }
    }

    pub(super) fn cancelled(&self, reason: &str, cause: Cause, outcomes: Vec<ItemOutcome>) -> Event {
        Event::RunCancelled {
            state: State::Cancelled,
            reason: reason.into(),
            cause,
            void_bids: self.cancellation().void_bids,
            outcomes,
        }
    }
}
