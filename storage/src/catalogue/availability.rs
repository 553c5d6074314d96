//! What a product costs where, now and before.

use super::prices::{self, NewObservation};
use super::products::Product;
use crate::database::Tx;
use crate::error::carries_faults;
use crate::{Cursor, Database, Page, Paged, StorageError};
use sqlx::{FromRow, Row};
use uuid::Uuid;

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

impl Availability {
    const fn observation(&self, price: i64) -> NewObservation {
        NewObservation {
            id: self.observation_id,
            product_id: self.product_id,
            store_id: self.store_id,
            price,
            pack_thousandths: self.pack_thousandths,
            run_id: None,
            by: self.by,
            at: self.at,
        }
    }
}

/// A product as a store sells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoreProduct {
    pub product: Product,
    pub price: Option<i64>,
    pub pack_thousandths: Option<i64>,
    pub minimum_thousandths: Option<i64>,
    pub note: Option<String>,
    pub updated_at: i64,
}

record! {
    struct Terms {
        price: Option<i64>,
        pack_thousandths: Option<i64>,
        minimum_thousandths: Option<i64>,
        note: Option<String>,
        updated_at: i64,
    }
}

impl<'r, R: Row> FromRow<'r, R> for StoreProduct
where
    Product: FromRow<'r, R>,
    Terms: FromRow<'r, R>,
{
    fn from_row(row: &'r R) -> Result<Self, sqlx::Error> {
        let Terms { price, pack_thousandths, minimum_thousandths, note, updated_at } = Terms::from_row(row)?;
        let product = Product::from_row(row)?;
        Ok(Self { product, price, pack_thousandths, minimum_thousandths, note, updated_at })
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
        /// The family it belongs to.
        pub family_id: Option<Uuid>,
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
    require_store(tx, availability.store_id).await?;
    require_product(tx, availability.product_id).await?;
    upsert(tx, availability).await?;
    if let Some(price) = availability.price {
        prices::observe(tx, &availability.observation(price)).await?;
    }
    Ok(())
}

pub(super) async fn require_store(tx: &mut Tx, store: Uuid) -> Result<(), CatalogueError> {
    let sql =
        "select exists (select 1 from stores where id = $1 and merged_into is null and disabled_at is null)";
    let exists: bool = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(store).fetch_one(c).await)?;
    if exists { Ok(()) } else { Err(CatalogueError::StoreNotFound) }
}

async fn require_product(tx: &mut Tx, product: Uuid) -> Result<(), CatalogueError> {
    let sql = "select exists (select 1 from products where id = $1 and merged_into is null and disabled_at is null)";
    let exists: bool = on_tx!(tx, |c| sqlx::query_scalar(sql).bind(product).fetch_one(c).await)?;
    if exists { Ok(()) } else { Err(CatalogueError::ProductNotFound) }
}

async fn upsert(tx: &mut Tx, a: &Availability) -> Result<(), sqlx::Error> {
    let sql = "insert into store_products
                   (store_id, product_id, price, pack_thousandths, minimum_thousandths, note, updated_at, name_key)
               values ($1, $2, $3, $4, $5, $6, $7, (select name_key from products where id = $2))
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

/// By name.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn products_of_store(
    db: &Database,
    store: Uuid,
    page: &Page,
) -> Result<Paged<StoreProduct>, StorageError> {
    let sql = "select p.*, sp.price, sp.pack_thousandths, sp.minimum_thousandths, sp.note, sp.updated_at
               from store_products sp join products p on p.id = sp.product_id
               where sp.store_id = $1 and p.disabled_at is null and (sp.name_key, sp.product_id) > ($2, $3)
               order by sp.name_key, sp.product_id limit $4";
    let (name_key, id) = page.above_text()?;
    let rows: Vec<StoreProduct> = on_db!(
        db,
        read | c | {
            sqlx::query_as(sql).bind(store).bind(name_key).bind(id).bind(page.rows()).fetch_all(c).await
        }
    )?;
    Ok(page.cut(rows, |row| Cursor::text(&row.product.name_key, row.product.id)))
}

/// None if the catalogue does not know the product, or it was merged into another or disabled.
///
/// # Errors
/// Faults only.
pub async fn offer(db: &Database, store: Uuid, product: Uuid) -> Result<Option<Offer>, StorageError> {
    let sql = "select p.id as product_id, p.name, p.brand, p.unit, p.step_thousandths,
                   sp.price, sp.pack_thousandths, sp.minimum_thousandths, p.family_id
               from products p left join store_products sp on sp.product_id = p.id and sp.store_id = $1
               where p.id = $2 and p.merged_into is null and p.disabled_at is null";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(store).bind(product).fetch_optional(c).await)?)
}
