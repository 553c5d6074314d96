//! What is decided but not yet durable, and the answers that wait for it: the output gate.

use super::messages::Reply;
use bulq_domain::run::Notice;
use bulq_domain::{Recorded, Rejection, Seq};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// One change on its way to the database.
pub(super) struct Pending {
    pub recorded: Vec<Recorded>,
    pub envelopes: Vec<Arc<str>>,
    /// Whom these events concern, by seq.
    pub notices: Vec<(Seq, Notice)>,
    pub bytes: usize,
}

impl Pending {
    /// A change that nobody is shown.
    pub(super) const fn silent(bytes: usize) -> Self {
        Self { recorded: Vec::new(), envelopes: Vec::new(), notices: Vec::new(), bytes }
    }
}

/// What may be shown now.
pub(super) struct Settled {
    pub events: Vec<(Recorded, Arc<str>)>,
    pub notices: Vec<(Seq, Notice)>,
    /// The answers that waited for it.
    pub ready: Vec<Held>,
}

/// An answer behind the gate.
pub(super) struct Held {
    pub reply: Reply,
    pub verdict: Verdict,
}

pub(super) enum Verdict {
    Committed {
        seq: Seq,
        events: Vec<Arc<str>>,
    },
    /// The same command came before.
    Replayed {
        first: Seq,
        last: Seq,
    },
    Rejected(Rejection),
}

/// Changes are numbered as they are submitted. An answer waits for the number that was the last when it was given.
#[derive(Default)]
pub(super) struct Tail {
    submitted: u64,
    confirmed: u64,
    /// Each with the time since which it is under way.
    pending: VecDeque<(Instant, Pending)>,
    held: VecDeque<(u64, Held)>,
}

impl Tail {
    pub(super) fn is_settled(&self) -> bool {
        self.submitted == self.confirmed
    }

    /// The database is behind by more than this.
    pub(super) fn waits_longer_than(&self, limit: Duration) -> bool {
        self.pending.front().is_some_and(|(since, _)| since.elapsed() > limit)
    }

    /// Gives the answer back if nothing stands in its way.
    pub(super) fn hold(&mut self, held: Held) -> Option<Held> {
        if self.is_settled() {
            return Some(held);
        }
        self.held.push_back((self.submitted, held));
        None
    }

    /// The number of the change; its answer waits for it.
    pub(super) fn push(&mut self, pending: Pending, held: Held) -> u64 {
        self.pending.push_back((Instant::now(), pending));
        self.submitted += 1;
        self.held.push_back((self.submitted, held));
        self.submitted
    }

    /// Everything up to change `upto` is durable: its events, and the answers that may go out.
    pub(super) fn settle(&mut self, upto: u64) -> Settled {
        let changes = usize::try_from(upto.saturating_sub(self.confirmed)).unwrap_or(usize::MAX);
        let changes = changes.min(self.pending.len());
        self.confirmed = self.confirmed.max(upto);
        let (mut events, mut notices) = (Vec::new(), Vec::new());
        for (_, change) in self.pending.drain(..changes) {
            events.extend(change.recorded.into_iter().zip(change.envelopes));
            notices.extend(change.notices);
        }
        let ready = self.held.partition_point(|(number, _)| *number <= upto);
        let ready = self.held.drain(..ready).map(|(_, held)| held).collect();
        Settled { events, notices, ready }
    }

    pub(super) fn drain_held(&mut self) -> impl Iterator<Item = Held> {
        self.held.drain(..).map(|(_, held)| held)
    }
}
