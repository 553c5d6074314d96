//! What people buy.

use super::search::{self, Kind, Statements, statements};
use crate::database::Tx;
use crate::error::carries_faults;
use crate::{Cursor, Database, Page, Paged, StorageError};
use std::collections::BTreeMap;
use uuid::Uuid;

const STATEMENTS: Statements = statements!("products", "product", Kind::Product);

record! {
    pub struct Product {
        pub id: Uuid,
        pub name: String,
        pub name_key: String,
        pub brand: Option<String>,
        pub unit: String,
        pub step_thousandths: i64,
        /// Has members, and no family of its own.
        pub is_family: bool,
        pub family_id: Option<Uuid>,
        /// A JSON object, see [`Aliases`].
        pub aliases: String,
        /// A JSON array.
        pub tags: String,
        pub verified_at: Option<i64>,
        /// Taken out of lists and search; only runs of before still name it.
        pub disabled_at: Option<i64>,
        /// It was found to be the same as another; only runs of before still name it.
        pub merged_into: Option<Uuid>,
        pub created_by: Uuid,
        pub created_at: i64,
    }
}

/// Other names, by language.
pub type Aliases = BTreeMap<String, Vec<String>>;

/// In each language.
pub const MAX_ALIASES: usize = 10;
pub const MAX_TAGS: usize = 20;

/// What people say about a product.
#[derive(Clone, Debug, Default)]
pub struct ProductFields {
    pub name: String,
    pub brand: Option<String>,
    pub unit: String,
    pub step_thousandths: i64,
    pub is_family: bool,
    pub family_id: Option<Uuid>,
    pub aliases: Aliases,
    pub tags: Vec<String>,
}

/// What is given is set. Unit, step and being a family stay: bids were made in them.
#[derive(Clone, Debug, Default)]
pub struct ProductPatch {
    pub name: Option<String>,
    pub brand: Option<Option<String>>,
    pub family_id: Option<Option<Uuid>>,
    pub aliases: Option<Aliases>,
    pub tags: Option<Vec<String>>,
}

#[derive(Clone, Debug)]
pub struct NewProduct {
    pub id: Uuid,
    pub fields: ProductFields,
    pub created_by: Uuid,
    pub at: i64,
}

/// Why a product cannot belong to a family.
#[derive(Debug, thiserror::Error)]
pub enum FamilyError {
    #[error("there is no such family")]
    NotFound,
    #[error("the product named is not a family")]
    NotAFamily,
    #[error("a family does not belong to another one")]
    Nested,
    #[error("the family is counted in {unit}")]
    OtherUnit { unit: String },
    #[error(transparent)]
    Storage(#[from] StorageError),
}

carries_faults!(FamilyError);

/// # Errors
/// [`FamilyError`] if it cannot belong where it is said to.
pub async fn create_product(db: &Database, new: NewProduct) -> Result<Product, FamilyError> {
    let mut tx = db.begin().await?;
    check_family(&mut tx, new.fields.family_id, new.fields.is_family, &new.fields.unit).await?;
    let product = insert(&mut tx, &new).await?;
    tx.commit().await?;
    Ok(product)
}

pub(super) async fn insert(tx: &mut Tx, new: &NewProduct) -> Result<Product, sqlx::Error> {
    let sql = "insert into products (id, name, name_key, brand, unit, step_thousandths, is_family, family_id,
                   aliases, tags, created_by, created_at)
               values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) returning *";
    let fields = &new.fields;
    let product = on_tx!(tx, |c| {
        sqlx::query_as(sql)
            .bind(new.id)
            .bind(&fields.name)
            .bind(fields.name.to_lowercase())
            .bind(&fields.brand)
            .bind(&fields.unit)
            .bind(fields.step_thousandths)
            .bind(fields.is_family)
            .bind(fields.family_id)
            .bind(json(&fields.aliases))
            .bind(json(&fields.tags))
            .bind(new.created_by)
            .bind(new.at)
            .fetch_one(c)
            .await
    })?;
    make_findable(tx, &product).await?;
    Ok(product)
}

async fn check_family(
    tx: &mut Tx,
    family: Option<Uuid>,
    is_family: bool,
    unit: &str,
) -> Result<(), FamilyError> {
    let Some(family) = family else { return Ok(()) };
    if is_family {
        return Err(FamilyError::Nested);
    }
    let sql = "select * from products where id = $1 and merged_into is null and disabled_at is null";
    let found: Option<Product> = on_tx!(tx, |c| sqlx::query_as(sql).bind(family).fetch_optional(c).await)?;
    match found {
        None => Err(FamilyError::NotFound),
        Some(family) if !family.is_family => Err(FamilyError::NotAFamily),
        Some(family) if family.unit != unit => Err(FamilyError::OtherUnit { unit: family.unit }),
        Some(_) => Ok(()),
    }
}

/// Unless it is disabled.
async fn make_findable(tx: &mut Tx, product: &Product) -> Result<(), sqlx::Error> {
    if product.disabled_at.is_some() {
        return search::remove(tx, Kind::Product, product.id).await;
    }
    // What is stored was written by `json`; a row somebody else wrote is found by less, not by nothing.
    let aliases: Aliases = serde_json::from_str(&product.aliases).unwrap_or_default();
    let tags: Vec<String> = serde_json::from_str(&product.tags).unwrap_or_default();
    let more = product.brand.iter().chain(aliases.values().flatten()).chain(&tags).map(String::as_str);
    search::put(tx, Kind::Product, product.id, &product.name, more).await
}

pub(super) async fn refresh_search(tx: &mut Tx, id: Uuid) -> Result<(), sqlx::Error> {
    let sql = "select * from products where id = $1 and merged_into is null";
    let found: Option<Product> = on_tx!(tx, |c| sqlx::query_as(sql).bind(id).fetch_optional(c).await)?;
    match found {
        Some(product) => make_findable(tx, &product).await,
        None => search::remove(tx, Kind::Product, id).await,
    }
}

/// # Errors
/// Faults only.
pub async fn product(db: &Database, id: Uuid) -> Result<Option<Product>, StorageError> {
    let sql = "select * from products where id = $1";
    Ok(on_db!(db, read | c | sqlx::query_as(sql).bind(id).fetch_optional(c).await)?)
}

/// The product of just this name and brand, in any case of letters.
///
/// # Errors
/// Faults only.
pub async fn find_product(
    db: &Database,
    name: &str,
    brand: Option<&str>,
) -> Result<Option<Product>, StorageError> {
    let sql = "select * from products where name_key = $1 and merged_into is null order by id limit 100";
    let key = name.to_lowercase();
    let rows: Vec<Product> = on_db!(db, read | c | sqlx::query_as(sql).bind(key).fetch_all(c).await)?;
    let lower = |brand: Option<&str>| brand.map(str::to_lowercase);
    Ok(rows.into_iter().find(|product| lower(product.brand.as_deref()) == lower(brand)))
}

/// By name; with `query`, those that are found by their name, brand, aliases or tags.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn products(
    db: &Database,
    page: &Page,
    query: Option<&str>,
) -> Result<Paged<Product>, StorageError> {
    let rows = search::list(db, &STATEMENTS, page, query).await?;
    Ok(page.cut(rows, |product: &Product| Cursor::text(&product.name_key, product.id)))
}

/// Those whose name is much like this one, most alike first; at most 10.
///
/// # Errors
/// Faults only.
pub async fn similar_products(db: &Database, name: &str) -> Result<Vec<Product>, StorageError> {
    search::similar(db, &STATEMENTS, name, |product: &Product| &product.name).await
}

/// The members of a family, by name.
///
/// # Errors
/// [`StorageError::Cursor`] and faults.
pub async fn members_of_family(
    db: &Database,
    family: Uuid,
    page: &Page,
) -> Result<Paged<Product>, StorageError> {
    let sql = "select * from products
               where family_id = $1 and family_id is not null and merged_into is null and disabled_at is null
                   and (name_key, id) > ($2, $3)
               order by name_key, id limit $4";
    let (name_key, id) = page.above_text()?;
    let rows: Vec<Product> = on_db!(
        db,
        read | c | {
            sqlx::query_as(sql).bind(family).bind(name_key).bind(id).bind(page.rows()).fetch_all(c).await
        }
    )?;
    Ok(page.cut(rows, |product| Cursor::text(&product.name_key, product.id)))
}

/// None if there is no such product, or it was merged into another.
///
/// # Errors
/// [`FamilyError`] if it cannot belong where it is said to; then nothing has changed.
pub async fn patch_product(
    db: &Database,
    id: Uuid,
    patch: ProductPatch,
) -> Result<Option<Product>, FamilyError> {
    let mut tx = db.begin().await?;
    let Some(now) = lock(&mut tx, id).await? else { return Ok(None) };
    let family_id = patch.family_id.unwrap_or(now.family_id);
    check_family(&mut tx, family_id, now.is_family, &now.unit).await?;
    let name = patch.name.unwrap_or(now.name);
    let changed = Product {
        name_key: name.to_lowercase(),
        name,
        brand: patch.brand.unwrap_or(now.brand),
        family_id,
        aliases: patch.aliases.map_or(now.aliases, |aliases| json(&aliases)),
        tags: patch.tags.map_or(now.tags, |tags| json(&tags)),
        ..now
    };
    rewrite(&mut tx, &changed).await?;
    tx.commit().await?;
    Ok(Some(changed))
}

/// The other names and tags of one that goes, behind those of the one that stays, as far as there is room; and its family, if
/// the other has none.
pub(crate) async fn inherit(tx: &mut Tx, gone: &Product, heir: Product) -> Result<(), sqlx::Error> {
    // What is stored was written by `json`; of a row somebody else wrote nothing is lost: it keeps what it has.
    let mut aliases: Aliases = serde_json::from_str(&heir.aliases).unwrap_or_default();
    let other_names: Aliases = serde_json::from_str(&gone.aliases).unwrap_or_default();
    for (language, names) in other_names {
        add_missing(aliases.entry(language).or_default(), names, MAX_ALIASES);
    }
    let mut tags: Vec<String> = serde_json::from_str(&heir.tags).unwrap_or_default();
    add_missing(&mut tags, serde_json::from_str(&gone.tags).unwrap_or_default(), MAX_TAGS);
    let family_id = heir.family_id.or(gone.family_id);
    rewrite(tx, &Product { aliases: json(&aliases), tags: json(&tags), family_id, ..heir }).await
}

/// What is there in another case of letters is there.
fn add_missing(texts: &mut Vec<String>, more: Vec<String>, most: usize) {
    for text in more {
        let is_known = texts.iter().any(|known| known.to_lowercase() == text.to_lowercase());
        if !is_known && texts.len() < most {
            texts.push(text);
        }
    }
}

/// Takes it out of use, or back into it. False if there is no such product, or it was merged into another.
pub(crate) async fn disable_product(tx: &mut Tx, id: Uuid, at: Option<i64>) -> Result<bool, sqlx::Error> {
    let sql = "update products set disabled_at = $2 where id = $1 and merged_into is null returning *";
    let found: Option<Product> =
        on_tx!(tx, |c| sqlx::query_as(sql).bind(id).bind(at).fetch_optional(c).await)?;
    let Some(product) = found else { return Ok(false) };
    make_findable(tx, &product).await?;
    Ok(true)
}

async fn rewrite(tx: &mut Tx, product: &Product) -> Result<(), sqlx::Error> {
    write(tx, product).await?;
    make_findable(tx, product).await
}

/// A write that changes nothing makes whoever else changes the row wait, on every database.
pub(super) async fn lock(tx: &mut Tx, id: Uuid) -> Result<Option<Product>, sqlx::Error> {
    let sql = "update products set name = name where id = $1 and merged_into is null returning *";
    on_tx!(tx, |c| sqlx::query_as(sql).bind(id).fetch_optional(c).await)
}

async fn write(tx: &mut Tx, product: &Product) -> Result<(), sqlx::Error> {
    let sql =
        "update products set name = $2, name_key = $3, brand = $4, family_id = $5, aliases = $6, tags = $7
               where id = $1";
    on_tx!(tx, |c| {
        sqlx::query(sql)
            .bind(product.id)
            .bind(&product.name)
            .bind(&product.name_key)
            .bind(&product.brand)
            .bind(product.family_id)
            .bind(&product.aliases)
            .bind(&product.tags)
            .execute(c)
            .await
            .map(drop)
    })?;
    let sql = "update store_products set name_key = $2 where product_id = $1 and name_key <> $2";
    on_tx!(tx, |c| sqlx::query(sql).bind(product.id).bind(&product.name_key).execute(c).await.map(drop))
}

fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).expect("texts are plain data")
}
