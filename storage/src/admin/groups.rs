//! All groups: what they are called, and whether they are out of use.

use super::log::{self, NewEntry};
use super::things::beginning_with;
use crate::database::Tx;
use crate::{Cursor, Database, Page, Paged, StorageError};
use uuid::Uuid;

record! {
    pub struct GroupOfServer {
        pub id: Uuid,
        pub name: String,
        pub name_key: String,
        pub currency: String,
        pub members: i64,
        pub live_runs: i64,
        pub disabled_at: Option<i64>,
        pub created_at: i64,
    }
}

/// All groups, or those whose name begins so; by name.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn groups(
    db: &Database,
    page: &Page,
    beginning: &str,
) -> Result<Paged<GroupOfServer>, StorageError> {
    let sql = "select g.id, g.name, g.name_key, g.currency, g.disabled_at, g.created_at,
                   (select count(*) from group_members m where m.group_id = g.id and m.left_at is null) as members,
                   (select count(*) from runs r where r.group_id = g.id
                       and r.state not in ('completed', 'cancelled')) as live_runs
               from groups g
               where (g.name_key, g.id) > ($1, $2) and g.name_key < $3
               order by g.name_key, g.id limit $4";
    let rows = beginning_with(db, sql, page, beginning).await?;
    Ok(page.cut(rows, |group: &GroupOfServer| Cursor::text(&group.name_key, group.id)))
}

/// False if there is no such group.
///
/// # Errors
/// Faults only.
pub async fn rename_group(
    db: &Database,
    id: Uuid,
    name: &str,
    entry: &NewEntry,
) -> Result<bool, StorageError> {
    let sql = "update groups set name = $2, name_key = $3 where id = $1";
    let mut tx = db.begin().await?;
    let rows = on_tx!(&mut tx, |c| {
        let query = sqlx::query(sql).bind(id).bind(name).bind(name.to_lowercase());
        query.execute(c).await.map(|done| done.rows_affected())
    })?;
    noted(tx, rows, entry).await
}

/// Takes it out of use, or back into it: nobody joins a disabled group, and it begins no runs. False if there is no such group.
///
/// # Errors
/// Faults only.
pub async fn disable_group(
    db: &Database,
    id: Uuid,
    disabled_at: Option<i64>,
    entry: &NewEntry,
) -> Result<bool, StorageError> {
    let sql = "update groups set disabled_at = $2 where id = $1";
    let mut tx = db.begin().await?;
    let rows = on_tx!(&mut tx, |c| {
        sqlx::query(sql).bind(id).bind(disabled_at).execute(c).await.map(|done| done.rows_affected())
    })?;
    noted(tx, rows, entry).await
}

async fn noted(mut tx: Tx, rows: u64, entry: &NewEntry) -> Result<bool, StorageError> {
    if rows == 1 {
        log::write(&mut tx, entry).await?;
        tx.commit().await?;
    }
    Ok(rows == 1)
}
