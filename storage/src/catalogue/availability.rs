//! What a product costs where, now and before.

use crate::database::Tx;
use crate::error::carries_faults;
use crate::{Cursor, Database, Page, Paged, StorageError};
use uuid::Uuid;

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// What somebody saw in a store.
#[derive(Clone, Debug)]
pub struct Availability {
    pub store_id: Uuid,
    pub product_id: Uuid,
    /// Per unit, in minor units.
    pub price: Option<i64>,
    pub pack_thousandths: Option<i64>,
    pub minimum_thousandths: Option<i64>,
    pub note: Option<String>,
    /// The id of the price observation, if there is one to make.
    pub observation_id: Uuid,
    pub by: Uuid,
    pub at: i64,
}

record! {
    /// A product as a store sells it.
    pub struct StoreProduct {
        pub product_id: Uuid,
        pub name: String,
        pub name_key: String,
        pub brand: Option<String>,
        pub unit: String,
        pub step_thousandths: i64,
        pub price: Option<i64>,
        pub pack_thousandths: Option<i64>,
        pub minimum_thousandths: Option<i64>,
        pub note: Option<String>,
        pub updated_at: i64,
    }
}

record! {
    /// The terms under which a store sells a product. Nothing but the product itself is known if nobody said so.
    pub struct Offer {
        pub product_id: Uuid,
        pub name: String,
        pub brand: Option<String>,
        pub unit: String,
        pub step_thousandths: i64,
        pub price: Option<i64>,
        pub pack_thousandths: Option<i64>,
        pub minimum_thousandths: Option<i64>,
    }
}

record! {
    pub struct PriceObservation {
        pub id: Uuid,
        pub product_id: Uuid,
        pub store_id: Uuid,
        pub store_name: String,
        pub price: i64,
        pub pack_thousandths: Option<i64>,
        pub observed_by: Uuid,
        pub observed_at: i64,
    }
}

#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    #[error("there is no such store")]
    StoreNotFound,
    #[error("there is no such product")]
    ProductNotFound,
    #[error(transparent)]
    Storage(#[from] StorageError),
}

carries_faults!(CatalogueError);

/// Says what a product costs in a store now, and notes the price if it differs from that day's latest.
///
/// # Errors
/// [`CatalogueError::StoreNotFound`], [`CatalogueError::ProductNotFound`].
pub async fn put_availability(db: &Database, availability: &Availability) -> Result<(), CatalogueError> {
    let mut tx = db.begin().await?;
    put(&mut tx, availability).await?;
    Ok(tx.commit().await?)
}

pub(super) async fn put(tx: &mut Tx, availability: &Availability) -> Result<(), CatalogueError> {
    let (store, product) = exist(tx, availability).await?;
    if !store {
        return Err(CatalogueError::StoreNotFound);
    }
    if !product {
        return Err(CatalogueError::ProductNotFound);
    }
    upsert(tx, availability).await?;
    if availability.price.is_some() {
        observe_price(tx, availability).await?;
    }
    Ok(())
}

async fn exist(tx: &mut Tx, availability: &Availability) -> Result<(bool, bool), sqlx::Error> {
    let sql =
        "select exists (select 1 from stores where id = $1), exists (select 1 from products where id = $2)";
    on_tx!(tx, |c| {
        sqlx::query_as(sql).bind(availability.store_id).bind(availability.product_id).fetch_one(c).await
    })
}

async fn upsert(tx: &mut Tx, a: &Availability) -> Result<(), sqlx::Error> {
    let sql = "insert into store_products
                   (store_id, product_id, price, pack_thousandths, minimum_thousandths, note, updated_at)
               values ($1, $2, $3, $4, $5, $6, $7)
               on conflict (store_id, product_id) do update set price = excluded.price,
                   pack_thousandths = excluded.pack_thousandths,
                   minimum_thousandths = excluded.minimum_thousandths,
                   note = excluded.note, updated_at = excluded.updated_at";
    on_tx!(tx, |c| {
        sqlx::query(sql)
            .bind(a.store_id)
            .bind(a.product_id)
            .bind(a.price)
            .bind(a.pack_thousandths)
            .bind(a.minimum_thousandths)
            .bind(&a.note)
            .bind(a.at)
            .execute(c)
            .await
            .map(drop)
    })
}

async fn observe_price(tx: &mut Tx, a: &Availability) -> Result<(), sqlx::Error> {
    let sql = "insert into price_observations
                   (id, product_id, store_id, price, pack_thousandths, observed_by, observed_at)
               select $1, $2, $3, $4, $5, $6, $7
               where not exists (
                   select 1 from (
                       select price, pack_thousandths from price_observations
                       where store_id = $3 and product_id = $2 and observed_at >= $8 and observed_at <= $7
                       order by observed_at desc, id desc limit 1
                   ) latest
                   where latest.price = $4 and latest.pack_thousandths is not distinct from $5
               )";
    on_tx!(tx, |c| {
        sqlx::query(sql)
            .bind(a.observation_id)
            .bind(a.product_id)
            .bind(a.store_id)
            .bind(a.price)
            .bind(a.pack_thousandths)
            .bind(a.by)
            .bind(a.at)
            .bind(a.at - a.at.rem_euclid(DAY))
            .execute(c)
            .await
            .map(drop)
    })
}

/// By name.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn products_of_store(
    db: &Database,
    store: Uuid,
    page: &Page,
) -> Result<Paged<StoreProduct>, StorageError> {
    let sql = "select sp.product_id, p.name, p.name_key, p.brand, p.unit, p.step_thousandths,
                   sp.price, sp.pack_thousandths, sp.minimum_thousandths, sp.note, sp.updated_at
               from store_products sp join products p on p.id = sp.product_id
               where sp.store_id = $1 and (p.name_key, p.id) > ($2, $3)
               order by p.name_key, p.id limit $4";
    let (name_key, id) = page.above_text()?;
    let rows: Vec<StoreProduct> = on_db!(
        db,
        read | c | {
            sqlx::query_as(sql).bind(store).bind(name_key).bind(id).bind(page.rows()).fetch_all(c).await
        }
    )?;
    Ok(page.cut(rows, |row| Cursor::text(&row.name_key, row.product_id)))
}

/// None if the catalogue does not know the product.
///
/// # Errors
/// Faults only.
pub async fn offer(db: &Database, store: Uuid, product: Uuid) -> Result<Option<Offer>, StorageError> {
    let sql = "select p.id as product_id, p.name, p.brand, p.unit, p.step_thousandths,
                   sp.price, sp.pack_thousandths, sp.minimum_thousandths
               from products p left join store_products sp on sp.product_id = p.id and sp.store_id = $1
               where p.id = $2";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(store).bind(product).fetch_optional(c).await)?)
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
    let sql = "select o.id, o.product_id, o.store_id, s.name as store_name, o.price, o.pack_thousandths,
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
