//! The way to the database: one lane is one actor with one batch in flight. The batcher decides, this shell does.

use crate::batcher::{Batcher, Output, Presence, TxResult, Work};
use crate::budget::Budget;
use crate::run::{Committed, Doomed, RunActor};
use actix::prelude::*;
use bulq_storage::journal::{self, Change, CommitError};
use bulq_storage::{Database, StorageError};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// At most this many changes in one transaction.
const MAX_BATCH: usize = 512;
/// How many changes a lane's mailbox takes. The budget of un-durable bytes is reached long before.
const MAILBOX: usize = 1 << 16;

/// A change on its way to the log. Answered with [`Committed`] or [`Doomed`] to the run.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Submit {
    pub change: Change,
    pub receipt: Receipt,
}

/// Whom to tell.
#[derive(Clone, Debug)]
pub struct Receipt {
    pub run: Addr<RunActor>,
    /// The run's own count of its changes.
    pub number: u64,
    /// What the change takes of the budget.
    pub bytes: usize,
}

impl Work for Submit {
    type Run = Uuid;

    fn run(&self) -> Uuid {
        self.change.run_id
    }
}

/// One lane. A run is always in the same one, and lives on its thread.
pub struct Persistence {
    db: Database,
    budget: Budget,
    up: Arc<AtomicBool>,
    batcher: Batcher<Submit>,
    turn_due: bool,
}

impl Persistence {
    #[must_use]
    pub fn new(db: Database, budget: Budget, up: Arc<AtomicBool>) -> Self {
        Self { db, budget, up, batcher: Batcher::new(MAX_BATCH), turn_due: false }
    }

    fn perform(&mut self, outputs: Vec<Output<Submit>>, ctx: &mut Context<Self>) {
        for output in outputs {
            match output {
                Output::Begin(batch) => self.commit(batch, ctx),
                Output::Look(batch) => self.look(batch, ctx),
                Output::Wait { attempt } => {
                    self.up.store(false, Ordering::Relaxed);
                    ctx.run_later(back_off(attempt), |lane, ctx| {
                        let outputs = lane.batcher.on_wake();
                        lane.perform(outputs, ctx);
                    });
                }
                Output::Ack(batch) => self.acknowledge(batch),
                Output::Nack(batch) => self.doom(batch),
            }
        }
    }

    fn commit(&self, batch: Vec<Submit>, ctx: &mut Context<Self>) {
        metrics::histogram!("bulq_commit_batch_changes").record(batch.len() as f64);
        metrics::gauge!("bulq_commit_queue_changes").set(self.batcher.waiting() as f64);
        let (changes, receipts): (Vec<Change>, Vec<Receipt>) =
            batch.into_iter().map(|s| (s.change, s.receipt)).unzip();
        let db = self.db.clone();
        let began = Instant::now();
        let work = async move {
            let result = journal::commit(&db, &changes).await;
            (changes, receipts, result)
        };
        ctx.spawn(work.into_actor(self).map(move |(changes, receipts, result), lane, ctx| {
            metrics::histogram!("bulq_commit_seconds").record(began.elapsed().as_secs_f64());
            let batch = changes
                .into_iter()
                .zip(receipts)
                .map(|(change, receipt)| Submit { change, receipt })
                .collect();
            let outputs = lane.batcher.on_result(batch, verdict(result));
            lane.perform(outputs, ctx);
        }));
    }

    fn look(&self, batch: Vec<Submit>, ctx: &mut Context<Self>) {
        let db = self.db.clone();
        let work = async move {
            let presence = presence(&db, &batch).await;
            (batch, presence)
        };
        ctx.spawn(work.into_actor(self).map(|(batch, presence), lane, ctx| {
            let presence = presence.unwrap_or_else(|error| {
                tracing::warn!(%error, "could not look whether a batch is in the log");
                Presence::Down
            });
            let outputs = lane.batcher.on_presence(batch, presence);
            lane.perform(outputs, ctx);
        }));
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "at most one per change the run itself has submitted, which the budget bounds; a full mailbox must not lose it"
    )]
    fn acknowledge(&mut self, batch: Vec<Submit>) {
        if !self.up.swap(true, Ordering::Relaxed) {
            tracing::info!("the database is back");
        }
        let mut upto: HashMap<Uuid, Receipt> = HashMap::new();
        for submit in batch {
            self.budget.give_back(submit.receipt.bytes);
            upto.insert(submit.change.run_id, submit.receipt);
        }
        for receipt in upto.into_values() {
            receipt.run.do_send(Committed { upto: receipt.number });
        }
    }

    #[expect(clippy::disallowed_methods, reason = "one per run and failure; a full mailbox must not lose it")]
    fn doom(&mut self, batch: Vec<Submit>) {
        let mut runs: HashMap<Uuid, Receipt> = HashMap::new();
        for submit in batch {
            self.budget.give_back(submit.receipt.bytes);
            runs.insert(submit.change.run_id, submit.receipt);
        }
        for (run, receipt) in runs {
            tracing::error!(run.id = %run, "changes of a run were refused by the database; the run is read again from its log");
            receipt.run.do_send(Doomed);
        }
    }
}

impl Actor for Persistence {
    type Context = Context<Self>;

    fn started(&mut self, ctx: &mut Context<Self>) {
        ctx.set_mailbox_capacity(MAILBOX);
    }
}

impl Handler<Submit> for Persistence {
    type Result = ();

    fn handle(&mut self, submit: Submit, ctx: &mut Context<Self>) {
        self.batcher.on_submit(submit);
        if std::mem::replace(&mut self.turn_due, true) {
            return;
        }
        // The runs of this lane live on its thread: letting them and the mailbox go first puts what came in together
        // into one batch, at the price of one turn of this thread.
        ctx.spawn(tokio::task::yield_now().into_actor(self).map(|(), lane, ctx| {
            lane.turn_due = false;
            let outputs = lane.batcher.on_turn();
            lane.perform(outputs, ctx);
        }));
    }
}

fn verdict(result: Result<(), CommitError>) -> TxResult<Uuid> {
    match result {
        Ok(()) => TxResult::Committed,
        Err(CommitError::Fenced { runs }) => {
            tracing::warn!(?runs, "another writer has these runs");
            TxResult::Conflict(runs)
        }
        Err(CommitError::DuplicateCommand { run, .. }) => TxResult::Conflict(vec![run]),
        Err(CommitError::Rejected { reason }) => {
            tracing::error!(%reason, "a batch was refused by the database");
            TxResult::Rejected
        }
        Err(CommitError::Unknown(error)) => {
            tracing::warn!(%error, "the answer to a commit was lost");
            TxResult::Unknown
        }
        Err(CommitError::Down(error)) => {
            tracing::warn!(%error, "the database is away; what was decided is kept and tried again");
            TxResult::Down
        }
    }
}

/// A batch is one transaction: if one of its rows is there, all are. Our own rows are told from another
/// writer's by epoch and command id, never by an error code.
async fn presence(db: &Database, batch: &[Submit]) -> Result<Presence, StorageError> {
    for Submit { change, .. } in batch {
        if !change.events.is_empty() {
            let there = journal::is_committed(db, change.run_id, change.last_seq, change.epoch).await?;
            return Ok(if there { Presence::There } else { Presence::NotThere });
        }
        if let Some(command) = &change.command {
            let found = journal::command(db, change.run_id, command.command_id).await?;
            let ours =
                found.is_some_and(|row| row.fingerprint == command.fingerprint && row.seq == command.seq);
            return Ok(if ours { Presence::There } else { Presence::NotThere });
        }
    }
    // Nothing was written, and writing nothing again does no harm.
    Ok(Presence::NotThere)
}

/// 50 ms, doubling to at most 2 s.
fn back_off(attempt: u32) -> Duration {
    Duration::from_millis(50u64 << attempt.saturating_sub(1).min(5)).min(Duration::from_secs(2))
}
