//! Shops.

use super::search::{self, Kind, Statements, statements};
use crate::database::Tx;
use crate::{Cursor, Database, Page, Paged, StorageError};
use uuid::Uuid;

const STATEMENTS: Statements = statements!("stores", "store", Kind::Store);

record! {
    pub struct Store {
        pub id: Uuid,
        pub name: String,
        pub name_key: String,
        pub chain: Option<String>,
        pub address: Option<String>,
        /// In the notation of OpenStreetMap's `opening_hours`.
        pub hours: Option<String>,
        pub note: Option<String>,
        pub verified_at: Option<i64>,
        /// Taken out of lists and search; only runs of before still name it.
        pub disabled_at: Option<i64>,
        /// It was found to be the same as another; only runs of before still name it.
        pub merged_into: Option<Uuid>,
        pub created_by: Uuid,
        pub created_at: i64,
    }
}

/// What people say about a store.
#[derive(Clone, Debug, Default)]
pub struct StoreFields {
    pub name: String,
    pub chain: Option<String>,
    pub address: Option<String>,
    pub hours: Option<String>,
    pub note: Option<String>,
}

/// What is given is set.
#[derive(Clone, Debug, Default)]
pub struct StorePatch {
    pub name: Option<String>,
    pub chain: Option<Option<String>>,
    pub address: Option<Option<String>>,
    pub hours: Option<Option<String>>,
}

#[derive(Clone, Debug)]
pub struct NewStore {
    pub id: Uuid,
    pub fields: StoreFields,
    pub created_by: Uuid,
    pub at: i64,
}

/// # Errors
/// Faults only.
pub async fn create_store(db: &Database, new: NewStore) -> Result<Store, StorageError> {
    let mut tx = db.begin().await?;
    let store = insert(&mut tx, &new).await?;
    tx.commit().await?;
    Ok(store)
}

pub(super) async fn insert(tx: &mut Tx, new: &NewStore) -> Result<Store, sqlx::Error> {
    let sql = "insert into stores (id, name, name_key, chain, address, hours, note, created_by, created_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning *";
    let store = on_tx!(tx, |c| {
        sqlx::query_as(sql)
            .bind(new.id)
            .bind(&new.fields.name)
            .bind(new.fields.name.to_lowercase())
            .bind(&new.fields.chain)
            .bind(&new.fields.address)
            .bind(&new.fields.hours)
            .bind(&new.fields.note)
            .bind(new.created_by)
            .bind(new.at)
            .fetch_one(c)
            .await
    })?;
    make_findable(tx, &store).await?;
    Ok(store)
}

/// Unless it is disabled.
async fn make_findable(tx: &mut Tx, store: &Store) -> Result<(), sqlx::Error> {
    if store.disabled_at.is_some() {
        return search::remove(tx, Kind::Store, store.id).await;
    }
    let more = store.chain.iter().chain(&store.address).map(String::as_str);
    search::put(tx, Kind::Store, store.id, &store.name, more).await
}

pub(super) async fn refresh_search(tx: &mut Tx, id: Uuid) -> Result<(), sqlx::Error> {
    let sql = "select * from stores where id = $1 and merged_into is null";
    let found: Option<Store> = on_tx!(tx, |c| sqlx::query_as(sql).bind(id).fetch_optional(c).await)?;
    match found {
        Some(store) => make_findable(tx, &store).await,
        None => search::remove(tx, Kind::Store, id).await,
    }
}

/// # Errors
/// Faults only.
pub async fn store(db: &Database, id: Uuid) -> Result<Option<Store>, StorageError> {
    let sql = "select * from stores where id = $1";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// By name; with `query`, those that are found by their name, chain or address.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn stores(db: &Database, page: &Page, query: Option<&str>) -> Result<Paged<Store>, StorageError> {
    let rows = search::list(db, &STATEMENTS, page, query).await?;
    Ok(page.cut(rows, |store: &Store| Cursor::text(&store.name_key, store.id)))
}

/// Those whose name is much like this one, most alike first; at most 10.
///
/// # Errors
/// Faults only.
pub async fn similar_stores(db: &Database, name: &str) -> Result<Vec<Store>, StorageError> {
    search::similar(db, &STATEMENTS, name, |store: &Store| &store.name).await
}

/// None if there is no such store, or it was merged into another.
///
/// # Errors
/// Faults only.
pub async fn patch_store(db: &Database, id: Uuid, patch: StorePatch) -> Result<Option<Store>, StorageError> {
    let mut tx = db.begin().await?;
    let Some(now) = lock(&mut tx, id).await? else { return Ok(None) };
    let name = patch.name.unwrap_or(now.name);
    let changed = Store {
        name_key: name.to_lowercase(),
        name,
        chain: patch.chain.unwrap_or(now.chain),
        address: patch.address.unwrap_or(now.address),
        hours: patch.hours.unwrap_or(now.hours),
        ..now
    };
    write(&mut tx, &changed).await?;
    make_findable(&mut tx, &changed).await?;
    tx.commit().await?;
    Ok(Some(changed))
}

/// Takes it out of use, or back into it. False if there is no such store, or it was merged into another.
pub(crate) async fn disable_store(tx: &mut Tx, id: Uuid, at: Option<i64>) -> Result<bool, sqlx::Error> {
    let sql = "update stores set disabled_at = $2 where id = $1 and merged_into is null returning *";
    let found: Option<Store> = on_tx!(tx, |c| sqlx::query_as(sql).bind(id).bind(at).fetch_optional(c).await)?;
    let Some(store) = found else { return Ok(false) };
    make_findable(tx, &store).await?;
    Ok(true)
}

/// A write that changes nothing makes whoever else changes the row wait, on every database.
pub(super) async fn lock(tx: &mut Tx, id: Uuid) -> Result<Option<Store>, sqlx::Error> {
    let sql = "update stores set name = name where id = $1 and merged_into is null returning *";
    on_tx!(tx, |c| sqlx::query_as(sql).bind(id).fetch_optional(c).await)
}

async fn write(tx: &mut Tx, store: &Store) -> Result<(), sqlx::Error> {
    let sql =
        "update stores set name = $2, name_key = $3, chain = $4, address = $5, hours = $6 where id = $1";
    on_tx!(tx, |c| {
        sqlx::query(sql)
            .bind(store.id)
            .bind(&store.name)
            .bind(&store.name_key)
            .bind(&store.chain)
            .bind(&store.address)
            .bind(&store.hours)
            .execute(c)
            .await
            .map(drop)
    })
}
