//! What was photographed of a purchase: who uploaded what for which run. The content lies elsewhere, under its hash.

use crate::error::carries_faults;
use crate::{Cursor, Database, Page, Paged, StorageError};
use uuid::Uuid;

record! {
    pub struct Receipt {
        pub id: Uuid,
        pub run_id: Uuid,
        pub product_id: Option<Uuid>,
        pub uploaded_by: Uuid,
        /// For people; says nothing about the content.
        pub name: String,
        pub media: String,
        /// Bytes.
        pub size: i64,
        /// SHA-256 of the content.
        pub hash: Vec<u8>,
        pub created_at: i64,
    }
}

#[derive(Debug, thiserror::Error)]
pub enum AddError {
    #[error("the run has no such product")]
    ProductNotInRun,
    #[error("a run has at most {limit} receipts")]
    TooMany { limit: i64 },
    #[error(transparent)]
    Storage(#[from] StorageError),
}

#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    #[error("the run has no such receipt")]
    NotThere,
    #[error("only who added it and the run's leader take a receipt away")]
    NotYours,
    #[error(transparent)]
    Storage(#[from] StorageError),
}

carries_faults!(AddError, RemoveError);

/// Whether another receipt may be added; asked before its content is taken in, too.
///
/// # Errors
/// [`AddError`].
pub async fn check_room(db: &Database, run: Uuid, product: Option<Uuid>, limit: i64) -> Result<(), AddError> {
    let count = "select count(*) from run_receipts where run_id = $1";
    let count: i64 = on_db!(db, read | c | sqlx::query_scalar(count).bind(run).fetch_one(c).await)?;
    if count >= limit {
        return Err(AddError::TooMany { limit });
    }
    let Some(product) = product else { return Ok(()) };
    let known = "select exists (select 1 from run_products where run_id = $1 and product_id = $2)";
    let known: bool =
        on_db!(db, read | c | sqlx::query_scalar(known).bind(run).bind(product).fetch_one(c).await)?;
    if known { Ok(()) } else { Err(AddError::ProductNotInRun) }
}

/// # Errors
/// Faults only.
pub async fn add(db: &Database, new: &Receipt) -> Result<(), StorageError> {
    let sql =
        "insert into run_receipts (id, run_id, product_id, uploaded_by, name, media, size, hash, created_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    on_db!(
        db,
        write | c | {
            sqlx::query(sql)
                .bind(new.id)
                .bind(new.run_id)
                .bind(new.product_id)
                .bind(new.uploaded_by)
                .bind(&new.name)
                .bind(&new.media)
                .bind(new.size)
                .bind(&new.hash)
                .bind(new.created_at)
                .execute(c)
                .await
                .map(drop)
        }
    )?;
    Ok(())
}

/// Takes it away; returns the hash of its content.
///
/// # Errors
/// [`RemoveError`]; then nothing has changed.
pub async fn remove(db: &Database, run: Uuid, id: Uuid, by: Uuid) -> Result<Vec<u8>, RemoveError> {
    let mut tx = db.begin().await?;
    let sql = "select c.uploaded_by, c.hash, r.leader_id from run_receipts c join runs r on r.id = c.run_id
               where c.id = $1 and c.run_id = $2";
    let found: Option<(Uuid, Vec<u8>, Uuid)> =
        on_tx!(&mut tx, |c| sqlx::query_as(sql).bind(id).bind(run).fetch_optional(c).await)?;
    let (uploaded_by, hash, leader) = found.ok_or(RemoveError::NotThere)?;
    if by != uploaded_by && by != leader {
        return Err(RemoveError::NotYours);
    }
    let sql = "delete from run_receipts where id = $1";
    on_tx!(&mut tx, |c| sqlx::query(sql).bind(id).execute(c).await.map(drop))?;
    tx.commit().await?;
    Ok(hash)
}

/// Whether some receipt has this content.
///
/// # Errors
/// Faults only.
pub async fn is_named(db: &Database, hash: &[u8]) -> Result<bool, StorageError> {
    let sql = "select exists (select 1 from run_receipts where hash = $1)";
    Ok(on_db!(db, write | c | sqlx::query_scalar(sql).bind(hash).fetch_one(c).await)?)
}

/// None if this run has no such receipt.
///
/// # Errors
/// Faults only.
pub async fn receipt(db: &Database, run: Uuid, id: Uuid) -> Result<Option<Receipt>, StorageError> {
    let sql = "select * from run_receipts where id = $1 and run_id = $2";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(id).bind(run).fetch_optional(c).await)?)
}

/// A run's receipts, latest first.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn receipts(db: &Database, run: Uuid, page: &Page) -> Result<Paged<Receipt>, StorageError> {
    let sql = "select * from run_receipts where run_id = $1 and (created_at, id) < ($2, $3)
               order by created_at desc, id desc limit $4";
    let (created_at, id) = page.below_number()?;
    let rows: Vec<Receipt> = on_db!(
        db,
        read | c | {
            sqlx::query_as(sql).bind(run).bind(created_at).bind(id).bind(page.rows()).fetch_all(c).await
        }
    )?;
    Ok(page.cut(rows, |receipt| Cursor::number(receipt.created_at, receipt.id)))
}
