//! Runs: creating, listing, looking. What changes them is in `commands`.

use super::App;
use super::api::Api;
use super::body::Body;
use super::commands::{command_id, committed};
use super::identity::Identity;
use super::lists::{Query, limit_of, page};
use super::problem::{Answer, Failure};
use crate::clock;
use crate::openapi::Doc;
use actix_web::http::header::ContentType;
use actix_web::{HttpRequest, HttpResponse, web};
use bulq_actors::Refusal;
use bulq_domain::command::ItemOutcome;
use bulq_domain::{CommandId, GroupId, Money, ProductId, Run, RunId, Seq, State, StoreId, UserId};
use bulq_protocol::RunView;
use bulq_protocol::goods::{AdjustmentsView, DistributionView, FamilyMember, ItemsView};
use bulq_protocol::list::Listing;
use bulq_protocol::money::{CancellationPreview, SettlementView};
use bulq_protocol::run::{Committed, CreateRun, RunSummary};
use bulq_protocol::view::PlanView;
use bulq_protocol::wire::{self, EventEnvelope};
use bulq_storage::catalogue;
use bulq_storage::journal::{self, StoredEvent};
use bulq_storage::runs::{self, RunRow};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RunsQuery {
    state: Option<State>,
    limit: Option<u32>,
    cursor: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EventsQuery {
    #[serde(default)]
    after: Seq,
    limit: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CancellationQuery {
    outcomes: Option<String>,
}

pub(super) fn routes(api: &mut Api) {
    let doc = |summary| Doc::new("runs", summary);
    api.post(
        "/api/v1/groups/{group}/runs",
        create,
        doc("Create a run; whoever does leads it")
            .takes::<CreateRun>()
            .answers::<Committed>(201)
            .once()
            .refuses(&[404, 409, 422]),
    );
    api.get(
        "/api/v1/groups/{group}/runs",
        list,
        doc("The runs of a group, latest first")
            .lists::<RunSummary>()
            .query("state", "only those in this state")
            .refuses(&[404]),
    );
    api.get(
        "/api/v1/runs/{run}",
        get,
        doc("A run as I see it, with what I may do now").answers::<RunView>(200).refuses(&[403, 404]),
    );
    api.get(
        "/api/v1/runs/{run}/plan",
        plan,
        doc("What the run would buy now, and who gets the extras")
            .answers::<PlanView>(200)
            .refuses(&[403, 404]),
    );
    api.get(
        "/api/v1/runs/{run}/cancellation",
        cancellation,
        doc("What cancelling now would mean")
            .answers::<CancellationPreview>(200)
            .query("outcomes", "what becomes of bought products: <product id>:<outcome>, separated by commas")
            .refuses(&[403, 404, 422]),
    );
    api.get(
        "/api/v1/runs/{run}/items",
        items,
        doc("The shopping list").answers::<ItemsView>(200).refuses(&[403, 404]),
    );
    api.get(
        "/api/v1/runs/{run}/families",
        families,
        doc("The members of each family in the run, by name: what the shopper may pick")
            .lists_whole::<FamilyMember>()
            .refuses(&[403, 404]),
    );
    api.get(
        "/api/v1/runs/{run}/adjustments",
        adjustments,
        doc("What does not balance, and what each policy would give")
            .answers::<AdjustmentsView>(200)
            .refuses(&[403, 404]),
    );
    api.get(
        "/api/v1/runs/{run}/distribution",
        distribution,
        doc("Who gets what, and who took it").answers::<DistributionView>(200).refuses(&[403, 404]),
    );
    api.get(
        "/api/v1/runs/{run}/settlement",
        settlement,
        doc("Who owes whom, in as few transfers as there can be")
            .answers::<SettlementView>(200)
            .refuses(&[403, 404]),
    );
    api.get(
        "/api/v1/runs/{run}/events",
        events,
        doc("The log of a run, from a seq on")
            .lists_whole::<EventEnvelope>()
            .query("after", "the seq after which to begin; 0 is the beginning")
            .query("limit", "1 to 100")
            .refuses(&[403, 404]),
    );
}

async fn create(
    app: web::Data<App>,
    me: Identity,
    group: web::Path<GroupId>,
    request: HttpRequest,
    Body(new): Body<CreateRun>,
) -> Answer<HttpResponse> {
    let command_id = command_id(&request)?;
    let answer = app.edge.create_run(&me, *group, new, command_id).await?;
    Ok(committed(HttpResponse::Created(), &answer))
}

async fn list(
    app: web::Data<App>,
    me: Identity,
    group: web::Path<GroupId>,
    Query(query): Query<RunsQuery>,
) -> Answer<web::Json<Listing<RunSummary>>> {
    app.edge.member(&me, *group).await?;
    let page = page(query.limit, query.cursor.as_deref())?;
    let paged = runs::runs_of_group(app.edge.db(), group.0, query.state, &page).await?;
    Ok(web::Json(super::lists::listing(paged, summary)))
}

async fn get(app: web::Data<App>, me: Identity, run: web::Path<RunId>) -> Answer<HttpResponse> {
    app.edge.admit(&me, *run).await?;
    let view = app.edge.live().view(*run, me.user).await?;
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(view.json))
}

async fn plan(app: web::Data<App>, me: Identity, run: web::Path<RunId>) -> Answer<web::Json<PlanView>> {
    app.edge.admit(&me, *run).await?;
    Ok(web::Json(app.edge.live().read(*run, PlanView::of).await?))
}

async fn cancellation(
    app: web::Data<App>,
    me: Identity,
    run: web::Path<RunId>,
    Query(query): Query<CancellationQuery>,
) -> Answer<web::Json<CancellationPreview>> {
    app.edge.admit(&me, *run).await?;
    let outcomes = query.outcomes.as_deref().map_or_else(|| Ok(Vec::new()), outcomes)?;
    let then = app.edge.live().read(*run, move |run| run.cancellation(&outcomes)).await?;
    let then = then.map_err(Refusal::Rejected)?;
    Ok(web::Json(CancellationPreview::from(then)))
}

/// `<product>:<outcome>`, separated by commas.
fn outcomes(text: &str) -> Answer<Vec<ItemOutcome>> {
    let one = |pair: &str| {
        let (product, outcome) = pair.split_once(':')?;
        let outcome = serde_json::from_value(serde_json::Value::String(outcome.to_owned())).ok()?;
        Some(ItemOutcome { product_id: product.parse().ok()?, outcome })
    };
    let wrong = || Failure::field("outcomes", "INVALID", "write <product id>:<outcome>, separated by commas");
    text.split(',').map(|pair| one(pair).ok_or_else(wrong)).collect()
}

async fn items(app: web::Data<App>, me: Identity, run: web::Path<RunId>) -> Answer<web::Json<ItemsView>> {
    app.edge.admit(&me, *run).await?;
    Ok(web::Json(app.edge.live().read(*run, ItemsView::of).await?))
}

async fn families(
    app: web::Data<App>,
    me: Identity,
    run: web::Path<RunId>,
) -> Answer<web::Json<Listing<FamilyMember>>> {
    app.edge.admit(&me, *run).await?;
    let members = catalogue::families_of_run(app.edge.db(), run.0).await?;
    let items = members.into_iter().map(family_member).collect();
    Ok(web::Json(Listing { items, next_cursor: None }))
}

fn family_member(row: catalogue::FamilyMember) -> FamilyMember {
    let (family_id, product_id) = (ProductId(row.family_id), ProductId(row.product_id));
    FamilyMember { family_id, product_id, name: row.name, brand: row.brand, price: row.price.map(Money) }
}

async fn adjustments(
    app: web::Data<App>,
    me: Identity,
    run: web::Path<RunId>,
) -> Answer<web::Json<AdjustmentsView>> {
    app.edge.admit(&me, *run).await?;
    Ok(web::Json(app.edge.live().read(*run, AdjustmentsView::of).await?))
}

async fn distribution(
    app: web::Data<App>,
    me: Identity,
    run: web::Path<RunId>,
) -> Answer<web::Json<DistributionView>> {
    app.edge.admit(&me, *run).await?;
    Ok(web::Json(app.edge.live().read(*run, DistributionView::of).await?))
}

/// Few transfers are a search over subsets: it gets a thread of its own, away from everybody's requests.
async fn settlement(
    app: web::Data<App>,
    me: Identity,
    run: web::Path<RunId>,
) -> Answer<web::Json<SettlementView>> {
    app.edge.admit(&me, *run).await?;
    let run = app.edge.live().read(*run, Run::clone).await?;
    let settled = web::block(move || SettlementView::of(&run)).await;
    Ok(web::Json(settled.map_err(|error| Failure::fault(&error))?))
}

async fn events(
    app: web::Data<App>,
    me: Identity,
    run: web::Path<RunId>,
    Query(query): Query<EventsQuery>,
) -> Answer<HttpResponse> {
    app.edge.admit(&me, *run).await?;
    let limit = i64::from(limit_of(query.limit)?);
    let after = i64::try_from(query.after).map_err(|_| Failure::field("after", "OUT_OF_RANGE", "a seq"))?;
    let stored = journal::events_after(app.edge.db(), run.0, after, limit).await?;
    let texts: Vec<_> = stored.iter().map(envelope).collect();
    let body =
        format!(r#"{{"items":{},"next_cursor":null}}"#, wire::json_array(texts.iter().map(|text| &**text)));
    Ok(HttpResponse::Ok().content_type(ContentType::json()).body(body))
}

fn envelope(event: &StoredEvent) -> std::sync::Arc<str> {
    let (by, id) = (event.actor_id.map(UserId), event.command_id.map(CommandId));
    wire::envelope(event.seq.unsigned_abs(), clock::stored(event.at), by, id, &event.body)
}

/// A run in a list.
#[must_use]
pub(crate) fn summary(row: RunRow) -> RunSummary {
    RunSummary {
        id: RunId(row.id),
        group_id: GroupId(row.group_id),
        store_id: StoreId(row.store_id),
        store_name: row.store_name,
        leader_id: UserId(row.leader_id),
        state: row.state,
        seq: row.seq.unsigned_abs(),
        comment: row.comment,
        planned_on: row.planned_on.and_then(|date| date.parse().ok()),
        participants: row.participants.unsigned_abs(),
        created_at: clock::stored(row.created_at),
    }
}
