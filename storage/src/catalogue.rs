//! Stores and products, shared by all groups of the server.

mod availability;
mod families;
mod import;
mod prices;
mod products;
mod search;
mod stores;

pub use availability::{
    Availability, CatalogueError, Offer, StoreProduct, offer, products_of_store, put_availability,
};
pub use families::{FamilyMember, families_of_run};
pub use import::{ImportLine, import};
pub use prices::{NewObservation, PriceObservation, observe_price, prices, prices_in_store};
pub use products::{
    Aliases, FamilyError, MAX_ALIASES, MAX_TAGS, NewProduct, Product, ProductFields, ProductPatch,
    create_product, find_product, members_of_family, patch_product, product, products, similar_products,
};
pub(crate) use products::{disable_product, inherit};
pub(crate) use stores::disable_store;
pub use stores::{
    NewStore, Store, StoreFields, StorePatch, create_store, patch_store, similar_stores, store, stores,
};

use crate::database::Tx;
use crate::{Database, StorageError};
use uuid::Uuid;

/// Writes a whole catalogue in one transaction.
///
/// # Errors
/// [`CatalogueError`] if an availability names what does not exist; then nothing has changed.
pub async fn insert_catalogue(
    db: &Database,
    stores: &[NewStore],
    products: &[NewProduct],
    availability: &[Availability],
) -> Result<(), CatalogueError> {
    let mut tx = db.begin().await?;
    for store in stores {
        stores::insert(&mut tx, store).await?;
    }
    for product in products {
        products::insert(&mut tx, product).await?;
    }
    for availability in availability {
        availability::put(&mut tx, availability).await?;
    }
    Ok(tx.commit().await?)
}

/// Nobody finds the product any more.
pub(crate) async fn forget_product(tx: &mut Tx, id: Uuid) -> Result<(), sqlx::Error> {
    search::remove(tx, search::Kind::Product, id).await
}

/// Nobody finds the store any more.
pub(crate) async fn forget_store(tx: &mut Tx, id: Uuid) -> Result<(), sqlx::Error> {
    search::remove(tx, search::Kind::Store, id).await
}

/// Makes everything findable that was written by a version which searched otherwise.
///
/// # Errors
/// Faults only.
pub async fn refresh_search(db: &Database) -> Result<(), StorageError> {
    loop {
        let mut tx = db.begin().await?;
        let stale = search::stale(&mut tx).await?;
        for (kind, id) in &stale {
            match kind {
                search::Kind::Product => products::refresh_search(&mut tx, *id).await?,
                search::Kind::Store => stores::refresh_search(&mut tx, *id).await?,
            }
        }
        tx.commit().await?;
        if stale.is_empty() {
            return Ok(());
        }
    }
}
