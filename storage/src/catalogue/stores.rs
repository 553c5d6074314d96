//! Shops.

use super::containing;
use crate::database::Tx;
use crate::{Cursor, Database, Page, Paged, StorageError};
use uuid::Uuid;

record! {
    pub struct Store {
        pub id: Uuid,
        pub name: String,
        pub name_key: String,
        pub chain: Option<String>,
        pub address: Option<String>,
        pub note: Option<String>,
        pub created_by: Uuid,
        pub created_at: i64,
    }
}

/// What people say about a store.
#[derive(Clone, Debug)]
pub struct StoreFields {
    pub name: String,
    pub chain: Option<String>,
    pub address: Option<String>,
    pub note: Option<String>,
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
    let sql = "insert into stores (id, name, name_key, chain, address, note, created_by, created_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8) returning *";
    on_tx!(tx, |c| {
        sqlx::query_as(sql)
            .bind(new.id)
            .bind(&new.fields.name)
            .bind(new.fields.name.to_lowercase())
            .bind(&new.fields.chain)
            .bind(&new.fields.address)
            .bind(&new.fields.note)
            .bind(new.created_by)
            .bind(new.at)
            .fetch_one(c)
            .await
    })
}

/// # Errors
/// Faults only.
pub async fn store(db: &Database, id: Uuid) -> Result<Option<Store>, StorageError> {
    let sql = "select * from stores where id = $1";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// By name; with `query`, those whose name holds it in any case of letters.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn stores(db: &Database, page: &Page, query: Option<&str>) -> Result<Paged<Store>, StorageError> {
    let sql = "select * from stores where (name_key, id) > ($1, $2) and name_key like $3 escape '\\'
               order by name_key, id limit $4";
    let (name_key, id) = page.above_text()?;
    let rows: Vec<Store> = on_db!(
        db,
        read | c | {
            sqlx::query_as(sql)
                .bind(name_key)
                .bind(id)
                .bind(containing(query))
                .bind(page.rows())
                .fetch_all(c)
                .await
        }
    )?;
    Ok(page.cut(rows, |store| Cursor::text(&store.name_key, store.id)))
}

/// Sets all of what people say about it. None if there is no such store.
///
/// # Errors
/// Faults only.
pub async fn update_store(
    db: &Database,
    id: Uuid,
    fields: StoreFields,
) -> Result<Option<Store>, StorageError> {
    let sql = "update stores set name = $2, name_key = $3, chain = $4, address = $5, note = $6
               where id = $1 returning *";
    Ok(on_db!(
        db,
        write | c | {
            sqlx::query_as(sql)
                .bind(id)
                .bind(&fields.name)
                .bind(fields.name.to_lowercase())
                .bind(&fields.chain)
                .bind(&fields.address)
                .bind(&fields.note)
                .fetch_optional(c)
                .await
        }
    )?)
}
