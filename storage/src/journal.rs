//! The log of every run: what is in it has happened, what is not has not.
//!
//! [`commit`] writes the events of many runs, their command ids and everything derived from them in one transaction.
//! A batch is fenced twice: the run's row must still have the epoch and the seq the writer believes, and the primary
//! key of the log admits each seq once.

mod batch;
mod postgres;
mod read;
mod sqlite;

pub use read::{Loaded, StoredEvent, command, events_after, is_committed, load};
pub(crate) use read::{commands, events, snapshot};

use crate::database::Tx;
use crate::error::Sort;
use crate::{Database, StorageError};
use batch::{Batch, Notices};
use bulq_domain::Event;
use std::sync::Arc;
use uuid::Uuid;

/// What one decision, or several in a row, add to a run's log.
#[derive(Clone, Debug)]
pub struct Change {
    pub run_id: Uuid,
    /// The epoch the writer believes the run has; 0 for a new run.
    pub expected_epoch: i64,
    /// The epoch the run has afterwards.
    pub epoch: i64,
    pub first_seq: i64,
    /// `first_seq - 1` when there are no events, only a rejection.
    pub last_seq: i64,
    pub events: Vec<EventRow>,
    /// Whom these events concern.
    pub notices: Vec<NoticeRow>,
    pub command: Option<CommandRow>,
}

/// An event to be written.
#[derive(Clone, Debug)]
pub struct EventRow {
    pub seq: i64,
    pub command_id: Option<Uuid>,
    pub actor_id: Option<Uuid>,
    pub at: i64,
    pub kind: &'static str,
    /// The event's JSON with its `type`; stored and shown as it is.
    pub body: Arc<str>,
    /// The same event, for the projections.
    pub event: Event,
}

/// Something to tell somebody about an event, or about what was said when the run was there; see
/// [`crate::notifications`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoticeRow {
    /// Somebody who does not exist is told nothing.
    pub user_id: Uuid,
    pub seq: i64,
    pub kind: &'static str,
    pub at: i64,
}

record! {
    /// What became of a command.
    pub struct CommandRow {
        pub command_id: Uuid,
        pub actor_id: Uuid,
        /// Of the command's body: the same id with another body is refused.
        pub fingerprint: i64,
        pub first_seq: i64,
        /// The run's seq after it; below `first_seq` if it caused no event.
        pub seq: i64,
        /// None if it was committed, else the rejection as JSON.
        pub outcome: Option<String>,
    }
}

record! {
    /// The run as it was at a seq.
    pub struct SnapshotRow {
        pub seq: i64,
        pub body: String,
        pub at: i64,
    }
}

/// Tells people of what is no event of the run, in the transaction that writes it.
pub(crate) async fn tell(tx: &mut Tx, run: Uuid, notices: &[NoticeRow]) -> Result<(), sqlx::Error> {
    let notices = Notices::of(run, notices);
    match tx {
        Tx::Postgres(tx) => postgres::tell(tx, &notices).await,
        Tx::Sqlite(tx) => sqlite::tell(tx, &notices).await,
    }
}

/// Why a batch was not written; nothing of it is, except after [`CommitError::Unknown`].
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// Epoch or seq are not what the writer believes: somebody else has the run, or our own earlier write got through.
    #[error("somebody else writes these runs: {runs:?}")]
    Fenced { runs: Vec<Uuid> },
    /// The command id has taken effect before; its row holds the answer.
    #[error("command {command_id} of run {run} has taken effect before")]
    DuplicateCommand { run: Uuid, command_id: Uuid },
    /// The database says the data is bad: a smaller batch without it can be written.
    #[error("the database refuses the data: {reason}")]
    Rejected { reason: String },
    /// The commit was sent and its answer lost: ask with [`is_committed`].
    #[error("it is not known whether the batch was written: {0}")]
    Unknown(#[source] StorageError),
    /// The database is away or was too busy: the same batch can be tried again.
    #[error("nothing was written: {0}")]
    Down(#[source] StorageError),
}

/// At which step a transaction failed.
#[derive(Debug)]
enum Failure {
    /// A run's row was not as expected.
    Fence,
    /// Before anything was sent.
    Begin(sqlx::Error),
    Statement(sqlx::Error),
    Commit(sqlx::Error),
}

impl Failure {
    /// The database said nothing: what is on the connection now, nobody knows.
    fn is_of_the_connection(&self) -> bool {
        match self {
            Self::Fence => false,
            Self::Begin(error) | Self::Statement(error) | Self::Commit(error) => {
                error.as_database_error().is_none()
            }
        }
    }
}

/// Keeps the run's state at a seq that is durable. Never puts an older one in the place of a newer one. Waking a run
/// needs no snapshot, so this is nobody's commit and none waits for it.
///
/// # Errors
/// Faults only.
pub async fn keep_snapshot(db: &Database, run: Uuid, snapshot: &SnapshotRow) -> Result<(), StorageError> {
    let sql = "insert into run_snapshots (run_id, seq, body, at) values ($1, $2, $3, $4)
               on conflict (run_id) do update set seq = excluded.seq, body = excluded.body, at = excluded.at
               where run_snapshots.seq < excluded.seq";
    on_db!(
        db,
        write | c | {
            sqlx::query(sql)
                .bind(run)
                .bind(snapshot.seq)
                .bind(&snapshot.body)
                .bind(snapshot.at)
                .execute(c)
                .await
                .map(drop)
        }
    )?;
    Ok(())
}

/// Writes the changes, all or none, in one transaction. Several changes of one run must follow one another.
///
/// # Errors
/// [`CommitError`].
pub async fn commit(db: &Database, changes: &[Change]) -> Result<(), CommitError> {
    let batch = Batch::of(changes)?;
    if batch.is_empty() {
        return Ok(());
    }
    let written = match db {
        Database::Postgres(store) => postgres::write(store, &batch).await,
        Database::Sqlite(store) => sqlite::write(store, &batch).await,
    };
    match written {
        Ok(()) => Ok(()),
        Err(failure) => Err(explain(db, &batch, failure).await),
    }
}

async fn explain(db: &Database, batch: &Batch, failure: Failure) -> CommitError {
    match failure {
        Failure::Begin(error) => CommitError::Down(error.into()),
        Failure::Commit(error) => unless_refused(error, CommitError::Unknown),
        Failure::Fence => fenced_or(db, batch, CommitError::Down(StorageError::Busy)).await,
        Failure::Statement(error) => match sort(&error) {
            Some(Sort::Data) if is_unique_violation(&error) => {
                let otherwise = duplicate_or(db, batch, rejected(&error)).await;
                fenced_or(db, batch, otherwise).await
            }
            Some(Sort::Data | Sort::Other) => rejected(&error),
            _ => CommitError::Down(error.into()),
        },
    }
}

/// A constraint that is checked at the commit is a clear no; anything else leaves doubt.
fn unless_refused(error: sqlx::Error, otherwise: fn(StorageError) -> CommitError) -> CommitError {
    match sort(&error) {
        Some(Sort::Data) => rejected(&error),
        _ => otherwise(error.into()),
    }
}

fn sort(error: &sqlx::Error) -> Option<Sort> {
    error.as_database_error().map(Sort::of)
}

fn is_unique_violation(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|refusal| refusal.is_unique_violation())
}

fn rejected(error: &sqlx::Error) -> CommitError {
    CommitError::Rejected { reason: error.to_string() }
}

/// [`CommitError::Fenced`] if some run is not as the batch expects.
async fn fenced_or(db: &Database, batch: &Batch, otherwise: CommitError) -> CommitError {
    let runs: Vec<_> = batch.expectations().map(|e| e.run_id).collect();
    match read::heads(db, &runs).await {
        Err(fault) => CommitError::Down(fault),
        Ok(heads) => {
            let is_fenced = |e: &batch::Expectation| {
                heads.iter().find(|h| h.id == e.run_id).map_or((0, 0), |h| (h.epoch, h.seq))
                    != (e.epoch, e.seq)
            };
            let runs: Vec<_> = batch.expectations().filter(is_fenced).map(|e| e.run_id).collect();
            if runs.is_empty() { otherwise } else { CommitError::Fenced { runs } }
        }
    }
}

/// [`CommitError::DuplicateCommand`] if some command of the batch has taken effect before.
async fn duplicate_or(db: &Database, batch: &Batch, otherwise: CommitError) -> CommitError {
    for (run, command_id) in batch.command_ids() {
        match command(db, run, command_id).await {
            Ok(None) => {}
            Ok(Some(_)) => return CommitError::DuplicateCommand { run, command_id },
            Err(fault) => return CommitError::Down(fault),
        }
    }
    otherwise
}
