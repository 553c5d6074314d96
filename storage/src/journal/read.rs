//! Reading the log.

use super::{CommandRow, SnapshotRow};
use crate::database::{Tx, hex_list};
use crate::{Database, StorageError};
use serde::de::DeserializeOwned;
use uuid::Uuid;

record! {
    /// An event as it lies in the log.
    pub struct StoredEvent {
        pub seq: i64,
        pub command_id: Option<Uuid>,
        pub actor_id: Option<Uuid>,
        pub at: i64,
        pub kind: String,
        /// The event's JSON with its `type`, byte for byte as written.
        pub body: String,
        pub epoch: i64,
    }
}

/// What a run is rebuilt from: one state of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loaded {
    pub epoch: i64,
    pub seq: i64,
    pub snapshot: Option<SnapshotRow>,
    /// Those after the snapshot; all without one.
    pub events: Vec<StoredEvent>,
    /// All there ever were.
    pub commands: Vec<CommandRow>,
}

record! {
    /// Where a run is.
    pub(crate) struct Head {
        pub(crate) id: Uuid,
        pub(crate) epoch: i64,
        pub(crate) seq: i64,
    }
}

/// Whether this very write is in the log: the doubt after [`super::CommitError::Unknown`].
///
/// On PostgreSQL the lost transaction may still be under way; locking the run's row waits for its end.
///
/// # Errors
/// Faults only; then the doubt remains.
pub async fn is_committed(db: &Database, run: Uuid, seq: i64, epoch: i64) -> Result<bool, StorageError> {
    let mut tx = db.begin().await?;
    if let Tx::Postgres(pg) = &mut tx {
        sqlx::query("select 1 from runs where id = $1 for update").bind(run).execute(&mut **pg).await?;
    }
    let sql = "select exists (select 1 from run_events where run_id = $1 and seq = $2 and epoch = $3)";
    let found =
        on_tx!(&mut tx, |c| sqlx::query_scalar(sql).bind(run).bind(seq).bind(epoch).fetch_one(c).await)?;
    tx.rollback().await?;
    Ok(found)
}

/// None if there is no such run.
///
/// # Errors
/// Faults only.
pub async fn load(db: &Database, run: Uuid) -> Result<Option<Loaded>, StorageError> {
    let mut tx = db.begin_read().await?;
    let Some(head) = head(&mut tx, run).await? else { return Ok(None) };
    let snapshot = snapshot(&mut tx, run).await?;
    let after = snapshot.as_ref().map_or(0, |snapshot| snapshot.seq);
    let events = events(&mut tx, run, after).await?;
    let commands = commands(&mut tx, run).await?;
    tx.rollback().await?;
    Ok(Some(Loaded { epoch: head.epoch, seq: head.seq, snapshot, events, commands }))
}

async fn head(tx: &mut Tx, run: Uuid) -> Result<Option<Head>, sqlx::Error> {
    let sql = "select id, epoch, seq from runs where id = $1";
    on_tx!(tx, |c| sqlx::query_as(sql).bind(run).fetch_optional(c).await)
}

/// Where these runs are; those that do not exist are left out.
pub(super) async fn heads(db: &Database, runs: &[Uuid]) -> Result<Vec<Head>, StorageError> {
    Ok(match db {
        Database::Postgres(store) => {
            let sql = "select id, epoch, seq from runs where id = any($1)";
            sqlx::query_as(sql).bind(runs).fetch_all(&store.pool).await?
        }
        Database::Sqlite(store) => {
            let sql = "select id, epoch, seq from runs where id in (select unhex(value) from json_each($1))";
            sqlx::query_as(sql).bind(hex_list(runs)).fetch_all(&store.readers).await?
        }
    })
}

pub(crate) async fn snapshot(tx: &mut Tx, run: Uuid) -> Result<Option<SnapshotRow>, sqlx::Error> {
    let sql = "select seq, body, at from run_snapshots where run_id = $1";
    on_tx!(tx, |c| sqlx::query_as(sql).bind(run).fetch_optional(c).await)
}

pub(crate) async fn events(tx: &mut Tx, run: Uuid, after: i64) -> Result<Vec<StoredEvent>, sqlx::Error> {
    match tx {
        Tx::Postgres(tx) => {
            let sql = "select seq, command_id, actor_id, at, kind, body, epoch from run_events
                       where run_id = $1 and seq > $2 order by seq";
            sqlx::query_as(sql).bind(run).bind(after).fetch_all(&mut **tx).await
        }
        Tx::Sqlite(tx) => {
            let sql = "select json_group_array(json_array(
                           seq, nullif(hex(command_id), ''), nullif(hex(actor_id), ''), at, kind, body, epoch
                       ) order by seq) from run_events where run_id = $1 and seq > $2";
            let rows: String = sqlx::query_scalar(sql).bind(run).bind(after).fetch_one(&mut **tx).await?;
            in_one_text(&rows, |(seq, command_id, actor_id, at, kind, body, epoch)| StoredEvent {
                seq,
                command_id,
                actor_id,
                at,
                kind,
                body,
                epoch,
            })
        }
    }
}

pub(crate) async fn commands(tx: &mut Tx, run: Uuid) -> Result<Vec<CommandRow>, sqlx::Error> {
    match tx {
        Tx::Postgres(tx) => {
            let sql = "select command_id, actor_id, fingerprint, first_seq, seq, outcome from run_commands
                       where run_id = $1 order by first_seq, command_id";
            sqlx::query_as(sql).bind(run).fetch_all(&mut **tx).await
        }
        Tx::Sqlite(tx) => {
            let sql = "select json_group_array(json_array(
                           hex(command_id), hex(actor_id), fingerprint, first_seq, seq, outcome
                       ) order by first_seq, command_id) from run_commands where run_id = $1";
            let rows: String = sqlx::query_scalar(sql).bind(run).fetch_one(&mut **tx).await?;
            in_one_text(&rows, |(command_id, actor_id, fingerprint, first_seq, seq, outcome)| CommandRow {
                command_id,
                actor_id,
                fingerprint,
                first_seq,
                seq,
                outcome,
            })
        }
    }
}

/// Every row from SQLite is handed from its thread to ours, each of its values copied and guarded by a lock: hundreds of them
/// take several times as long as one text to be taken apart here.
fn in_one_text<R: DeserializeOwned, T>(rows: &str, record: impl Fn(R) -> T) -> Result<Vec<T>, sqlx::Error> {
    let rows: Vec<R> = serde_json::from_str(rows).map_err(|error| sqlx::Error::Decode(error.into()))?;
    Ok(rows.into_iter().map(record).collect())
}

/// A part of the log, in order.
///
/// # Errors
/// Faults only.
pub async fn events_after(
    db: &Database,
    run: Uuid,
    after: i64,
    limit: i64,
) -> Result<Vec<StoredEvent>, StorageError> {
    let sql = "select seq, command_id, actor_id, at, kind, body, epoch from run_events
               where run_id = $1 and seq > $2 order by seq limit $3";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(run).bind(after).bind(limit).fetch_all(c).await)?)
}

/// What became of a command; None if it never took effect.
///
/// # Errors
/// Faults only.
pub async fn command(db: &Database, run: Uuid, command_id: Uuid) -> Result<Option<CommandRow>, StorageError> {
    let sql = "select command_id, actor_id, fingerprint, first_seq, seq, outcome from run_commands
               where run_id = $1 and command_id = $2";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(run).bind(command_id).fetch_optional(c).await)?)
}
