//! Products, shared by all groups of the server.

use super::api::Api;
use super::body::Body;
use super::identity::Identity;
use super::lists::{PageQuery, Query, SearchQuery, listing};
use super::problem::{Answer, Failure};
use super::{App, values};
use crate::catalogue::{default_step, quantity, stored_quantity, unit, unit_text};
use crate::clock;
use crate::openapi::Doc;
use actix_web::{HttpResponse, web};
use bulq_domain::{Money, ProductId, StoreId};
use bulq_protocol::catalogue::{NewProduct, PriceObservation, Product};
use bulq_protocol::list::Listing;
use bulq_storage::catalogue::{self, ProductFields};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What is given is set. Unit and step stay: bids were made in them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PatchProduct {
    name: Option<String>,
    brand: Option<String>,
}

pub(super) fn routes(api: &mut Api) {
    let doc = |summary| Doc::new("catalogue", summary);
    api.post(
        "/api/v1/products",
        create,
        doc("Add a product").takes::<NewProduct>().answers::<Product>(201).refuses(&[422]),
    );
    api.get("/api/v1/products", list, doc("All products, by name").searches::<Product>());
    api.get("/api/v1/products/{product}", get, doc("A product").answers::<Product>(200).refuses(&[404]));
    api.patch(
        "/api/v1/products/{product}",
        update,
        doc("Correct a product").takes::<PatchProduct>().answers::<Product>(200).refuses(&[404, 422]),
    );
    api.get(
        "/api/v1/products/{product}/prices",
        prices,
        doc("What a product cost, in all stores, latest first").lists::<PriceObservation>().refuses(&[404]),
    );
}

async fn create(app: web::Data<App>, me: Identity, Body(new): Body<NewProduct>) -> Answer<HttpResponse> {
    let step = new.step.unwrap_or_else(|| default_step(new.unit));
    if step.is_zero() {
        return Err(Failure::field("step", "OUT_OF_RANGE", "more than 0"));
    }
    let fields = ProductFields {
        name: values::line("name", &new.name, 1, 100)?,
        brand: values::optional_line("brand", new.brand.as_deref(), 100)?,
        unit: unit_text(new.unit),
        step_thousandths: stored_quantity(step),
    };
    let new =
        catalogue::NewProduct { id: Uuid::now_v7(), fields, created_by: me.user.0, at: clock::micros() };
    let product = catalogue::create_product(app.edge.db(), new).await?;
    Ok(HttpResponse::Created().json(product_of(product)?))
}

async fn list(
    app: web::Data<App>,
    _me: Identity,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Listing<Product>>> {
    let paged = catalogue::products(app.edge.db(), &query.page()?, query.q.as_deref()).await?;
    let next_cursor = paged.next.map(|cursor| cursor.encode());
    let items = paged.items.into_iter().map(product_of).collect::<Result<_, _>>()?;
    Ok(web::Json(Listing { items, next_cursor }))
}

async fn get(app: web::Data<App>, _me: Identity, id: web::Path<ProductId>) -> Answer<web::Json<Product>> {
    Ok(web::Json(product_of(read(&app, *id).await?)?))
}

async fn update(
    app: web::Data<App>,
    _me: Identity,
    id: web::Path<ProductId>,
    Body(patch): Body<PatchProduct>,
) -> Answer<web::Json<Product>> {
    let now = read(&app, *id).await?;
    let fields = ProductFields {
        name: values::line("name", patch.name.as_deref().unwrap_or(&now.name), 1, 100)?,
        brand: values::optional_line("brand", patch.brand.as_deref().or(now.brand.as_deref()), 100)?,
        unit: now.unit,
        step_thousandths: now.step_thousandths,
    };
    let product = catalogue::update_product(app.edge.db(), id.0, fields).await?;
    app.edge.product_changed();
    Ok(web::Json(product_of(product.ok_or_else(|| Failure::not_found("product"))?)?))
}

async fn prices(
    app: web::Data<App>,
    _me: Identity,
    id: web::Path<ProductId>,
    Query(query): Query<PageQuery>,
) -> Answer<web::Json<Listing<PriceObservation>>> {
    read(&app, *id).await?;
    let paged = catalogue::prices(app.edge.db(), id.0, &query.page()?).await?;
    Ok(web::Json(listing(paged, |row| PriceObservation {
        store_id: StoreId(row.store_id),
        price: Money(row.price),
        observed_at: clock::stored(row.observed_at),
    })))
}

async fn read(app: &App, id: ProductId) -> Answer<catalogue::Product> {
    catalogue::product(app.edge.db(), id.0).await?.ok_or_else(|| Failure::not_found("product"))
}

pub(super) fn product_of(product: catalogue::Product) -> Answer<Product> {
    Ok(Product {
        id: ProductId(product.id),
        name: product.name,
        brand: product.brand,
        unit: unit(&product.unit).map_err(|error| Failure::fault(&error))?,
        step: quantity(product.step_thousandths).map_err(|error| Failure::fault(&error))?,
        created_at: clock::stored(product.created_at),
    })
}
