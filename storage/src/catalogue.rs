//! Stores and products, shared by all groups of the server.

mod availability;
mod products;
mod stores;

pub use availability::{
    Availability, CatalogueError, Offer, PriceObservation, StoreProduct, offer, prices, products_of_store,
    put_availability,
};
pub use products::{NewProduct, Product, ProductFields, create_product, product, products, update_product};
pub use stores::{NewStore, Store, StoreFields, create_store, store, stores, update_store};

use crate::Database;

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

/// A pattern for `like … escape '\'` that finds `query` anywhere; without one, everything.
fn containing(query: Option<&str>) -> String {
    let query = query.unwrap_or_default().trim().to_lowercase();
    let literal = query.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{literal}%")
}
