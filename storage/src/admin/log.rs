//! Who did what, and when.

use crate::database::Tx;
use crate::{Cursor, Database, Page, Paged, StorageError};
use uuid::Uuid;

record! {
    pub struct Entry {
        pub id: Uuid,
        pub admin_id: Uuid,
        pub admin_name: String,
        pub action: String,
        pub target: String,
        pub target_id: Option<Uuid>,
        /// A JSON object.
        pub detail: String,
        pub at: i64,
    }
}

#[derive(Clone, Debug)]
pub struct NewEntry {
    pub id: Uuid,
    pub admin_id: Uuid,
    pub action: &'static str,
    /// The kind of what it was done to.
    pub target: &'static str,
    pub target_id: Option<Uuid>,
    /// A JSON object.
    pub detail: String,
    pub at: i64,
}

pub(super) async fn write(tx: &mut Tx, entry: &NewEntry) -> Result<(), sqlx::Error> {
    let sql = "insert into admin_log (id, admin_id, action, target, target_id, detail, at)
               values ($1, $2, $3, $4, $5, $6, $7)";
    on_tx!(tx, |c| {
        sqlx::query(sql)
            .bind(entry.id)
            .bind(entry.admin_id)
            .bind(entry.action)
            .bind(entry.target)
            .bind(entry.target_id)
            .bind(&entry.detail)
            .bind(entry.at)
            .execute(c)
            .await
            .map(drop)
    })
}

/// Latest first.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn entries(db: &Database, page: &Page) -> Result<Paged<Entry>, StorageError> {
    let sql = "select l.id, l.admin_id, u.name as admin_name, l.action, l.target, l.target_id, l.detail, l.at
               from admin_log l join users u on u.id = l.admin_id
               where (l.at, l.id) < ($1, $2) order by l.at desc, l.id desc limit $3";
    let (at, id) = page.below_number()?;
    let rows: Vec<Entry> =
        on_db!(db, read | c | sqlx::query_as(sql).bind(at).bind(id).bind(page.rows()).fetch_all(c).await)?;
    Ok(page.cut(rows, |entry| Cursor::number(entry.at, entry.id)))
}
