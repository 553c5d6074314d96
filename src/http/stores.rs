//! Stores, and what they sell.

use super::api::Api;
use super::body::Body;
use super::identity::Identity;
use super::lists::{PageQuery, Query, SearchQuery, listing};
use super::problem::{Answer, Failure};
use super::products::{NameQuery, product_of};
use super::{App, values};
use crate::catalogue::stored_quantity;
use crate::clock;
use crate::openapi::Doc;
use actix_web::http::header::ContentType;
use actix_web::{HttpRequest, HttpResponse, web};
use bulq_domain::{Money, ProductId, Quantity, StoreId, UserId};
use bulq_protocol::catalogue::{NewStore, PatchStore, PutAvailability, Store, StoreProduct};
use bulq_protocol::list::Listing;
use bulq_storage::Paged;
use bulq_storage::catalogue::{self, Availability, CatalogueError, StoreFields, StorePatch};
use uuid::Uuid;

pub(super) fn routes(api: &mut Api) {
    let doc = |summary| Doc::new("catalogue", summary);
    api.post(
        "/api/v1/stores",
        create,
        doc("Add a store").takes::<NewStore>().answers::<Store>(201).refuses(&[422]),
    );
    api.get("/api/v1/stores", list, doc("All stores, by name").searches::<Store>());
    api.get(
        "/api/v1/stores/similar",
        similar,
        doc("Stores whose name is much like this one, most alike first")
            .lists_whole::<Store>()
            .needs("name", "the name that is being typed")
            .refuses(&[422]),
    );
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
        hours: values::optional_line("hours", new.hours.as_deref(), 200)?,
        note: None,
    };
    let new = catalogue::NewStore { id: Uuid::now_v7(), fields, created_by: me.user.0, at: clock::micros() };
    let store = catalogue::create_store(app.edge.db(), new).await?;
    app.edge.catalogue_changed().await;
    Ok(HttpResponse::Created().json(store_of(store)))
}

async fn list(
    app: web::Data<App>,
    _me: Identity,
    request: HttpRequest,
    Query(query): Query<SearchQuery>,
) -> Answer<HttpResponse> {
    let page = query.page()?;
    let read = async {
        let paged = catalogue::stores(app.edge.db(), &page, query.q.as_deref()).await?;
        Ok(listing(paged, store_of))
    };
    let body = app.edge.catalogue_list(&page_name(&request), read).await?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(body))
}

/// What a list of the catalogue was asked for; the same for everybody who asks the same.
fn page_name(request: &HttpRequest) -> String {
    format!("{}?{}", request.path(), request.query_string())
}

async fn similar(
    app: web::Data<App>,
    _me: Identity,
    Query(query): Query<NameQuery>,
) -> Answer<web::Json<Listing<Store>>> {
    let name = values::line("name", &query.name, 0, 100)?;
    let items = catalogue::similar_stores(app.edge.db(), &name).await?;
    Ok(web::Json(listing(Paged { items, next: None }, store_of)))
}

async fn get(app: web::Data<App>, _me: Identity, store: web::Path<StoreId>) -> Answer<web::Json<Store>> {
    Ok(web::Json(store_of(read(&app, *store).await?)))
}

async fn update(
    app: web::Data<App>,
    _me: Identity,
    id: web::Path<StoreId>,
    Body(change): Body<PatchStore>,
) -> Answer<web::Json<Store>> {
    let patch = StorePatch {
        name: change.name.map(|name| values::line("name", &name, 1, 100)).transpose()?,
        chain: values::changed_line("chain", change.chain.as_deref(), 100)?,
        address: values::changed_line("address", change.address.as_deref(), 200)?,
        hours: values::changed_line("hours", change.hours.as_deref(), 200)?,
    };
    let store = catalogue::patch_store(app.edge.db(), id.0, patch).await?;
    app.edge.catalogue_changed().await;
    Ok(web::Json(store_of(store.ok_or_else(|| Failure::not_found("store"))?)))
}

async fn products(
    app: web::Data<App>,
    _me: Identity,
    store: web::Path<StoreId>,
    request: HttpRequest,
    Query(query): Query<PageQuery>,
) -> Answer<HttpResponse> {
    let page = query.page()?;
    let found = async {
        read(&app, *store).await?;
        let paged = catalogue::products_of_store(app.edge.db(), store.0, &page).await?;
        let next_cursor = paged.next.map(|cursor| cursor.encode());
        let items = paged.items.into_iter().map(sold).collect::<Answer<Vec<StoreProduct>>>()?;
        Ok(Listing { items, next_cursor })
    };
    let body = app.edge.catalogue_list(&page_name(&request), found).await?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(body))
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
    let availability = availability(store, product, step, &terms, me.user)?;
    catalogue::put_availability(app.edge.db(), &availability).await?;
    app.edge.offer_changed(store, product).await?;
    Ok(web::Json(StoreProduct {
        product: product_of(found)?,
        price: terms.price,
        pack: terms.pack,
        minimum: terms.minimum,
        note: availability.note,
        updated_at: clock::stored(availability.at),
    }))
}

/// The terms under which a store sells a product, checked.
pub(super) fn availability(
    store: StoreId,
    product: ProductId,
    step: Quantity,
    terms: &PutAvailability,
    by: UserId,
) -> Answer<Availability> {
    Ok(Availability {
        store_id: store.0,
        product_id: product.0,
        price: terms.price.map(price).transpose()?,
        pack_thousandths: terms.pack.map(|pack| whole_steps("pack", pack, step)).transpose()?,
        minimum_thousandths: terms.minimum.map(stored_quantity),
        note: values::optional_line("note", terms.note.as_deref(), 500)?,
        observation_id: Uuid::now_v7(),
        by: by.0,
        at: clock::micros(),
    })
}

pub(super) async fn read(app: &App, store: StoreId) -> Answer<catalogue::Store> {
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

pub(super) fn store_of(store: catalogue::Store) -> Store {
    Store {
        id: StoreId(store.id),
        name: store.name,
        chain: store.chain,
        address: store.address,
        hours: store.hours,
        verified: store.verified_at.is_some(),
        disabled: store.disabled_at.is_some(),
        merged_into: store.merged_into.map(StoreId),
        created_at: clock::stored(store.created_at),
    }
}

pub(super) fn sold(row: catalogue::StoreProduct) -> Answer<StoreProduct> {
    let size = |stored: Option<i64>| {
        let quantity = stored.map(crate::catalogue::quantity).transpose();
        quantity.map_err(|error| Failure::fault(&error))
    };
    Ok(StoreProduct {
        price: row.price.map(Money),
        pack: size(row.pack_thousandths)?,
        minimum: size(row.minimum_thousandths)?,
        note: row.note,
        updated_at: clock::stored(row.updated_at),
        product: product_of(row.product)?,
    })
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
