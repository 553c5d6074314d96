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
    /// `first > last`: it changed nothing.
    Committed {
        first: Seq,
        last: Seq,
    },
    Rejected(Box<Rejection>),
}

impl Remembered {
    pub(super) fn get(&self, command: CommandId) -> Option<&Entry> {
        self.0.get(&command)
    }

    pub(super) fn insert(&mut self, command: CommandId, fingerprint: i64, outcome: Outcome) {
        self.0.insert(command, Entry { fingerprint, outcome });
    }
}
