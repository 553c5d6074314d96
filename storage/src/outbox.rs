//! What live runs must be told. A row is written in the transaction that made it true, and deleted once told; telling
//! twice does no harm.

use crate::database::Tx;
use crate::{Database, StorageError};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Somebody stopped being a member of a group, or is one again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembershipChanged {
    pub group_id: Uuid,
    pub user_id: Uuid,
    pub name: String,
    pub change: Change,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    Left,
    Removed,
    Returned,
}

/// A message that has not been delivered yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pending {
    /// Good as the command id that makes telling idempotent.
    pub id: Uuid,
    pub message: MembershipChanged,
    pub created_at: i64,
    pub attempts: i64,
}

record! {
    struct Row {
        id: Uuid,
        payload: String,
        created_at: i64,
        attempts: i64,
    }
}

const MEMBERSHIP_CHANGED: &str = "membership_changed";

pub(crate) async fn put(tx: &mut Tx, message: &MembershipChanged, at: i64) -> Result<(), StorageError> {
    let sql = "insert into outbox (id, kind, payload, created_at) values ($1, $2, $3, $4)";
    let payload = serde_json::to_string(message).expect("plain values make JSON");
    on_tx!(tx, |c| {
        sqlx::query(sql)
            .bind(Uuid::now_v7())
            .bind(MEMBERSHIP_CHANGED)
            .bind(payload)
            .bind(at)
            .execute(c)
            .await
            .map(drop)
    })?;
    Ok(())
}

/// The oldest first.
///
/// # Errors
/// Faults only.
pub async fn pending(db: &Database, limit: i64) -> Result<Vec<Pending>, StorageError> {
    let sql = "select id, payload, created_at, attempts from outbox order by created_at, id limit $1";
    let rows: Vec<Row> = on_db!(db, read | c | sqlx::query_as(sql).bind(limit).fetch_all(c).await)?;
    rows.into_iter().map(Pending::read).collect()
}

impl Pending {
    fn read(row: Row) -> Result<Self, StorageError> {
        let message = serde_json::from_str(&row.payload)
            .map_err(|e| StorageError::Corrupt(format!("outbox row {}: {e}", row.id)))?;
        Ok(Self { id: row.id, message, created_at: row.created_at, attempts: row.attempts })
    }
}

/// Every live run of the group has been told.
///
/// # Errors
/// Faults only.
pub async fn done(db: &Database, id: Uuid) -> Result<(), StorageError> {
    on_db!(
        db,
        write | c | sqlx::query("delete from outbox where id = $1").bind(id).execute(c).await.map(drop)
    )?;
    Ok(())
}

/// It could not be delivered yet.
///
/// # Errors
/// Faults only.
pub async fn failed(db: &Database, id: Uuid) -> Result<(), StorageError> {
    let sql = "update outbox set attempts = attempts + 1 where id = $1";
    on_db!(db, write | c | sqlx::query(sql).bind(id).execute(c).await.map(drop))?;
    Ok(())
}
