//! Passwords. What ends sessions says which.

use crate::database::Tx;
use crate::{Database, StorageError};
use uuid::Uuid;

/// A better hash of the same password, unless the password was changed meanwhile.
///
/// # Errors
/// Faults only.
pub async fn replace_password_hash(
    db: &Database,
    id: Uuid,
    old: &str,
    new: &str,
) -> Result<(), StorageError> {
    let sql = "update users set password_hash = $3 where id = $1 and password_hash = $2";
    on_db!(db, write | c | sqlx::query(sql).bind(id).bind(old).bind(new).execute(c).await.map(drop))?;
    Ok(())
}

/// Sets a new password and ends every session but `keep`, in one transaction. Returns the sessions that ended; None if
/// the old hash is not the current one any more.
///
/// # Errors
/// Faults only.
pub async fn set_password(
    db: &Database,
    id: Uuid,
    old: &str,
    new: &str,
    keep: Uuid,
    at: i64,
) -> Result<Option<Vec<Uuid>>, StorageError> {
    let mut tx = db.begin().await?;
    let sql = "update users set password_hash = $3 where id = $1 and password_hash = $2";
    let rows = on_tx!(&mut tx, |c| {
        sqlx::query(sql).bind(id).bind(old).bind(new).execute(c).await.map(|done| done.rows_affected())
    })?;
    if rows == 0 {
        return Ok(None);
    }
    let ended = end_sessions(&mut tx, id, keep, at).await?;
    tx.commit().await?;
    Ok(Some(ended))
}

/// All of somebody's but `keep`; returns which ended.
pub(crate) async fn end_sessions(
    tx: &mut Tx,
    user: Uuid,
    keep: Uuid,
    at: i64,
) -> Result<Vec<Uuid>, sqlx::Error> {
    let sql = "update sessions set revoked_at = $3
               where user_id = $1 and id <> $2 and revoked_at is null returning id";
    on_tx!(tx, |c| sqlx::query_scalar(sql).bind(user).bind(keep).bind(at).fetch_all(c).await)
}
