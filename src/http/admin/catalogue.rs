//! Products and stores: looked at, taken out of use, merged, removed. They are corrected like by anybody.

use super::{Api, App, Body, Doc, Failure, Identity, Query, SearchQuery, entry, listing, require_admin};
use crate::clock;
use crate::http::problem::Answer;
use crate::http::products::product_of;
use crate::http::stores::store_of;
use actix_web::{HttpResponse, web};
use bulq_protocol::admin::{Merge, PatchThing};
use bulq_protocol::catalogue::{Product, Store};
use bulq_protocol::list::Listing;
use bulq_storage::admin::{self, Thing};
use serde_json::json;
use uuid::Uuid;

pub(super) fn routes(api: &mut Api) {
    let doc = |summary| Doc::new("admin", summary);
    let changed = |summary| doc(summary).takes::<PatchThing>().nothing(204).refuses(&[403, 404, 422]);
    let merged = |summary| doc(summary).takes::<Merge>().nothing(204).refuses(&[403, 409, 422]);
    let removed = |summary| doc(summary).nothing(204).refuses(&[403, 404, 409]);
    let beginning = "the beginning of the name";
    api.get(
        "/api/v1/admin/products",
        products,
        doc("All products, also disabled ones, by name")
            .lists::<Product>()
            .query("q", beginning)
            .refuses(&[403]),
    );
    api.patch(
        "/api/v1/admin/products/{product}",
        change_product,
        changed("Say that a product was looked at, or disable it; or take that back"),
    );
    api.delete(
        "/api/v1/admin/products/{product}",
        remove_product,
        removed("Remove a product no run ever named"),
    );
    api.post(
        "/api/v1/admin/products/{product}/merge",
        merge_products,
        merged("Make one of two products that are the same; live runs that name the one that goes keep their lines"),
    );
    api.get(
        "/api/v1/admin/stores",
        stores,
        doc("All stores, also disabled ones, by name").lists::<Store>().query("q", beginning).refuses(&[403]),
    );
    api.patch(
        "/api/v1/admin/stores/{store}",
        change_store,
        changed("Say that a store was looked at, or disable it; or take that back"),
    );
    api.delete("/api/v1/admin/stores/{store}", remove_store, removed("Remove a store no run ever went to"));
    api.post(
        "/api/v1/admin/stores/{store}/merge",
        merge_stores,
        merged("Make one of two stores that are the same; refused while live runs go to the one that goes"),
    );
}

async fn products(
    app: web::Data<App>,
    me: Identity,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Listing<Product>>> {
    require_admin(&app, &me).await?;
    let paged = admin::products(app.edge.db(), &query.page()?, query.beginning()).await?;
    let next_cursor = paged.next.map(|cursor| cursor.encode());
    let items = paged.items.into_iter().map(product_of).collect::<Result<_, _>>()?;
    Ok(web::Json(Listing { items, next_cursor }))
}

async fn stores(
    app: web::Data<App>,
    me: Identity,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Listing<Store>>> {
    require_admin(&app, &me).await?;
    let paged = admin::stores(app.edge.db(), &query.page()?, query.beginning()).await?;
    Ok(web::Json(listing(paged, store_of)))
}

async fn change_product(
    app: web::Data<App>,
    me: Identity,
    id: web::Path<Uuid>,
    Body(to): Body<PatchThing>,
) -> Answer<HttpResponse> {
    change(&app, &me, Thing::Product, *id, to).await
}

async fn change_store(
    app: web::Data<App>,
    me: Identity,
    id: web::Path<Uuid>,
    Body(to): Body<PatchThing>,
) -> Answer<HttpResponse> {
    change(&app, &me, Thing::Store, *id, to).await
}

async fn change(app: &App, me: &Identity, thing: Thing, id: Uuid, to: PatchThing) -> Answer<HttpResponse> {
    require_admin(app, me).await?;
    let (db, what) = (app.edge.db(), thing.as_str());
    let there = |found: bool| if found { Ok(()) } else { Err(Failure::not_found(what)) };
    if let Some(verified) = to.verified {
        let entry = entry(me, "verify", what, Some(id), &json!({ "verified": verified }));
        there(admin::verify(db, thing, id, verified.then(clock::micros), &entry).await?)?;
    }
    if let Some(disabled) = to.disabled {
        let action = if disabled { "disable" } else { "enable" };
        let entry = entry(me, action, what, Some(id), &json!({}));
        there(admin::disable_thing(db, thing, id, disabled.then(clock::micros), &entry).await?)?;
    }
    app.edge.product_changed().await;
    Ok(HttpResponse::NoContent().finish())
}

async fn merge_products(
    app: web::Data<App>,
    me: Identity,
    id: web::Path<Uuid>,
    Body(to): Body<Merge>,
) -> Answer<HttpResponse> {
    merge(&app, &me, Thing::Product, *id, to).await
}

async fn merge_stores(
    app: web::Data<App>,
    me: Identity,
    id: web::Path<Uuid>,
    Body(to): Body<Merge>,
) -> Answer<HttpResponse> {
    merge(&app, &me, Thing::Store, *id, to).await
}

async fn merge(app: &App, me: &Identity, thing: Thing, id: Uuid, to: Merge) -> Answer<HttpResponse> {
    require_admin(app, me).await?;
    let entry = entry(me, "merge", thing.as_str(), Some(id), &json!({ "into": to.into }));
    match thing {
        Thing::Product => admin::merge_products(app.edge.db(), id, to.into, &entry).await?,
        Thing::Store => admin::merge_stores(app.edge.db(), id, to.into, &entry).await?,
    }
    app.edge.product_changed().await;
    Ok(HttpResponse::NoContent().finish())
}

async fn remove_product(app: web::Data<App>, me: Identity, id: web::Path<Uuid>) -> Answer<HttpResponse> {
    remove(&app, &me, Thing::Product, *id).await
}

async fn remove_store(app: web::Data<App>, me: Identity, id: web::Path<Uuid>) -> Answer<HttpResponse> {
    remove(&app, &me, Thing::Store, *id).await
}

async fn remove(app: &App, me: &Identity, thing: Thing, id: Uuid) -> Answer<HttpResponse> {
    require_admin(app, me).await?;
    let entry = entry(me, "remove", thing.as_str(), Some(id), &json!({}));
    match thing {
        Thing::Product => admin::remove_product(app.edge.db(), id, &entry).await?,
        Thing::Store => admin::remove_store(app.edge.db(), id, &entry).await?,
    }
    app.edge.product_changed().await;
    Ok(HttpResponse::NoContent().finish())
}
