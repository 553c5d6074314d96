//! The live connection: who and from where is settled here, before 101; the rest is the session's.

use super::App;
use super::api::Api;
use super::identity::{foreign, who_asks};
use super::lists::Query;
use super::problem::{Answer, Failure};
use crate::clock;
use crate::openapi::Doc;
use crate::security::origins::Origin;
use actix_web::{HttpRequest, HttpResponse, web};
use bulq_actors::{Gatekeeper, HubHandle, Who, upgrade};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WsQuery {
    ticket: Option<String>,
}

pub(super) fn routes(api: &mut Api) {
    let doc = Doc::new("live", "The live connection (WebSocket); see the AsyncAPI document")
        .query("ticket", "a one-time ticket, where neither cookie nor header can be sent")
        .nothing(101)
        .refuses(&[400, 403]);
    api.get("/api/v1/ws", connect, doc);
}

async fn connect(
    app: web::Data<App>,
    hub: web::Data<HubHandle>,
    request: HttpRequest,
    Query(query): Query<WsQuery>,
    stream: web::Payload,
) -> Result<HttpResponse, actix_web::Error> {
    if app.origins.of(&request) == Origin::Foreign {
        return Err(foreign().into());
    }
    let who = match &query.ticket {
        Some(ticket) => by_ticket(&app, ticket).await?,
        None => who_asks(&request).await?,
    };
    if app.health.is_draining() {
        return Err(Failure::busy().into());
    }
    let gate: Arc<dyn Gatekeeper> = Arc::new(app.edge.clone());
    upgrade(&request, stream, who, app.edge.live(), &hub, gate)
}

async fn by_ticket(app: &App, ticket: &str) -> Answer<Who> {
    let refused =
        || Failure::unauthenticated("TICKET_REFUSED", "this ticket is not good: it works once, for 30 s");
    let who = app.tickets.redeem(ticket, clock::now()).ok_or_else(refused)?;
    if app.logins.is_good(who.session).await? { Ok(who) } else { Err(refused()) }
}
