//! For the admins of the server: who is here, what is the same as something else, what goes, how the server is doing.

mod catalogue;
mod people;

use super::App;
use super::api::Api;
use super::body::Body;
use super::identity::Identity;
use super::lists::{PageQuery, Query, SearchQuery, listing};
use super::problem::{Answer, Failure};
use crate::clock;
use crate::openapi::Doc;
use actix_web::web;
use bulq_domain::UserId;
use bulq_protocol::admin::{AdminLogEntry, Registration, ServerStatus};
use bulq_protocol::list::Listing;
use bulq_storage::accounts;
use bulq_storage::admin::{self, Entry, MergeError, NewEntry, RemoveError};
use serde_json::Value;
use uuid::Uuid;

pub(super) fn routes(api: &mut Api) {
    people::routes(api);
    catalogue::routes(api);
    let doc = |summary| Doc::new("admin", summary);
    api.get(
        "/api/v1/admin/registration",
        registration,
        doc("Whether people may make accounts").answers::<Registration>(200).refuses(&[403]),
    );
    api.put(
        "/api/v1/admin/registration",
        switch_registration,
        doc("Open or close registration")
            .takes::<Registration>()
            .answers::<Registration>(200)
            .refuses(&[403, 422]),
    );
    api.get(
        "/api/v1/admin/log",
        entries,
        doc("What admins did, latest first").lists::<AdminLogEntry>().refuses(&[403]),
    );
    api.get(
        "/api/v1/admin/status",
        status,
        doc("How the server is doing now").answers::<ServerStatus>(200).refuses(&[403]),
    );
}

/// Lets admins of the server through.
async fn require_admin(app: &App, me: &Identity) -> Answer<()> {
    let user = accounts::user(app.edge.db(), me.user.0).await?;
    if user.is_some_and(|user| user.is_admin) {
        return Ok(());
    }
    Err(Failure::forbidden("SITE_ADMIN_ONLY", "only an admin of the server may do this"))
}

/// The line that says what is about to be done.
fn entry(
    me: &Identity,
    action: &'static str,
    target: &'static str,
    id: Option<Uuid>,
    detail: &Value,
) -> NewEntry {
    let (admin_id, detail, at) = (me.user.0, detail.to_string(), clock::micros());
    NewEntry { id: Uuid::now_v7(), admin_id, action, target, target_id: id, detail, at }
}

async fn registration(app: web::Data<App>, me: Identity) -> Answer<web::Json<Registration>> {
    require_admin(&app, &me).await?;
    Ok(web::Json(Registration { open: admin::registration_is_open(app.edge.db()).await? }))
}

async fn switch_registration(
    app: web::Data<App>,
    me: Identity,
    Body(to): Body<Registration>,
) -> Answer<web::Json<Registration>> {
    require_admin(&app, &me).await?;
    let action = if to.open { "open_registration" } else { "close_registration" };
    let entry = entry(&me, action, "server", None, &serde_json::json!({}));
    admin::switch_registration(app.edge.db(), to.open, &entry).await?;
    Ok(web::Json(to))
}

async fn entries(
    app: web::Data<App>,
    me: Identity,
    Query(query): Query<PageQuery>,
) -> Answer<web::Json<Listing<AdminLogEntry>>> {
    require_admin(&app, &me).await?;
    let paged = admin::entries(app.edge.db(), &query.page()?).await?;
    Ok(web::Json(listing(paged, entry_of)))
}

fn entry_of(entry: Entry) -> AdminLogEntry {
    AdminLogEntry {
        id: entry.id,
        admin_id: UserId(entry.admin_id),
        admin_name: entry.admin_name,
        action: entry.action,
        target: entry.target,
        target_id: entry.target_id,
        // It was written by `entry`; nothing is worth hiding the line for.
        detail: serde_json::from_str(&entry.detail).unwrap_or_default(),
        at: clock::stored(entry.at),
    }
}

async fn status(app: web::Data<App>, me: Identity) -> Answer<web::Json<ServerStatus>> {
    require_admin(&app, &me).await?;
    let live = app.edge.live();
    let stats = live.stats();
    Ok(web::Json(ServerStatus {
        version: env!("CARGO_PKG_VERSION").to_owned(),
        runs_in_memory: stats.runs as u64,
        sockets: stats.sockets as u64,
        undurable_bytes: stats.undurable_bytes as u64,
        database_up: live.database_is_up(),
        draining: live.is_draining(),
    }))
}

impl From<MergeError> for Failure {
    fn from(error: MergeError) -> Self {
        let detail = error.to_string();
        match error {
            MergeError::NotThere => Self::field("into", "NOT_FOUND", detail),
            MergeError::Unlike => Self::conflict("NOT_ALIKE", detail),
            MergeError::InLiveRuns { runs } => {
                let runs: Vec<_> = runs.iter().map(Uuid::to_string).collect();
                Self::conflict("IN_LIVE_RUNS", detail).with("runs", runs.into())
            }
            MergeError::Storage(error) => error.into(),
        }
    }
}

impl From<RemoveError> for Failure {
    fn from(error: RemoveError) -> Self {
        let detail = error.to_string();
        match error {
            RemoveError::NotThere => Self::not_found("thing"),
            RemoveError::InRuns { runs } => Self::conflict("IN_RUNS", detail).with("runs", runs.into()),
            RemoveError::HasOthers { rows } => {
                Self::conflict("HAS_OTHERS", detail).with("others", rows.into())
            }
            RemoveError::Storage(error) => error.into(),
        }
    }
}
