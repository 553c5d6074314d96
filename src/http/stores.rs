//! Stores, and what they sell.

use super::api::Api;
use super::body::Body;
use super::identity::Identity;
use super::lists::{PageQuery, Query, SearchQuery, listing};
use super::problem::{Answer, Failure};
use super::{App, values};
use crate::catalogue::stored_quantity;
use crate::clock;
use crate::openapi::Doc;
use actix_web::{HttpResponse, web};
use bulq_domain::{Money, ProductId, Quantity, StoreId};
use bulq_protocol::catalogue::{NewStore, Product, PutAvailability, Store, StoreProduct};
use bulq_protocol::list::Listing;
use bulq_storage::catalogue::{self, Availability, CatalogueError, Offer, StoreFields};
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// What is given is set.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PatchStore {
    name: Option<String>,
    chain: Option<String>,
    address: Option<String>,
}

pub(super) fn routes(api: &mut Api) {
    let doc = |summary| Doc::new("catalogue", summary);
    api.post(
        "/api/v1/stores",
        create,
        doc("Add a store").takes::<NewStore>().answers::<Store>(201).refuses(&[422]),
    );
    api.get("/api/v1/stores", list, doc("All stores, by name").searches::<Store>());
    api.get("/api/v1/stores/{store}", get, doc("A store").answers::<Store>(200).refuses(&[404]));
    api.patch(
        "/api/v1/stores/{store}",
        update,
        doc("Correct a store").takes::<PatchStore>().answers::<Store>(200).refuses(&[404, 422]),
    );
    api.get(
        "/api/v1/stores/{store}/products",
        products,
        doc("What a store sells, by name").lists::<StoreProduct>().refuses(&[404]),
    );
    api.put(
        "/api/v1/stores/{store}/products/{product}",
        put_availability,
        doc("Say for how much and in which packs a store sells a product")
            .takes::<PutAvailability>()
            .answers::<StoreProduct>(200)
            .refuses(&[404, 422]),
    );
}

async fn create(app: web::Data<App>, me: Identity, Body(new): Body<NewStore>) -> Answer<HttpResponse> {
    let fields = StoreFields {
        name: values::line("name", &new.name, 1, 100)?,
        chain: values::optional_line("chain", new.chain.as_deref(), 100)?,
        address: values::optional_line("address", new.address.as_deref(), 200)?,
        note: None,
    };
    let new = catalogue::NewStore { id: Uuid::now_v7(), fields, created_by: me.user.0, at: clock::micros() };
    let store = catalogue::create_store(app.edge.db(), new).await?;
    Ok(HttpResponse::Created().json(store_of(store)))
}

async fn list(
    app: web::Data<App>,
    _me: Identity,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Listing<Store>>> {
    let paged = catalogue::stores(app.edge.db(), &query.page()?, query.q.as_deref()).await?;
    Ok(web::Json(listing(paged, store_of)))
}

async fn get(app: web::Data<App>, _me: Identity, store: web::Path<StoreId>) -> Answer<web::Json<Store>> {
    Ok(web::Json(store_of(read(&app, *store).await?)))
}

async fn update(
    app: web::Data<App>,
    _me: Identity,
    id: web::Path<StoreId>,
    Body(patch): Body<PatchStore>,
) -> Answer<web::Json<Store>> {
    let now = read(&app, *id).await?;
    let fields = StoreFields {
        name: values::line("name", patch.name.as_deref().unwrap_or(&now.name), 1, 100)?,
        chain: values::optional_line("chain", patch.chain.as_deref().or(now.chain.as_deref()), 100)?,
        address: values::optional_line("address", patch.address.as_deref().or(now.address.as_deref()), 200)?,
        note: now.note,
    };
    let store = catalogue::update_store(app.edge.db(), id.0, fields).await?;
    Ok(web::Json(store_of(store.ok_or_else(|| Failure::not_found("store"))?)))
}

async fn products(
    app: web::Data<App>,
    _me: Identity,
    store: web::Path<StoreId>,
    Query(query): Query<PageQuery>,
) -> Answer<web::Json<Listing<StoreProduct>>> {
    read(&app, *store).await?;
    let paged = catalogue::products_of_store(app.edge.db(), store.0, &query.page()?).await?;
    let next_cursor = paged.next.map(|cursor| cursor.encode());
    let items = paged.items.into_iter().map(sold).collect::<Result<_, _>>()?;
    Ok(web::Json(Listing { items, next_cursor }))
}

async fn put_availability(
    app: web::Data<App>,
    me: Identity,
    path: web::Path<(StoreId, ProductId)>,
    Body(terms): Body<PutAvailability>,
) -> Answer<web::Json<StoreProduct>> {
    let (store, product) = path.into_inner();
    let found =
        catalogue::product(app.edge.db(), product.0).await?.ok_or_else(|| Failure::not_found("product"))?;
    let step = crate::catalogue::quantity(found.step_thousandths).map_err(|error| Failure::fault(&error))?;
    let availability = Availability {
        store_id: store.0,
        product_id: product.0,
        price: terms.price.map(price).transpose()?,
        pack_thousandths: terms.pack.map(|pack| whole_steps("pack", pack, step)).transpose()?,
        minimum_thousandths: terms.minimum.map(stored_quantity),
        note: values::optional_line("note", terms.note.as_deref(), 500)?,
        observation_id: Uuid::now_v7(),
        by: me.user.0,
        at: clock::micros(),
    };
    catalogue::put_availability(app.edge.db(), &availability).await?;
    app.edge.offer_changed(store, product).await?;
    Ok(web::Json(StoreProduct {
        product: super::products::product_of(found)?,
        price: terms.price,
        pack: terms.pack,
        minimum: terms.minimum,
        note: availability.note,
        updated_at: clock::stored(availability.at),
    }))
}

async fn read(app: &App, store: StoreId) -> Answer<catalogue::Store> {
    catalogue::store(app.edge.db(), store.0).await?.ok_or_else(|| Failure::not_found("store"))
}

fn price(price: Money) -> Answer<i64> {
    if (0..=Money::MAX_LINE.0).contains(&price.0) {
        return Ok(price.0);
    }
    Err(Failure::field("price", "OUT_OF_RANGE", format!("0 to {}", Money::MAX_LINE.0)))
}

/// A pack that is not a whole number of steps could never be filled.
fn whole_steps(field: &str, quantity: Quantity, step: Quantity) -> Answer<i64> {
    if quantity.is_zero() || !quantity.is_multiple_of(step) {
        return Err(Failure::field(field, "NOT_A_MULTIPLE_OF_STEP", format!("a multiple of {step}, not 0")));
    }
    Ok(stored_quantity(quantity))
}

fn store_of(store: catalogue::Store) -> Store {
    Store {
        id: StoreId(store.id),
        name: store.name,
        chain: store.chain,
        address: store.address,
        created_at: clock::stored(store.created_at),
    }
}

fn sold(row: catalogue::StoreProduct) -> Answer<StoreProduct> {
    let offer = Offer {
        product_id: row.product_id,
        name: row.name,
        brand: row.brand.clone(),
        unit: row.unit,
        step_thousandths: row.step_thousandths,
        price: row.price,
        pack_thousandths: row.pack_thousandths,
        minimum_thousandths: row.minimum_thousandths,
    };
    let asked = row.minimum_thousandths.is_some();
    let terms = crate::catalogue::product_terms(offer).map_err(|error| Failure::fault(&error))?;
    let updated_at = clock::stored(row.updated_at);
    let product = Product {
        id: terms.id,
        name: terms.name.into(),
        brand: row.brand,
        unit: terms.unit,
        step: terms.step,
        created_at: clock::of_id(row.product_id),
    };
    let minimum = asked.then_some(terms.minimum);
    Ok(StoreProduct { product, price: terms.price, pack: terms.pack, minimum, note: row.note, updated_at })
}

impl From<CatalogueError> for Failure {
    fn from(error: CatalogueError) -> Self {
        match error {
            CatalogueError::StoreNotFound => Self::not_found("store"),
            CatalogueError::ProductNotFound => Self::not_found("product"),
            CatalogueError::Storage(error) => error.into(),
        }
    }
}
