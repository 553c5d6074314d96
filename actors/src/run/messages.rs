//! What a run can be told, and how it answers.

use super::Shown;
use crate::live::{Answer, Refusal};
use crate::session::{Answered, CaughtUp, Missed, Session};
use actix::prelude::*;
use bulq_domain::event::Departure;
use bulq_domain::{
    Code, Command, CommandId, Context, Event, NewRun, Rejection, Run, RunId, Seq, Timestamp, UserId,
};
use bulq_protocol::wire;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::sync::oneshot;
use uuid::Uuid;

/// Decide this. Answered through `reply` when what was decided is durable.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Ask {
    pub what: What,
    pub reply: Reply,
    pub queued: Queued,
}

/// Counts a command while it lies in a run's mailbox.
pub struct Queued(());

impl Queued {
    #[must_use]
    pub fn now() -> Self {
        metrics::gauge!("bulq_run_mailbox_commands").increment(1);
        Self(())
    }
}

impl Drop for Queued {
    fn drop(&mut self) {
        metrics::gauge!("bulq_run_mailbox_commands").decrement(1);
    }
}

pub enum What {
    Command(Box<(Command, Context)>),
    Create(Box<(NewRun, Context)>),
    /// Somebody left the group or came back; from the outbox.
    Membership {
        user: UserId,
        change: Membership,
        id: CommandId,
        at: Timestamp,
    },
    /// The bidding deadline may have passed.
    Deadline {
        now: Timestamp,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Membership {
    Gone(Departure),
    Back,
}

/// Who is told what became of it.
pub enum Reply {
    Once(oneshot::Sender<Result<Answer, Refusal>>),
    Socket { to: Addr<Session>, id: u64 },
}

/// Changes up to and including this number are in the log. Answered by nothing.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Committed {
    pub upto: u64,
}

/// The database refused changes of this run: what is in memory is not what will be.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Doomed;

/// What is stored was changed behind the run's back: leave memory, so that the next caller reads it. Answered by nothing.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Reread;

/// Who has the run open on one worker thread; keeps the run in memory. Answered by a presence frame to everybody
/// who has it open, at most once a second.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Viewers {
    pub hub: usize,
    pub users: BTreeSet<UserId>,
    /// Somebody came or left; otherwise this is only a sign of life.
    pub stirred: bool,
}

/// Look at the durable state. Answered at once, with a reference: whoever reads encodes on their own thread.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Look(pub oneshot::Sender<Result<Arc<Shown>, Refusal>>);

impl Look {
    pub(super) fn answer(self, shown: Result<Arc<Shown>, Refusal>) {
        // Whoever asked may have gone.
        let _ = self.0.send(shown);
    }
}

/// Everything after this seq, or a snapshot. Answered with [`CaughtUp`].
#[derive(Message)]
#[rtype(result = "()")]
pub struct CatchUp {
    pub user: UserId,
    pub after: Option<Seq>,
    /// Comes back with the answer.
    pub token: u64,
    pub to: Addr<Session>,
}

/// What a change is stamped with.
pub(super) struct Stamp {
    pub at: Timestamp,
    /// None when the run moves by itself.
    pub by: Option<UserId>,
    /// Whose command id it is.
    pub author: UserId,
    pub command_id: Option<CommandId>,
    pub fingerprint: i64,
}

impl What {
    pub(super) fn stamp(&self) -> Stamp {
        match self {
            Self::Command(c) => Stamp::of(&c.1, c.0.fingerprint(c.1.by)),
            Self::Create(c) => Stamp::of(&c.1, c.0.fingerprint(c.1.by)),
            Self::Membership { user, id, at, .. } => {
                Stamp { at: *at, by: None, author: *user, command_id: Some(*id), fingerprint: 0 }
            }
            // Without an id: a deadline that has had its effect has none any more.
            Self::Deadline { now } => {
                Stamp { at: *now, by: None, author: UserId(Uuid::nil()), command_id: None, fingerprint: 0 }
            }
        }
    }

    pub(super) fn judge(self, run: Option<&Run>) -> Result<Vec<Event>, Refusal> {
        match (self, run) {
            (Self::Command(c), Some(run)) => run.decide(&c.0, &c.1).map_err(Refusal::Rejected),
            (Self::Create(c), None) => Ok(Run::create(c.0, &c.1)),
            (Self::Membership { user, change, .. }, Some(run)) => Ok(match change {
                Membership::Gone(how) => run.member_left(user, how),
                Membership::Back => run.member_returned(user),
            }),
            (Self::Deadline { now }, Some(run)) => Ok(run.deadline_passed(now)),
            (Self::Create(_), Some(_)) => Err(Refusal::Rejected(Rejection::new(
                Code::CommandIdReused,
                "there is a run with this id already",
            ))),
            (_, None) => Err(Refusal::NotFound),
        }
    }
}

impl Stamp {
    fn of(context: &Context, fingerprint: i64) -> Self {
        let (at, by, command_id) = (context.at, context.by, context.command_id);
        Self { at, by: Some(by), author: by, command_id, fingerprint }
    }
}

impl Reply {
    pub(super) const fn wants_events(&self) -> bool {
        matches!(self, Self::Once(_))
    }

    /// A receiver that is gone, or a socket that does not drain its mailbox, has lost its answer: to them the
    /// outcome is unknown, and asking again with the same command id tells.
    pub(super) fn send(self, run: RunId, answer: Result<Answer, Refusal>) {
        match self {
            Self::Once(to) => {
                let _ = to.send(answer);
            }
            Self::Socket { to, id } => {
                let outcome = answer.map(|answer| answer.seq);
                if to.try_send(Answered { id, run, outcome }).is_err() {
                    metrics::counter!("bulq_lost_answers_total").increment(1);
                }
            }
        }
    }
}

impl CatchUp {
    pub(super) fn snapshot(self, run: RunId, shown: Arc<Shown>) {
        self.answer(run, Ok(Missed::Snapshot(shown)));
    }

    pub(super) fn events(self, run: RunId, seq: Seq, events: &[Arc<str>]) {
        let json = wire::json_array(events.iter().map(|e| &**e));
        self.answer(run, Ok(Missed::Events { seq, json }));
    }

    pub(super) fn refuse(self, run: RunId, refusal: Refusal) {
        self.answer(run, Err(refusal));
    }

    fn answer(self, run: RunId, missed: Result<Missed, Refusal>) {
        let token = self.token;
        self.send(CaughtUp { run, token, missed });
    }

    /// A session whose mailbox is full is nudged by its hub later and asks again.
    fn send(self, caught_up: CaughtUp) {
        if self.to.try_send(caught_up).is_err() {
            metrics::counter!("bulq_lost_answers_total").increment(1);
        }
    }
}
