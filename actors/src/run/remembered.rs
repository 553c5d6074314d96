//! Every command id of a run with what became of it, for the life of the run.

use bulq_domain::{CommandId, Rejection, Seq};
use std::collections::HashMap;

/// Most of them were there when the run was read or rested last, and take no more room than they need.
#[derive(Default)]
pub(super) struct Remembered {
    /// Sorted by id.
    settled: Box<[(CommandId, Entry)]>,
    since: HashMap<CommandId, Entry>,
}

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
    pub(super) fn of(mut read: Vec<(CommandId, Entry)>) -> Self {
        read.sort_unstable_by_key(|(command, _)| *command);
        Self { settled: read.into_boxed_slice(), since: HashMap::new() }
    }

    /// Gives back what room the ones since took beyond their own size.
    pub(super) fn settle(&mut self) {
        if !self.since.is_empty() {
            let since = std::mem::take(&mut self.since);
            let settled = std::mem::take(&mut self.settled).into_vec();
            *self = Self::of(settled.into_iter().chain(since).collect());
        }
    }

    pub(super) fn get(&self, command: CommandId) -> Option<&Entry> {
        self.since.get(&command).or_else(|| {
            let at = self.settled.binary_search_by_key(&command, |(command, _)| *command).ok()?;
            Some(&self.settled[at].1)
        })
    }

    pub(super) fn insert(&mut self, command: CommandId, fingerprint: i64, outcome: Outcome) {
        self.since.insert(command, Entry { fingerprint, outcome });
    }
}
