//! What can be bought.

use super::containing;
use crate::database::Tx;
use crate::{Cursor, Database, Page, Paged, StorageError};
use uuid::Uuid;

record! {
    pub struct Product {
        pub id: Uuid,
        pub name: String,
        pub name_key: String,
        pub brand: Option<String>,
        pub unit: String,
        pub step_thousandths: i64,
        pub created_by: Uuid,
        pub created_at: i64,
    }
}

/// What people say about a product.
#[derive(Clone, Debug)]
pub struct ProductFields {
    pub name: String,
    pub brand: Option<String>,
    pub unit: String,
    pub step_thousandths: i64,
}

#[derive(Clone, Debug)]
pub struct NewProduct {
    pub id: Uuid,
    pub fields: ProductFields,
    pub created_by: Uuid,
    pub at: i64,
}

/// # Errors
/// Faults only.
pub async fn create_product(db: &Database, new: NewProduct) -> Result<Product, StorageError> {
    let mut tx = db.begin().await?;
    let product = insert(&mut tx, &new).await?;
    tx.commit().await?;
    Ok(product)
}

pub(super) async fn insert(tx: &mut Tx, new: &NewProduct) -> Result<Product, sqlx::Error> {
    let sql =
        "insert into products (id, name, name_key, brand, unit, step_thousandths, created_by, created_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8) returning *";
    on_tx!(tx, |c| {
        sqlx::query_as(sql)
            .bind(new.id)
            .bind(&new.fields.name)
            .bind(new.fields.name.to_lowercase())
            .bind(&new.fields.brand)
            .bind(&new.fields.unit)
            .bind(new.fields.step_thousandths)
            .bind(new.created_by)
            .bind(new.at)
            .fetch_one(c)
            .await
    })
}

/// # Errors
/// Faults only.
pub async fn product(db: &Database, id: Uuid) -> Result<Option<Product>, StorageError> {
    let sql = "select * from products where id = $1";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// By name; with `query`, those whose name holds it in any case of letters.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn products(
    db: &Database,
    page: &Page,
    query: Option<&str>,
) -> Result<Paged<Product>, StorageError> {
    let sql = "select * from products where (name_key, id) > ($1, $2) and name_key like $3 escape '\\'
               order by name_key, id limit $4";
    let (name_key, id) = page.above_text()?;
    let rows: Vec<Product> = on_db!(
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
    Ok(page.cut(rows, |product| Cursor::text(&product.name_key, product.id)))
}

/// Sets all of what people say about it. None if there is no such product.
///
/// # Errors
/// Faults only.
pub async fn update_product(
    db: &Database,
    id: Uuid,
    fields: ProductFields,
) -> Result<Option<Product>, StorageError> {
    let sql = "update products set name = $2, name_key = $3, brand = $4, unit = $5, step_thousandths = $6
               where id = $1 returning *";
    Ok(on_db!(
        db,
        write | c | {
            sqlx::query_as(sql)
                .bind(id)
                .bind(&fields.name)
                .bind(fields.name.to_lowercase())
                .bind(&fields.brand)
                .bind(&fields.unit)
                .bind(fields.step_thousandths)
                .fetch_optional(c)
                .await
        }
    )?)
}
