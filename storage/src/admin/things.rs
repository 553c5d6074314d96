//! Products and stores: looked at, taken out of use, and listed with what is out of use.

use super::log::{self, NewEntry};
use crate::catalogue::{Product, Store, disable_product, disable_store};
use crate::{Cursor, Database, Page, Paged, StorageError};
use uuid::Uuid;

/// What an admin looks after besides people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    Product,
    Store,
}

impl Thing {
    /// As the log calls it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Product => "product",
            Self::Store => "store",
        }
    }
}

/// Says that somebody looked at it, or takes that back. False if there is no such thing, or it was merged into another.
///
/// # Errors
/// Faults only.
pub async fn verify(
    db: &Database,
    thing: Thing,
    id: Uuid,
    verified_at: Option<i64>,
    entry: &NewEntry,
) -> Result<bool, StorageError> {
    let sql = match thing {
        Thing::Product => "update products set verified_at = $2 where id = $1 and merged_into is null",
        Thing::Store => "update stores set verified_at = $2 where id = $1 and merged_into is null",
    };
    let mut tx = db.begin().await?;
    let rows = on_tx!(&mut tx, |c| {
        sqlx::query(sql).bind(id).bind(verified_at).execute(c).await.map(|done| done.rows_affected())
    })?;
    if rows == 1 {
        log::write(&mut tx, entry).await?;
        tx.commit().await?;
    }
    Ok(rows == 1)
}

/// Takes it out of use, or back into it. Nobody finds what is out of use, and no run begins to name it; those that do go on. False
/// if there is no such thing, or it was merged into another.
///
/// # Errors
/// Faults only.
pub async fn disable_thing(
    db: &Database,
    thing: Thing,
    id: Uuid,
    disabled_at: Option<i64>,
    entry: &NewEntry,
) -> Result<bool, StorageError> {
    let mut tx = db.begin().await?;
    let found = match thing {
        Thing::Product => disable_product(&mut tx, id, disabled_at).await?,
        Thing::Store => disable_store(&mut tx, id, disabled_at).await?,
    };
    if found {
        log::write(&mut tx, entry).await?;
        tx.commit().await?;
    }
    Ok(found)
}

/// All products, or those whose name begins so, also what is out of use; by name.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn products(db: &Database, page: &Page, beginning: &str) -> Result<Paged<Product>, StorageError> {
    let sql = "select * from products
               where merged_into is null and (name_key, id) > ($1, $2) and name_key < $3
               order by name_key, id limit $4";
    let rows = beginning_with(db, sql, page, beginning).await?;
    Ok(page.cut(rows, |product: &Product| Cursor::text(&product.name_key, product.id)))
}

/// As [`products`], of stores.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn stores(db: &Database, page: &Page, beginning: &str) -> Result<Paged<Store>, StorageError> {
    let sql = "select * from stores
               where merged_into is null and (name_key, id) > ($1, $2) and name_key < $3
               order by name_key, id limit $4";
    let rows = beginning_with(db, sql, page, beginning).await?;
    Ok(page.cut(rows, |store: &Store| Cursor::text(&store.name_key, store.id)))
}

/// Rows of a statement about names behind `$1` and `$2` and below `$3`, at most `$4`. There is one lower bound, as PostgreSQL
/// begins to read an index at one of several, which may be the one that leaves nothing out.
pub(super) async fn beginning_with<T: crate::record::Row>(
    db: &Database,
    sql: &'static str,
    page: &Page,
    beginning: &str,
) -> Result<Vec<T>, StorageError> {
    let from = beginning.to_lowercase();
    let to = format!("{from}\u{10ffff}");
    let (after, id) = page.above_text()?.max((&from, Uuid::nil()));
    Ok(on_db!(
        db,
        read | c | sqlx::query_as(sql).bind(after).bind(id).bind(to).bind(page.rows()).fetch_all(c).await
    )?)
}
