//! Commands that were sent and not yet answered: a state machine without IO.
//!
//! Invariant: every command that went in comes out exactly once, as an outcome.

use crate::Outcome;
use bulq_domain::{Command, CommandId, RunId};
use bulq_protocol::live::ClientFrame;
use std::collections::BTreeMap;

/// How many commands may wait for an answer on one connection, half of what a server takes. Further ones wait
/// with the caller.
pub const MAX_IN_FLIGHT: usize = 128;

/// Who waits for what. `W` is whatever tells the one who asked.
#[derive(Debug)]
pub struct Pending<W> {
    run: RunId,
    last_id: u64,
    waiting: BTreeMap<u64, W>,
}

impl<W> Pending<W> {
    #[must_use]
    pub fn new(run: RunId) -> Self {
        Self { run, last_id: 1, waiting: BTreeMap::new() }
    }

    #[must_use]
    pub fn has_room(&self) -> bool {
        self.waiting.len() < MAX_IN_FLIGHT
    }

    /// The frame that asks; its id is odd, see [`crate::resume::Resume`].
    pub fn ask(&mut self, command_id: CommandId, command: Command, who: W) -> ClientFrame {
        self.last_id += 2;
        let id = self.last_id;
        self.waiting.insert(id, who);
        ClientFrame::Command { id, run: self.run, command_id: Some(command_id), command }
    }

    /// Whom an answer is for.
    pub fn answered(&mut self, id: u64) -> Option<W> {
        self.waiting.remove(&id)
    }

    /// The connection is gone: nobody knows what became of these.
    pub fn lost(&mut self) -> impl Iterator<Item = (W, Outcome)> + use<W> {
        std::mem::take(&mut self.waiting).into_values().map(|who| (who, Outcome::Unknown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands;
    use uuid::Uuid;

    #[test]
    fn answered_and_lost_commands_come_out_once() {
        let mut pending = Pending::new(RunId(Uuid::from_u128(1)));
        let ids: Vec<_> = ["a", "b", "c"]
            .map(|who| match pending.ask(commands::new_id(), commands::open(), who) {
                ClientFrame::Command { id, .. } => id,
                other => panic!("not a command: {other:?}"),
            })
            .into();
        assert!(ids.iter().all(|id| id % 2 == 1));

        assert_eq!(pending.answered(ids[1]), Some("b"));
        assert_eq!(pending.answered(ids[1]), None);
        assert_eq!(
            pending.lost().collect::<Vec<_>>(),
            vec![("a", Outcome::Unknown), ("c", Outcome::Unknown)]
        );
        assert_eq!(pending.lost().count(), 0);
    }
}
