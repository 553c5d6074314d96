//! Products, shared by all groups of the server.

use super::api::Api;
use super::body::Body;
use super::identity::Identity;
use super::lists::{PageQuery, Query, SearchQuery, page};
use super::problem::{Answer, Failure};
use super::{App, values};
use crate::catalogue::{default_step, quantity, stored_quantity, unit, unit_text};
use crate::clock;
use crate::openapi::Doc;
use actix_web::{HttpResponse, web};
use bulq_domain::{Money, ProductId, RunId, StoreId};
use bulq_protocol::catalogue::{Aliases, NewProduct, PatchProduct, PriceObservation, Product};
use bulq_protocol::list::Listing;
use bulq_storage::Paged;
use bulq_storage::catalogue::{self, FamilyError, MAX_ALIASES, MAX_TAGS, ProductFields, ProductPatch};
use serde::Deserialize;
use uuid::Uuid;

/// A name that is being typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NameQuery {
    pub(super) name: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PricesQuery {
    store: Option<StoreId>,
    limit: Option<u32>,
    cursor: Option<String>,
}

pub(super) fn routes(api: &mut Api) {
    let doc = |summary| Doc::new("catalogue", summary);
    api.post(
        "/api/v1/products",
        create,
        doc("Add a product").takes::<NewProduct>().answers::<Product>(201).refuses(&[422]),
    );
    api.get("/api/v1/products", list, doc("All products, by name").searches::<Product>());
    api.get(
        "/api/v1/products/similar",
        similar,
        doc("Products whose name is much like this one, most alike first")
            .lists_whole::<Product>()
            .needs("name", "the name that is being typed")
            .refuses(&[422]),
    );
    api.get("/api/v1/products/{product}", get, doc("A product").answers::<Product>(200).refuses(&[404]));
    api.patch(
        "/api/v1/products/{product}",
        update,
        doc("Correct a product").takes::<PatchProduct>().answers::<Product>(200).refuses(&[404, 422]),
    );
    api.get(
        "/api/v1/products/{product}/members",
        members,
        doc("The members of a family, by name").lists::<Product>().refuses(&[404]),
    );
    api.get(
        "/api/v1/products/{product}/prices",
        prices,
        doc("What a product cost, latest first")
            .lists::<PriceObservation>()
            .query("store", "only in this store")
            .refuses(&[404]),
    );
}

async fn create(app: web::Data<App>, me: Identity, Body(new): Body<NewProduct>) -> Answer<HttpResponse> {
    let new = catalogue::NewProduct {
        id: Uuid::now_v7(),
        fields: fields(&new)?,
        created_by: me.user.0,
        at: clock::micros(),
    };
    let product = catalogue::create_product(app.edge.db(), new).await?;
    Ok(HttpResponse::Created().json(product_of(product)?))
}

async fn list(
    app: web::Data<App>,
    _me: Identity,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Listing<Product>>> {
    listed(catalogue::products(app.edge.db(), &query.page()?, query.q.as_deref()).await?)
}

async fn similar(
    app: web::Data<App>,
    _me: Identity,
    Query(query): Query<NameQuery>,
) -> Answer<web::Json<Listing<Product>>> {
    let name = values::line("name", &query.name, 0, 100)?;
    let items = catalogue::similar_products(app.edge.db(), &name).await?;
    listed(Paged { items, next: None })
}

async fn get(app: web::Data<App>, _me: Identity, id: web::Path<ProductId>) -> Answer<web::Json<Product>> {
    Ok(web::Json(product_of(read(&app, *id).await?)?))
}

async fn update(
    app: web::Data<App>,
    _me: Identity,
    id: web::Path<ProductId>,
    Body(change): Body<PatchProduct>,
) -> Answer<web::Json<Product>> {
    let changed = catalogue::patch_product(app.edge.db(), id.0, patch(change)?).await?;
    app.edge.product_changed().await;
    Ok(web::Json(product_of(changed.ok_or_else(|| Failure::not_found("product"))?)?))
}

async fn members(
    app: web::Data<App>,
    _me: Identity,
    id: web::Path<ProductId>,
    Query(query): Query<PageQuery>,
) -> Answer<web::Json<Listing<Product>>> {
    read(&app, *id).await?;
    listed(catalogue::members_of_family(app.edge.db(), id.0, &query.page()?).await?)
}

async fn prices(
    app: web::Data<App>,
    _me: Identity,
    id: web::Path<ProductId>,
    Query(query): Query<PricesQuery>,
) -> Answer<web::Json<Listing<PriceObservation>>> {
    read(&app, *id).await?;
    let page = page(query.limit, query.cursor.as_deref())?;
    let paged = match query.store {
        Some(store) => catalogue::prices_in_store(app.edge.db(), id.0, store.0, &page).await?,
        None => catalogue::prices(app.edge.db(), id.0, &page).await?,
    };
    let next_cursor = paged.next.map(|cursor| cursor.encode());
    let items = paged.items.into_iter().map(observed).collect::<Result<_, _>>()?;
    Ok(web::Json(Listing { items, next_cursor }))
}

async fn read(app: &App, id: ProductId) -> Answer<catalogue::Product> {
    catalogue::product(app.edge.db(), id.0).await?.ok_or_else(|| Failure::not_found("product"))
}

/// What a new product is, checked.
pub(super) fn fields(new: &NewProduct) -> Answer<ProductFields> {
    let step = new.step.unwrap_or_else(|| default_step(new.unit));
    if step.is_zero() {
        return Err(Failure::field("step", "OUT_OF_RANGE", "more than 0"));
    }
    Ok(ProductFields {
        name: values::line("name", &new.name, 1, 100)?,
        brand: values::optional_line("brand", new.brand.as_deref(), 100)?,
        unit: unit_text(new.unit),
        step_thousandths: stored_quantity(step),
        is_family: new.is_family,
        family_id: new.family_id.map(|id| id.0),
        aliases: aliases(&new.aliases)?,
        tags: values::lines("tags", &new.tags, MAX_TAGS, 50)?,
    })
}

fn patch(change: PatchProduct) -> Answer<ProductPatch> {
    Ok(ProductPatch {
        name: change.name.map(|name| values::line("name", &name, 1, 100)).transpose()?,
        brand: values::changed_line("brand", change.brand.as_deref(), 100)?,
        family_id: change.family_id.map(|family| family.map(|id| id.0)),
        aliases: change.aliases.as_ref().map(aliases).transpose()?,
        tags: change.tags.map(|tags| values::lines("tags", &tags, MAX_TAGS, 50)).transpose()?,
    })
}

fn aliases(aliases: &Aliases) -> Answer<catalogue::Aliases> {
    let mut stored = catalogue::Aliases::new();
    for (language, field, names) in [
        ("en", "aliases.en", &aliases.en),
        ("ru", "aliases.ru", &aliases.ru),
        ("sr", "aliases.sr", &aliases.sr),
    ] {
        let names = values::lines(field, names, MAX_ALIASES, 100)?;
        if !names.is_empty() {
            stored.insert(language.to_owned(), names);
        }
    }
    Ok(stored)
}

fn listed(paged: Paged<catalogue::Product>) -> Answer<web::Json<Listing<Product>>> {
    let next_cursor = paged.next.map(|cursor| cursor.encode());
    let items = paged.items.into_iter().map(product_of).collect::<Result<_, _>>()?;
    Ok(web::Json(Listing { items, next_cursor }))
}

fn observed(row: catalogue::PriceObservation) -> Answer<PriceObservation> {
    let pack = row.pack_thousandths.map(quantity).transpose();
    Ok(PriceObservation {
        store_id: StoreId(row.store_id),
        store_name: row.store_name,
        price: Money(row.price),
        pack: pack.map_err(|error| Failure::fault(&error))?,
        run_id: row.run_id.map(RunId),
        observed_at: clock::stored(row.observed_at),
    })
}

pub(super) fn product_of(product: catalogue::Product) -> Answer<Product> {
    Ok(Product {
        id: ProductId(product.id),
        name: product.name,
        brand: product.brand,
        unit: unit(&product.unit).map_err(|error| Failure::fault(&error))?,
        step: quantity(product.step_thousandths).map_err(|error| Failure::fault(&error))?,
        is_family: product.is_family,
        family_id: product.family_id.map(ProductId),
        aliases: serde_json::from_str(&product.aliases).map_err(|error| Failure::fault(&error))?,
        tags: serde_json::from_str(&product.tags).map_err(|error| Failure::fault(&error))?,
        verified: product.verified_at.is_some(),
        disabled: product.disabled_at.is_some(),
        merged_into: product.merged_into.map(ProductId),
        created_at: clock::stored(product.created_at),
    })
}

impl From<FamilyError> for Failure {
    fn from(error: FamilyError) -> Self {
        let code = match error {
            FamilyError::NotFound => "NOT_FOUND",
            FamilyError::NotAFamily => "NOT_A_FAMILY",
            FamilyError::Nested => "FAMILY_OF_FAMILY",
            FamilyError::OtherUnit { .. } => "FAMILY_OF_OTHER_UNIT",
            FamilyError::Storage(fault) => return fault.into(),
        };
        Self::field("family_id", code, error.to_string())
    }
}
