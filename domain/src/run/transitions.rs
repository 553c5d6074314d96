//! The leader's moves between states, and what they may say about the run.

use super::Run;
use crate::command::EditDetails;
use crate::event::Cause;
use crate::{Code, Event, Rejection, State, Timestamp};

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

    /// When bidding closes by itself, if it does.
    ///
    /// A run that became active after its deadline was opened again on purpose: that deadline has had its day.
    #[must_use]
    pub fn closes_at(&self) -> Option<Timestamp> {
        let opened = self.times.get(&State::Active)?;
        self.bidding_deadline.filter(|deadline| self.state == State::Active && opened <= deadline)
    }

    /// What the passing of the deadline means, once: nothing while it has not come, and nothing afterwards.
    #[must_use]
    pub fn deadline_passed(&self, now: Timestamp) -> Vec<Event> {
        let due = self.closes_at().is_some_and(|deadline| deadline <= now);
        due.then(|| self.confirmed(Cause::Deadline)).into_iter().collect()
    }
}
