//! What I was told.

use super::App;
use super::api::Api;
use super::identity::Identity;
use super::lists::{PageQuery, Query};
use super::problem::{Answer, Failure};
use crate::clock;
use crate::openapi::Doc;
use actix_web::{HttpResponse, web};
use bulq_domain::{GroupId, RunId};
use bulq_protocol::list::Listing;
use bulq_protocol::notification::{Notification, UnreadCount};
use bulq_storage::notifications;
use serde::de::DeserializeOwned;
use serde_json::Value;
use uuid::Uuid;

pub(super) fn routes(api: &mut Api) {
    let doc = |summary| Doc::new("notifications", summary);
    api.get("/api/v1/notifications", list, doc("What I was told, latest first").lists::<Notification>());
    api.get(
        "/api/v1/notifications/count",
        count,
        doc("How much of it I have not read").answers::<UnreadCount>(200),
    );
    api.put("/api/v1/notifications/read", read_all, doc("I have read everything").nothing(204));
    api.put(
        "/api/v1/notifications/{notification}/read",
        read_one,
        doc("I have read this").nothing(204).refuses(&[404]),
    );
}

async fn list(
    app: web::Data<App>,
    me: Identity,
    Query(query): Query<PageQuery>,
) -> Answer<web::Json<Listing<Notification>>> {
    let paged = notifications::notifications(app.edge.db(), me.user.0, &query.page()?).await?;
    let next_cursor = paged.next.map(|cursor| cursor.encode());
    let items = paged.items.into_iter().map(shown).collect::<Answer<_>>()?;
    Ok(web::Json(Listing { items, next_cursor }))
}

async fn count(app: web::Data<App>, me: Identity) -> Answer<web::Json<UnreadCount>> {
    let unread = notifications::unread_count(app.edge.db(), me.user.0).await?;
    Ok(web::Json(UnreadCount { unread: unread.unsigned_abs() }))
}

async fn read_all(app: web::Data<App>, me: Identity) -> Answer<HttpResponse> {
    notifications::mark_all_read(app.edge.db(), me.user.0, clock::micros()).await?;
    Ok(HttpResponse::NoContent().finish())
}

async fn read_one(app: web::Data<App>, me: Identity, notification: web::Path<Uuid>) -> Answer<HttpResponse> {
    let known = notifications::mark_read(app.edge.db(), me.user.0, *notification, clock::micros()).await?;
    if known { Ok(HttpResponse::NoContent().finish()) } else { Err(Failure::not_found("notification")) }
}

fn shown(row: notifications::Notification) -> Answer<Notification> {
    let body: Value = serde_json::from_str(&row.body).map_err(|error| Failure::fault(&error))?;
    Ok(Notification {
        id: row.id,
        run_id: RunId(row.run_id),
        group_id: GroupId(row.group_id),
        store_name: row.store_name,
        kind: word(row.kind.into())?,
        state: body.get("state").cloned().map(word).transpose()?,
        seq: row.seq.unsigned_abs(),
        count: row.count.unsigned_abs(),
        read: row.read_at.is_some(),
        created_at: clock::stored(row.created_at),
        updated_at: clock::stored(row.updated_at),
    })
}

fn word<T: DeserializeOwned>(word: Value) -> Answer<T> {
    serde_json::from_value(word).map_err(|error| Failure::fault(&error))
}
