//! What nobody's books name can go for good; what they name stays, and the reason is said.

use super::log::{self, NewEntry};
use super::run;
use crate::catalogue::{forget_product, forget_store};
use crate::database::Tx;
use crate::error::carries_faults;
use crate::{Database, StorageError};
use uuid::Uuid;

#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    #[error("there is no such thing")]
    NotThere,
    #[error("{runs} runs name it, and what happened in them stays")]
    InRuns { runs: i64 },
    #[error("{rows} others belong to it")]
    HasOthers { rows: i64 },
    #[error(transparent)]
    Storage(#[from] StorageError),
}

carries_faults!(RemoveError);

/// With its terms and prices.
///
/// # Errors
/// [`RemoveError`]; then nothing has changed.
pub async fn remove_product(db: &Database, id: Uuid, entry: &NewEntry) -> Result<(), RemoveError> {
    let mut tx = db.begin().await?;
    require(&mut tx, "update products set name = name where id = $1 returning id", id).await?;
    let named = "select count(*) from (
                     select run_id from run_products where product_id = $1
                     union select run_id from run_purchases where picked_product_id = $1
                     union select run_id from run_receipts where product_id = $1
                 ) found";
    refuse_runs(&mut tx, named, id).await?;
    let others = "select count(*) from products where family_id = $1 or merged_into = $1";
    refuse_others(&mut tx, others, id).await?;
    for sql in [
        "delete from store_products where product_id = $1",
        "delete from price_observations where product_id = $1",
    ] {
        run(&mut tx, sql, id, None).await?;
    }
    forget_product(&mut tx, id).await?;
    run(&mut tx, "delete from products where id = $1", id, None).await?;
    log::write(&mut tx, entry).await?;
    Ok(tx.commit().await?)
}

/// With its assortment and prices.
///
/// # Errors
/// [`RemoveError`]; then nothing has changed.
pub async fn remove_store(db: &Database, id: Uuid, entry: &NewEntry) -> Result<(), RemoveError> {
    let mut tx = db.begin().await?;
    require(&mut tx, "update stores set name = name where id = $1 returning id", id).await?;
    refuse_runs(&mut tx, "select count(*) from runs where store_id = $1", id).await?;
    refuse_others(&mut tx, "select count(*) from stores where merged_into = $1", id).await?;
    for sql in [
        "delete from store_products where store_id = $1",
        "delete from price_observations where store_id = $1",
    ] {
        run(&mut tx, sql, id, None).await?;
    }
    forget_store(&mut tx, id).await?;
    run(&mut tx, "delete from stores where id = $1", id, None).await?;
    log::write(&mut tx, entry).await?;
    Ok(tx.commit().await?)
}

/// With its memberships and invitations. Payments among its members are books as runs are.
///
/// # Errors
/// [`RemoveError`]; then nothing has changed.
pub async fn remove_group(db: &Database, id: Uuid, entry: &NewEntry) -> Result<(), RemoveError> {
    let mut tx = db.begin().await?;
    require(&mut tx, "update groups set name = name where id = $1 returning id", id).await?;
    refuse_runs(&mut tx, "select count(*) from runs where group_id = $1", id).await?;
    refuse_others(&mut tx, "select count(*) from ledger_entries where group_id = $1", id).await?;
    for sql in
        ["delete from group_invites where group_id = $1", "delete from group_members where group_id = $1"]
    {
        run(&mut tx, sql, id, None).await?;
    }
    run(&mut tx, "delete from groups where id = $1", id, None).await?;
    log::write(&mut tx, entry).await?;
    Ok(tx.commit().await?)
}

async fn require(tx: &mut Tx, sql: &'static str, id: Uuid) -> Result<(), RemoveError> {
    let found: Option<Uuid> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(id).fetch_optional(c).await)?;
    found.map(drop).ok_or(RemoveError::NotThere)
}

async fn refuse_runs(tx: &mut Tx, sql: &'static str, id: Uuid) -> Result<(), RemoveError> {
    match count(tx, sql, id).await? {
        0 => Ok(()),
        runs => Err(RemoveError::InRuns { runs }),
    }
}

async fn refuse_others(tx: &mut Tx, sql: &'static str, id: Uuid) -> Result<(), RemoveError> {
    match count(tx, sql, id).await? {
        0 => Ok(()),
        rows => Err(RemoveError::HasOthers { rows }),
    }
}

async fn count(tx: &mut Tx, sql: &'static str, id: Uuid) -> Result<i64, sqlx::Error> {
    on_tx!(tx, |c| sqlx::query_scalar(sql).bind(id).fetch_one(c).await)
}
