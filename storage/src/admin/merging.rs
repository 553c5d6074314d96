//! Two rows that are the same thing become one. The one that goes stays as a sign: the logs of runs name it for ever.
//!
//! A live run that names a product which goes keeps its line: its log is the truth, and nobody but the run adds to that. It is a
//! reason to wait where the run would have to look things up under the old id: its store, and a family whose members are picked.

use super::log::{self, NewEntry};
use super::run;
use crate::catalogue::{Product, forget_product, forget_store, inherit};
use crate::database::Tx;
use crate::error::carries_faults;
use crate::{Database, StorageError};
use uuid::Uuid;

/// So many are named; there may be more.
const NAMED: i64 = 20;

#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    #[error("both are needed, different ones, and neither merged before")]
    NotThere,
    #[error("they are counted in different units, or only one of them is a family")]
    Unlike,
    #[error("live runs name the one that would go: merge when they are over")]
    InLiveRuns { runs: Vec<Uuid> },
    #[error(transparent)]
    Storage(#[from] StorageError),
}

carries_faults!(MergeError);

/// Everything said of `from` is said of `into` from now on, its other names, tags and family too; where both have terms at a
/// store, those of `into` count.
///
/// # Errors
/// [`MergeError`]; then nothing has changed.
pub async fn merge_products(
    db: &Database,
    from: Uuid,
    into: Uuid,
    entry: &NewEntry,
) -> Result<(), MergeError> {
    let mut tx = db.begin().await?;
    let lock = "update products set name = name where id in ($1, $2) and merged_into is null returning *";
    let both: Vec<Product> =
        on_tx!(&mut tx, |c| sqlx::query_as(lock).bind(from).bind(into).fetch_all(c).await)?;
    let (gone, heir) = in_order(both, from).ok_or(MergeError::NotThere)?;
    if (&gone.unit, gone.is_family) != (&heir.unit, heir.is_family) {
        return Err(MergeError::Unlike);
    }
    if gone.is_family {
        let live = "select r.id from runs r join run_products p on p.run_id = r.id
                    where p.product_id = $1 and r.state not in ('completed', 'cancelled') limit $2";
        refuse_live_runs(&mut tx, live, from).await?;
    }
    for sql in [
        "delete from store_products where product_id = $1
             and store_id in (select store_id from store_products where product_id = $2)",
        "update store_products set product_id = $2, name_key = (select name_key from products where id = $2)
             where product_id = $1",
        "update price_observations set product_id = $2 where product_id = $1",
        "update products set family_id = $2 where family_id = $1",
        "update products set merged_into = $2 where merged_into = $1",
        "update products set merged_into = $2, family_id = null where id = $1",
    ] {
        run(&mut tx, sql, from, Some(into)).await?;
    }
    inherit(&mut tx, &gone, heir).await?;
    forget_product(&mut tx, from).await?;
    log::write(&mut tx, entry).await?;
    Ok(tx.commit().await?)
}

/// The one that goes, then the one that stays.
fn in_order(both: Vec<Product>, from: Uuid) -> Option<(Product, Product)> {
    let [one, other] = <[Product; 2]>::try_from(both).ok()?;
    Some(if one.id == from { (one, other) } else { (other, one) })
}

/// As [`merge_products`], for stores.
///
/// # Errors
/// [`MergeError`]; then nothing has changed.
pub async fn merge_stores(db: &Database, from: Uuid, into: Uuid, entry: &NewEntry) -> Result<(), MergeError> {
    let mut tx = db.begin().await?;
    let lock = "update stores set name = name where id in ($1, $2) and merged_into is null returning id";
    let both: Vec<Uuid> =
        on_tx!(&mut tx, |c| sqlx::query_scalar(lock).bind(from).bind(into).fetch_all(c).await)?;
    if both.len() != 2 {
        return Err(MergeError::NotThere);
    }
    let live = "select r.id from runs r
                where r.store_id = $1 and r.state not in ('completed', 'cancelled') limit $2";
    refuse_live_runs(&mut tx, live, from).await?;
    for sql in [
        "delete from store_products where store_id = $1
             and product_id in (select product_id from store_products where store_id = $2)",
        "update store_products set store_id = $2 where store_id = $1",
        "update price_observations set store_id = $2 where store_id = $1",
        "update stores set merged_into = $2 where merged_into = $1",
        "update stores set merged_into = $2 where id = $1",
    ] {
        run(&mut tx, sql, from, Some(into)).await?;
    }
    forget_store(&mut tx, from).await?;
    log::write(&mut tx, entry).await?;
    Ok(tx.commit().await?)
}

async fn refuse_live_runs(tx: &mut Tx, sql: &'static str, id: Uuid) -> Result<(), MergeError> {
    let runs: Vec<Uuid> = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(id).bind(NAMED).fetch_all(c).await)?;
    if runs.is_empty() { Ok(()) } else { Err(MergeError::InLiveRuns { runs }) }
}
