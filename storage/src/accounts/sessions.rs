//! Logins. Whoever reads a session judges with its own clock whether it has expired.

use crate::{Cursor, Database, Page, Paged, StorageError};
use uuid::Uuid;

words! {
    pub enum SessionKind { Cookie = "cookie", Token = "token" }
}

record! {
    pub struct Session {
        pub id: Uuid,
        pub user_id: Uuid,
        pub kind: SessionKind,
        pub secret_hash: Vec<u8>,
        /// All sessions that came out of one login by rotation.
        pub family: Uuid,
        pub expires_at: i64,
        pub created_at: i64,
        pub last_seen_at: i64,
        pub user_agent: Option<String>,
        pub revoked_at: Option<i64>,
    }
}

#[derive(Clone, Debug)]
pub struct NewSession {
    pub id: Uuid,
    pub user_id: Uuid,
    pub kind: SessionKind,
    pub secret_hash: Vec<u8>,
    pub family: Uuid,
    pub expires_at: i64,
    pub user_agent: Option<String>,
    pub at: i64,
}

/// # Errors
/// Faults only; secrets are random, so theirs are never taken.
pub async fn create_session(db: &Database, new: NewSession) -> Result<Session, StorageError> {
    let sql = "insert into sessions
                   (id, user_id, kind, secret_hash, family, expires_at, created_at, last_seen_at, user_agent)
               values ($1, $2, $3, $4, $5, $6, $7, $7, $8) returning *";
    Ok(on_db!(
        db,
        write | c | {
            sqlx::query_as(sql)
                .bind(new.id)
                .bind(new.user_id)
                .bind(new.kind.as_str())
                .bind(new.secret_hash)
                .bind(new.family)
                .bind(new.expires_at)
                .bind(new.at)
                .bind(new.user_agent)
                .fetch_one(c)
                .await
        }
    )?)
}

/// # Errors
/// Faults only.
pub async fn session(db: &Database, id: Uuid) -> Result<Option<Session>, StorageError> {
    let sql = "select * from sessions where id = $1";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// # Errors
/// Faults only.
pub async fn session_by_secret(db: &Database, hash: &[u8]) -> Result<Option<Session>, StorageError> {
    let sql = "select * from sessions where secret_hash = $1";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(hash).fetch_optional(c).await)?)
}

/// Those that are neither revoked nor expired at `at`, latest first.
///
/// # Errors
/// Faults only.
pub async fn sessions_of(db: &Database, user: Uuid, at: i64) -> Result<Vec<Session>, StorageError> {
    let sql = "select * from sessions where user_id = $1 and revoked_at is null and expires_at > $2
               order by last_seen_at desc, id desc";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(user).bind(at).fetch_all(c).await)?)
}

/// A page of these.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn sessions_page(
    db: &Database,
    user: Uuid,
    at: i64,
    page: &Page,
) -> Result<Paged<Session>, StorageError> {
    let sql = "select * from sessions where user_id = $1 and revoked_at is null and expires_at > $2
                   and (last_seen_at, id) < ($3, $4)
               order by last_seen_at desc, id desc limit $5";
    let (seen, id) = page.below_number()?;
    let rows: Vec<Session> = on_db!(
        db,
        read | c | {
            sqlx::query_as(sql).bind(user).bind(at).bind(seen).bind(id).bind(page.rows()).fetch_all(c).await
        }
    )?;
    Ok(page.cut(rows, |session| Cursor::number(session.last_seen_at, session.id)))
}

/// # Errors
/// Faults only.
pub async fn touch_session(db: &Database, id: Uuid, at: i64) -> Result<(), StorageError> {
    let sql = "update sessions set last_seen_at = $2 where id = $1";
    on_db!(db, write | c | sqlx::query(sql).bind(id).bind(at).execute(c).await.map(drop))?;
    Ok(())
}

/// Puts a new secret in the place of the old one. False if the old one is not the current one any more, or the
/// session is revoked: of two who rotate at once, one wins.
///
/// # Errors
/// Faults only.
pub async fn rotate_session(
    db: &Database,
    id: Uuid,
    old_hash: &[u8],
    new_hash: &[u8],
    expires_at: i64,
    at: i64,
) -> Result<bool, StorageError> {
    let sql = "update sessions set secret_hash = $3, expires_at = $4, last_seen_at = $5
               where id = $1 and secret_hash = $2 and revoked_at is null and expires_at > $5";
    let rows = on_db!(
        db,
        write | c | {
            sqlx::query(sql)
                .bind(id)
                .bind(old_hash)
                .bind(new_hash)
                .bind(expires_at)
                .bind(at)
                .execute(c)
                .await
                .map(|done| done.rows_affected())
        }
    )?;
    Ok(rows == 1)
}

/// False if there is no such session or it was revoked before.
///
/// # Errors
/// Faults only.
pub async fn revoke_session(db: &Database, id: Uuid, at: i64) -> Result<bool, StorageError> {
    let sql = "update sessions set revoked_at = $2 where id = $1 and revoked_at is null";
    let rows = on_db!(
        db,
        write | c | sqlx::query(sql).bind(id).bind(at).execute(c).await.map(|done| done.rows_affected())
    )?;
    Ok(rows == 1)
}

/// Returns the sessions that ended by it.
///
/// # Errors
/// Faults only.
pub async fn revoke_sessions_of(db: &Database, user: Uuid, at: i64) -> Result<Vec<Uuid>, StorageError> {
    revoke_other_sessions(db, user, Uuid::nil(), at).await
}

/// All of a user's but `keep`. Returns the sessions that ended by it.
///
/// # Errors
/// Faults only.
pub async fn revoke_other_sessions(
    db: &Database,
    user: Uuid,
    keep: Uuid,
    at: i64,
) -> Result<Vec<Uuid>, StorageError> {
    let sql = "update sessions set revoked_at = $3
               where user_id = $1 and id <> $2 and revoked_at is null returning id";
    Ok(on_db!(db, write | c | sqlx::query_scalar(sql).bind(user).bind(keep).bind(at).fetch_all(c).await)?)
}

/// Everything that came out of one login: a secret was used that had been rotated away.
///
/// # Errors
/// Faults only.
pub async fn revoke_family(db: &Database, family: Uuid, at: i64) -> Result<Vec<Uuid>, StorageError> {
    let sql = "update sessions set revoked_at = $2 where family = $1 and revoked_at is null returning id";
    Ok(on_db!(db, write | c | sqlx::query_scalar(sql).bind(family).bind(at).fetch_all(c).await)?)
}
