//! Every command id of a run with what became of it, for the life of the run.

use bulq_domain::{CommandId, Rejection, Seq};
use std::collections::HashMap;

#[derive(Default)]
pub(super) struct Remembered(HashMap<CommandId, Entry>);

pub(super) struct Entry {
    pub fingerprint: i64,
    pub outcome: Outcome,
}

pub(super) enum Outcome {
    /// So many from this seq on; none: it changed nothing. A count instead of a last seq, because a live run has one of
    /// these for every command there ever was.
    Committed {
        first: Seq,
        events: u32,
    },
    Rejected(Box<Rejection>),
}

impl Outcome {
    /// `first > last`: it changed nothing.
    pub(super) fn committed(first: Seq, last: Seq) -> Self {
        let events = (last + 1).saturating_sub(first);
        Self::Committed { first, events: u32::try_from(events).unwrap_or(u32::MAX) }
    }
}

impl Remembered {
    pub(super) fn get(&self, command: CommandId) -> Option<&Entry> {
        self.0.get(&command)
    }

    pub(super) fn insert(&mut self, command: CommandId, fingerprint: i64, outcome: Outcome) {
        self.0.insert(command, Entry { fingerprint, outcome });
    }
}
