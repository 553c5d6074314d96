//! Products and stores: looked at, merged, removed. They are corrected like by anybody.

use super::{Api, App, Body, Doc, Failure, Identity, entry, require_admin};
use crate::clock;
use crate::http::problem::Answer;
use actix_web::{HttpResponse, web};
use bulq_protocol::admin::{Merge, Verify};
use bulq_storage::admin;
use serde_json::json;
use uuid::Uuid;

pub(super) fn routes(api: &mut Api) {
    let doc = |summary| Doc::new("admin", summary);
    let verified = |summary| doc(summary).takes::<Verify>().nothing(204).refuses(&[403, 404, 422]);
    let merged = |summary| doc(summary).takes::<Merge>().nothing(204).refuses(&[403, 409, 422]);
    let removed = |summary| doc(summary).nothing(204).refuses(&[403, 404, 409]);
    api.patch(
        "/api/v1/admin/products/{product}",
        verify_product,
        verified("Say that a product was looked at"),
    );
    api.delete(
        "/api/v1/admin/products/{product}",
        remove_product,
        removed("Remove a product no run ever named"),
    );
    api.post(
        "/api/v1/admin/products/{product}/merge",
        merge_products,
        merged("Make one of two products that are the same; refused while live runs name the one that goes"),
    );
    api.patch("/api/v1/admin/stores/{store}", verify_store, verified("Say that a store was looked at"));
    api.delete("/api/v1/admin/stores/{store}", remove_store, removed("Remove a store no run ever went to"));
    api.post(
        "/api/v1/admin/stores/{store}/merge",
        merge_stores,
        merged("Make one of two stores that are the same; refused while live runs go to the one that goes"),
    );
}

async fn verify_product(
    app: web::Data<App>,
    me: Identity,
    id: web::Path<Uuid>,
    Body(to): Body<Verify>,
) -> Answer<HttpResponse> {
    require_admin(&app, &me).await?;
    let at = to.verified.then(clock::micros);
    let entry = entry(&me, "verify", "product", Some(*id), &json!({ "verified": to.verified }));
    nothing_unless(admin::verify_product(app.edge.db(), *id, at, &entry).await?, "product")
}

async fn verify_store(
    app: web::Data<App>,
    me: Identity,
    id: web::Path<Uuid>,
    Body(to): Body<Verify>,
) -> Answer<HttpResponse> {
    require_admin(&app, &me).await?;
    let at = to.verified.then(clock::micros);
    let entry = entry(&me, "verify", "store", Some(*id), &json!({ "verified": to.verified }));
    nothing_unless(admin::verify_store(app.edge.db(), *id, at, &entry).await?, "store")
}

fn nothing_unless(found: bool, what: &str) -> Answer<HttpResponse> {
    if found { Ok(HttpResponse::NoContent().finish()) } else { Err(Failure::not_found(what)) }
}

async fn merge_products(
    app: web::Data<App>,
    me: Identity,
    id: web::Path<Uuid>,
    Body(merge): Body<Merge>,
) -> Answer<HttpResponse> {
    require_admin(&app, &me).await?;
    let entry = entry(&me, "merge", "product", Some(*id), &json!({ "into": merge.into }));
    admin::merge_products(app.edge.db(), *id, merge.into, &entry).await?;
    app.edge.product_changed().await;
    Ok(HttpResponse::NoContent().finish())
}

async fn merge_stores(
    app: web::Data<App>,
    me: Identity,
    id: web::Path<Uuid>,
    Body(merge): Body<Merge>,
) -> Answer<HttpResponse> {
    require_admin(&app, &me).await?;
    let entry = entry(&me, "merge", "store", Some(*id), &json!({ "into": merge.into }));
    admin::merge_stores(app.edge.db(), *id, merge.into, &entry).await?;
    app.edge.product_changed().await;
    Ok(HttpResponse::NoContent().finish())
}

async fn remove_product(app: web::Data<App>, me: Identity, id: web::Path<Uuid>) -> Answer<HttpResponse> {
    require_admin(&app, &me).await?;
    let entry = entry(&me, "remove", "product", Some(*id), &json!({}));
    admin::remove_product(app.edge.db(), *id, &entry).await?;
    app.edge.product_changed().await;
    Ok(HttpResponse::NoContent().finish())
}

async fn remove_store(app: web::Data<App>, me: Identity, id: web::Path<Uuid>) -> Answer<HttpResponse> {
    require_admin(&app, &me).await?;
    let entry = entry(&me, "remove", "store", Some(*id), &json!({}));
    admin::remove_store(app.edge.db(), *id, &entry).await?;
    Ok(HttpResponse::NoContent().finish())
}
