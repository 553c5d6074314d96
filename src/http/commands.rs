//! Commands on a run, one route each. All go the same way: fields from path and body, one command, one answer.
//!
//! The guard table of the rules says who may do which of them when.

use super::App;
use super::api::Api;
use super::body::{Body, RawBody};
use super::identity::Identity;
use super::problem::{Answer, Failure};
use crate::openapi::Doc;
use actix_web::http::{Method, header::ContentType};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use bulq_actors::Answer as RunAnswer;
use bulq_domain::command::{self as c, Fields, Unreadable};
use bulq_domain::{Command, CommandId, CommandKind as K, RunId, Seq};
use bulq_protocol::run::Committed;
use bulq_protocol::wire;
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

pub(super) fn routes(api: &mut Api) {
    let (patch, post, put) = (Method::PATCH, Method::POST, Method::PUT);
    let mut table = Table(api);
    table.line::<c::EditDetails>(K::EditDetails, &patch, "", "Say or correct what the run is about");
    table.line::<c::PlaceBid>(
        K::PlaceBid,
        &put,
        "/bids/{product_id}",
        "What I want of a product; 0 takes it back",
    );
    table.line::<c::RetractBid>(K::RetractBid, &Method::DELETE, "/bids/{product_id}", "Take a bid back");
    table.line::<c::SetReady>(K::SetReady, &put, "/ready", "Say that my bids are final, or not yet");
    table.line::<c::Nothing>(K::Open, &post, "/open", "Open bidding");
    table.line::<c::Nothing>(K::Confirm, &post, "/confirm", "Close bidding");
    table.line::<c::Nothing>(K::StepBack, &post, "/step-back", "Back to the state before");
    table.line::<c::Cancel>(K::Cancel, &post, "/cancel", "Cancel the run");
    table.line::<c::Nothing>(K::StartShopping, &post, "/start-shopping", "Freeze the list and go shopping");
    table.line::<c::Nothing>(
        K::FinishShopping,
        &post,
        "/finish-shopping",
        "Everything that could be bought is",
    );
    table.line::<c::FinishAdjusting>(K::FinishAdjusting, &post, "/finish-adjusting", "Close adjusting");
    table.line::<c::Nothing>(K::Complete, &post, "/complete", "Everything was handed out");
    table.line::<c::AddItem>(K::AddItem, &post, "/items", "Add a product nobody bid on");
    let purchase = "/items/{product_id}/purchase";
    table.line::<c::RecordPurchase>(K::RecordPurchase, &put, purchase, "Record what was bought");
    table.line::<c::EditPurchase>(K::EditPurchase, &patch, purchase, "Correct what was bought");
    table.line::<c::UndoPurchase>(K::UndoPurchase, &Method::DELETE, purchase, "It was not bought");
    table.line::<c::RecordPurchase>(
        K::AddPurchase,
        &post,
        "/items/{product_id}/purchase/parts",
        "Bought some more",
    );
    table.line::<c::ObservePrice>(K::ObservePrice, &put, "/items/{product_id}/price", "Note a price");
    table.line::<c::SetReceived>(
        K::SetReceived,
        &put,
        "/allocations/{user_id}/{product_id}",
        "Correct by weighing what somebody got",
    );
    table.line::<c::Someone>(K::AppointHelper, &put, "/helpers/{user_id}", "Make somebody a helper");
    table.line::<c::Someone>(K::DismissHelper, &Method::DELETE, "/helpers/{user_id}", "Dismiss a helper");
    table.line::<c::OfferHandover>(K::OfferHandover, &post, "/handover", "Offer somebody the lead");
    table.line::<c::Nothing>(K::AcceptHandover, &post, "/handover/accept", "Take the lead");
    table.line::<c::Nothing>(K::DeclineHandover, &post, "/handover/decline", "Decline the lead");
    table.line::<c::Nothing>(K::WithdrawHandover, &post, "/handover/withdraw", "Withdraw the offer");
    table.line::<c::AddCost>(K::AddCost, &post, "/costs", "Add a cost that is shared");
    table.line::<c::RemoveCost>(K::RemoveCost, &Method::DELETE, "/costs/{cost}", "Take a cost out again");
    for path in ["/pickups/{user_id}", "/pickups/{user_id}/{product_id}"] {
        table.pickups(path);
        table.line::<c::PickUp>(K::UndoPickUp, &Method::DELETE, path, "Not picked up after all");
    }
    for path in ["/left-with-leader/{user_id}", "/left-with-leader/{user_id}/{product_id}"] {
        table.line::<c::PickUp>(K::LeftWithLeader, &put, path, "Stays with the leader");
    }
}

struct Table<'a>(&'a mut Api);

impl Table<'_> {
    /// `T` is the command's body; what stands in the path is not in the body.
    fn line<T: ToSchema>(&mut self, kind: K, method: &Method, tail: &'static str, summary: &'static str) {
        let handler = move |app, me, request, run, RawBody(body): RawBody| {
            run_command(kind, app, me, request, run, body)
        };
        self.0.add(method.clone(), &path(tail), handler, doc(summary).takes_rest_of::<T>(tail));
    }

    /// `{"picked_up": false}` is the undoing.
    fn pickups(&mut self, tail: &'static str) {
        let handler = |app, me, request, run, Body(PickedUp { picked_up }): Body<PickedUp>| {
            let kind = if picked_up { K::PickUp } else { K::UndoPickUp };
            run_command(kind, app, me, request, run, "{}".to_owned())
        };
        let doc = doc("Picked up: one item, or everything of a person").takes::<PickedUp>();
        self.0.put(&path(tail), handler, doc);
    }
}

fn path(tail: &str) -> String {
    format!("/api/v1/runs/{{run}}{tail}")
}

fn doc(summary: &'static str) -> Doc {
    Doc::new("commands", summary).answers::<Committed>(200).once().refuses(&[403, 404, 409, 422])
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PickedUp {
    #[serde(default = "yes")]
    picked_up: bool,
}

const fn yes() -> bool {
    true
}

async fn run_command(
    kind: K,
    app: web::Data<App>,
    me: Identity,
    request: HttpRequest,
    run: RunOfPath,
    body: String,
) -> Answer<HttpResponse> {
    let command_id = command_id(&request)?;
    let ids = ids_in_path(&request)?;
    let command = parse(kind, &body, &ids)?;
    let answer = app.edge.command(&me, run.0, command, command_id).await?;
    Ok(committed(HttpResponse::Ok(), &answer))
}

/// The run a path names.
#[derive(Debug)]
struct RunOfPath(RunId);

impl actix_web::FromRequest for RunOfPath {
    type Error = Failure;
    type Future = std::future::Ready<Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut actix_web::dev::Payload) -> Self::Future {
        let run = request.match_info().query("run").parse();
        std::future::ready(run.map(Self).map_err(|_| Failure::not_found("run")))
    }
}

/// The ids besides the run's, as the fields they stand for.
fn ids_in_path(request: &HttpRequest) -> Answer<Vec<(&'static str, Box<RawValue>)>> {
    let mut ids = Vec::new();
    for name in ["product_id", "user_id"] {
        if let Some(text) = request.match_info().get(name) {
            let id = Uuid::try_parse(text).map_err(|_| Failure::not_found("product or person"))?;
            ids.push((name, wire::raw(format!("\"{id}\""))));
        }
    }
    if let Some(text) = request.match_info().get("cost") {
        let seq: Seq = text.parse().map_err(|_| Failure::not_found("cost"))?;
        ids.push(("cost", wire::raw(seq.to_string())));
    }
    Ok(ids)
}

fn parse(kind: K, body: &str, ids: &[(&'static str, Box<RawValue>)]) -> Answer<Command> {
    let mut fields = Fields::from_json(body)?;
    ids.iter().for_each(|(name, id)| fields.push(name, id));
    Ok(Command::from_fields(kind, fields)?)
}

/// The `Idempotency-Key`, which is the command's id.
pub(super) fn command_id(request: &HttpRequest) -> Answer<Option<CommandId>> {
    let Some(key) = request.headers().get("idempotency-key") else { return Ok(None) };
    let id = key.to_str().ok().and_then(|key| Uuid::try_parse(key).ok());
    match id {
        Some(id) => Ok(Some(CommandId(id))),
        None => Err(Failure::field("Idempotency-Key", "NOT_A_UUID", "must be a UUID")),
    }
}

pub(super) fn committed(mut response: HttpResponseBuilder, answer: &RunAnswer) -> HttpResponse {
    tracing::Span::current().record("seq", answer.seq);
    if answer.replayed {
        response.insert_header(("idempotency-replayed", "true"));
    }
    let events = answer.events.iter().map(|event| &**event);
    response.content_type(ContentType::json()).body(wire::committed_body(answer.run, answer.seq, events))
}

impl From<Unreadable> for Failure {
    fn from(error: Unreadable) -> Self {
        match error {
            Unreadable::Malformed(detail) => Self::malformed(detail),
            Unreadable::Invalid { detail } => {
                match detail.split('`').nth(1).filter(|_| detail.contains("field `")) {
                    Some(field) => Self::field(field, "INVALID", detail.clone()),
                    None => Self::invalid(detail),
                }
            }
        }
    }
}
