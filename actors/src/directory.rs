//! Which runs are in memory. Ten callers who want the same run start one actor.

use crate::run::RunActor;
use actix::Addr;
use bulq_domain::RunId;
use dashmap::DashMap;
use std::sync::Arc;

/// The live runs of this process. Cheap to clone.
#[derive(Clone, Default)]
pub struct Directory(Arc<DashMap<RunId, Addr<RunActor>>>);

impl Directory {
    /// The run's actor; `start` makes it if there is none.
    pub fn get_or_start(&self, run: RunId, start: impl Fn() -> Addr<RunActor>) -> Addr<RunActor> {
        if let Some(addr) = self.get(run) {
            return addr;
        }
        let mut entry = self.0.entry(run).or_insert_with(&start);
        if !entry.connected() {
            *entry = start();
        }
        entry.clone()
    }

    /// The run's actor if it is in memory.
    #[must_use]
    pub fn get(&self, run: RunId) -> Option<Addr<RunActor>> {
        self.0.get(&run).map(|addr| addr.clone()).filter(Addr::connected)
    }

    /// Forgets the run if it is still this actor's; called by the actor itself, and by whoever finds it closed.
    pub fn forget(&self, run: RunId, addr: &Addr<RunActor>) {
        self.0.remove_if(&run, |_, known| known == addr);
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
