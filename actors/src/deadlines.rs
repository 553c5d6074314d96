//! Bidding that closes by itself. The deadline lies in the database with its run, so it fires after a restart too;
//! the run decides whether it still means anything, so it fires once.

use crate::live::Live;
use actix::ArbiterHandle;
use bulq_domain::RunId;
use bulq_storage::{StorageError, runs};
use std::time::Duration;

/// A deadline is kept to within this time. The look is one step into a partial index.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const RUNS: i64 = 100;

pub(crate) struct Deadlines {
    live: Live,
}

impl Deadlines {
    pub(crate) fn new(live: Live) -> Self {
        Self { live }
    }

    pub(crate) fn start_on(self, arbiter: &ArbiterHandle) {
        arbiter.spawn(self.run());
    }

    async fn run(self) {
        while !self.live.is_draining() {
            if let Err(error) = close_what_is_due(&self.live).await {
                tracing::warn!(%error, "deadlines could not be looked up; it is tried again");
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

/// Tells every run whose deadline has passed, by the clock of `live`.
///
/// # Errors
/// Faults of the look-up; a run that cannot be told is left for the next look.
pub async fn close_what_is_due(live: &Live) -> Result<(), StorageError> {
    let now = live.now().timestamp_micros();
    for run in runs::due_deadlines(live.db(), now, RUNS).await? {
        if let Err(refusal) = live.deadline(RunId(run)).await {
            tracing::warn!(run.id = %run, ?refusal, "a run could not be told of its deadline yet");
        }
    }
    Ok(())
}
