//! What people were told about runs. It is added to together with the events themselves, or with what was said: see
//! [`crate::journal::NoticeRow`].
//!
//! A notification stands for all that concerned one person in one run within a short time, as long as they have not
//! read it.

use crate::{Cursor, Database, Page, Paged, StorageError};
use uuid::Uuid;

/// How long after its first event an unread notification takes in what follows, in microseconds: five minutes.
pub(crate) const OPEN_FOR: i64 = 5 * 60 * 1_000_000;

record! {
    pub struct Notification {
        pub id: Uuid,
        pub run_id: Uuid,
        pub group_id: Uuid,
        pub store_name: String,
        /// Of the last event in it, as are `kind`, `body` and `updated_at`. A mention has the seq the run was at.
        pub seq: i64,
        pub kind: String,
        /// A JSON object: `{"state": …}` if the run entered one, else `{}`.
        pub body: String,
        /// How many events are in it; these count as unread until `read_at`.
        pub count: i64,
        /// When its first event was.
        pub created_at: i64,
        pub updated_at: i64,
        pub read_at: Option<i64>,
    }
}

/// By their first event, latest first.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn notifications(
    db: &Database,
    user: Uuid,
    page: &Page,
) -> Result<Paged<Notification>, StorageError> {
    let sql = "select n.id, n.run_id, r.group_id, s.name as store_name, n.seq, n.kind, n.body, n.count, n.created_at,
                   n.updated_at, n.read_at
               from notifications n join runs r on r.id = n.run_id join stores s on s.id = r.store_id
               where n.user_id = $1 and (n.created_at, n.id) < ($2, $3)
               order by n.created_at desc, n.id desc limit $4";
    let (created_at, id) = page.below_number()?;
    let rows: Vec<Notification> = on_db!(
        db,
        read | c | {
            sqlx::query_as(sql).bind(user).bind(created_at).bind(id).bind(page.rows()).fetch_all(c).await
        }
    )?;
    Ok(page.cut(rows, |row| Cursor::number(row.created_at, row.id)))
}

/// The counts of everything unread, added up.
///
/// # Errors
/// Faults only.
pub async fn unread_count(db: &Database, user: Uuid) -> Result<i64, StorageError> {
    let sql = "select cast(coalesce(sum(count), 0) as bigint) from notifications
               where user_id = $1 and read_at is null";
    Ok(on_db!(db, read | c | sqlx::query_scalar(sql).bind(user).fetch_one(c).await)?)
}

/// False if this person has no such notification. One that was read before stays read since then.
///
/// # Errors
/// Faults only.
pub async fn mark_read(db: &Database, user: Uuid, id: Uuid, at: i64) -> Result<bool, StorageError> {
    let sql = "update notifications set read_at = coalesce(read_at, $3) where id = $1 and user_id = $2";
    let rows = on_db!(
        db,
        write | c | {
            let done = sqlx::query(sql).bind(id).bind(user).bind(at).execute(c).await;
            done.map(|done| done.rows_affected())
        }
    )?;
    Ok(rows == 1)
}

/// How many notifications that were.
///
/// # Errors
/// Faults only.
pub async fn mark_all_read(db: &Database, user: Uuid, at: i64) -> Result<u64, StorageError> {
    let sql = "update notifications set read_at = $2 where user_id = $1 and read_at is null";
    Ok(on_db!(
        db,
        write | c | {
            let done = sqlx::query(sql).bind(user).bind(at).execute(c).await;
            done.map(|done| done.rows_affected())
        }
    )?)
}
