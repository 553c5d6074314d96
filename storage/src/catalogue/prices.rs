//! What was paid or seen where, and when. Rows are only ever added.

use crate::database::Tx;
use crate::{Cursor, Database, Page, Paged, StorageError};
use uuid::Uuid;

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

record! {
    pub struct PriceObservation {
        pub id: Uuid,
        pub product_id: Uuid,
        pub store_id: Uuid,
        pub store_name: String,
        /// Per unit, in minor units.
        pub price: i64,
        pub pack_thousandths: Option<i64>,
        pub run_id: Option<Uuid>,
        pub observed_by: Uuid,
        pub observed_at: i64,
    }
}

/// A price somebody saw or paid.
#[derive(Clone, Copy, Debug)]
pub struct NewObservation {
    pub id: Uuid,
    pub product_id: Uuid,
    pub store_id: Uuid,
    /// Per unit, in minor units.
    pub price: i64,
    pub pack_thousandths: Option<i64>,
    /// In which run, if it was in one.
    pub run_id: Option<Uuid>,
    pub by: Uuid,
    pub at: i64,
}

/// Notes a price if it differs from that day's latest before it; returns whether it did. Days are those of UTC.
///
/// # Errors
/// Faults only; a product or store that does not exist is one.
pub async fn observe_price(db: &Database, seen: &NewObservation) -> Result<bool, StorageError> {
    let mut tx = db.begin().await?;
    let noted = observe(&mut tx, seen).await?;
    tx.commit().await?;
    Ok(noted)
}

/// As [`observe_price`], in a transaction under way.
pub(crate) async fn observe(tx: &mut Tx, seen: &NewObservation) -> Result<bool, sqlx::Error> {
    lock_pair(tx, seen).await?;
    let sql = "insert into price_observations
                   (id, product_id, store_id, price, pack_thousandths, run_id, observed_by, observed_at)
               select $1, $2, $3, $4, $5, $6, $7, $8
               where not exists (
                   select 1 from (
                       select price, pack_thousandths from price_observations
                       where store_id = $3 and product_id = $2 and observed_at >= $9 and observed_at <= $8
                       order by observed_at desc, id desc limit 1
                   ) latest
                   where latest.price = $4 and latest.pack_thousandths is not distinct from $5
               )";
    let rows = on_tx!(tx, |c| {
        sqlx::query(sql)
            .bind(seen.id)
            .bind(seen.product_id)
            .bind(seen.store_id)
            .bind(seen.price)
            .bind(seen.pack_thousandths)
            .bind(seen.run_id)
            .bind(seen.by)
            .bind(seen.at)
            .bind(seen.at - seen.at.rem_euclid(DAY))
            .execute(c)
            .await
            .map(|done| done.rows_affected())
    })?;
    Ok(rows == 1)
}

/// Whoever notes the same pair at the same time waits, if the store is known to sell the product.
async fn lock_pair(tx: &mut Tx, seen: &NewObservation) -> Result<(), sqlx::Error> {
    let sql = "update store_products set note = note where store_id = $1 and product_id = $2";
    on_tx!(tx, |c| sqlx::query(sql).bind(seen.store_id).bind(seen.product_id).execute(c).await.map(drop))
}

/// What a product cost, in all stores, latest first.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn prices(
    db: &Database,
    product: Uuid,
    page: &Page,
) -> Result<Paged<PriceObservation>, StorageError> {
    let sql =
        "select o.id, o.product_id, o.store_id, s.name as store_name, o.price, o.pack_thousandths, o.run_id,
                   o.observed_by, o.observed_at
               from price_observations o join stores s on s.id = o.store_id
               where o.product_id = $1 and (o.observed_at, o.id) < ($2, $3)
               order by o.observed_at desc, o.id desc limit $4";
    let (observed_at, id) = page.below_number()?;
    let rows: Vec<PriceObservation> = on_db!(
        db,
        read | c | {
            sqlx::query_as(sql).bind(product).bind(observed_at).bind(id).bind(page.rows()).fetch_all(c).await
        }
    )?;
    Ok(page.cut(rows, |row| Cursor::number(row.observed_at, row.id)))
}

/// What a product cost in one store, latest first.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn prices_in_store(
    db: &Database,
    product: Uuid,
    store: Uuid,
    page: &Page,
) -> Result<Paged<PriceObservation>, StorageError> {
    let sql =
        "select o.id, o.product_id, o.store_id, s.name as store_name, o.price, o.pack_thousandths, o.run_id,
                   o.observed_by, o.observed_at
               from price_observations o join stores s on s.id = o.store_id
               where o.product_id = $1 and o.store_id = $2 and (o.observed_at, o.id) < ($3, $4)
               order by o.observed_at desc, o.id desc limit $5";
    let (observed_at, id) = page.below_number()?;
    let rows: Vec<PriceObservation> = on_db!(
        db,
        read | c | {
            sqlx::query_as(sql)
                .bind(product)
                .bind(store)
                .bind(observed_at)
                .bind(id)
                .bind(page.rows())
                .fetch_all(c)
                .await
        }
    )?;
    Ok(page.cut(rows, |row| Cursor::number(row.observed_at, row.id)))
}
