//! Who owes whom in a group over all its runs, and payments made outside.

use super::App;
use super::api::Api;
use super::body::Body;
use super::commands::command_id;
use super::identity::Identity;
use super::lists::{Query, page};
use super::problem::{Answer, Failure};
use crate::clock;
use crate::openapi::Doc;
use actix_web::{HttpRequest, HttpResponse, web};
use bulq_actors::Refusal;
use bulq_domain::{Code, GroupId, Money, Rejection, RunId, UserId, settlement};
use bulq_protocol::list::Listing;
use bulq_protocol::money::{GroupBalance, GroupBalances, LedgerEntry, LedgerKind, NewPayment};
use bulq_storage::ledger::{self, Entry, EntryKind, PaymentError};
use serde::Deserialize;
use uuid::Uuid;

pub(super) fn routes(api: &mut Api) {
    let doc = |summary| Doc::new("groups", summary);
    api.get(
        "/api/v1/groups/{group}/balances",
        balances,
        doc("Who owes whom over all settled runs and payments").answers::<GroupBalances>(200).refuses(&[404]),
    );
    api.get(
        "/api/v1/groups/{group}/ledger",
        entries,
        doc("What the balances come from, latest first")
            .lists::<LedgerEntry>()
            .query("user", "only what concerns this person")
            .refuses(&[404]),
    );
    api.post(
        "/api/v1/groups/{group}/payments",
        pay,
        doc("Record a payment one of us made to the other")
            .takes::<NewPayment>()
            .answers::<GroupBalances>(201)
            .once()
            .refuses(&[403, 404, 422]),
    );
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntriesQuery {
    user: Option<UserId>,
    limit: Option<u32>,
    cursor: Option<String>,
}

async fn balances(
    app: web::Data<App>,
    me: Identity,
    group: web::Path<GroupId>,
) -> Answer<web::Json<GroupBalances>> {
    app.edge.member(&me, *group).await?;
    Ok(web::Json(now(&app, *group).await?))
}

/// Few transfers are a search over subsets: it gets a thread of its own.
async fn now(app: &App, group: GroupId) -> Answer<GroupBalances> {
    let people = ledger::balances(app.edge.db(), group.0).await?;
    let net: Vec<_> = people.iter().map(|p| (UserId(p.user_id), Money(p.balance))).collect();
    let transfers = web::block(move || settlement::transfers(&net)).await;
    let transfers = transfers.map_err(|error| Failure::fault(&error))?;
    let balances = people.into_iter().map(|person| GroupBalance {
        user_id: UserId(person.user_id),
        name: person.name,
        balance: Money(person.balance),
    });
    Ok(GroupBalances { balances: balances.collect(), transfers })
}

async fn entries(
    app: web::Data<App>,
    me: Identity,
    group: web::Path<GroupId>,
    Query(query): Query<EntriesQuery>,
) -> Answer<web::Json<Listing<LedgerEntry>>> {
    app.edge.member(&me, *group).await?;
    let page = page(query.limit, query.cursor.as_deref())?;
    let paged = match query.user {
        Some(user) => ledger::entries_of(app.edge.db(), group.0, user.0, &page).await?,
        None => ledger::entries(app.edge.db(), group.0, &page).await?,
    };
    Ok(web::Json(super::lists::listing(paged, entry)))
}

/// Either side may record it; the same key records it once.
async fn pay(
    app: web::Data<App>,
    me: Identity,
    group: web::Path<GroupId>,
    request: HttpRequest,
    Body(new): Body<NewPayment>,
) -> Answer<HttpResponse> {
    app.edge.member(&me, *group).await?;
    let from = new.from.unwrap_or(me.user);
    if from != me.user && new.to != me.user {
        return Err(Failure::forbidden(
            "NOT_YOUR_PAYMENT",
            "only who paid or was paid may record it".to_owned(),
        ));
    }
    if from == new.to {
        return Err(Failure::field("to", "INVALID", "somebody else"));
    }
    if !(Money(1)..=Money::MAX_LINE).contains(&new.amount) {
        return Err(Failure::field("amount", "OUT_OF_RANGE", format!("1 to {}", Money::MAX_LINE.0)));
    }
    let payment = ledger::NewPayment {
        id: command_id(&request)?.map_or_else(Uuid::now_v7, |id| id.0),
        group_id: group.0,
        from: from.0,
        to: new.to.0,
        amount: new.amount.0,
        note: new.note.and_then(bulq_domain::Comment::non_empty).map(String::from),
        recorded_by: me.user.0,
        at: clock::micros(),
    };
    ledger::record_payment(app.edge.db(), &payment).await?;
    Ok(HttpResponse::Created().json(now(&app, *group).await?))
}

fn entry(row: Entry) -> LedgerEntry {
    LedgerEntry {
        id: row.id,
        user_id: UserId(row.user_id),
        kind: match row.kind {
            EntryKind::Run => LedgerKind::Run,
            EntryKind::Payment => LedgerKind::Payment,
        },
        amount: Money(row.amount),
        run_id: row.run_id.map(RunId),
        with: row.counterparty.map(UserId),
        note: row.note,
        at: clock::stored(row.at),
    }
}

impl From<PaymentError> for Failure {
    fn from(error: PaymentError) -> Self {
        match error {
            PaymentError::NotInGroup { .. } => {
                Self::field("to", "NOT_FOUND", "that person neither is nor was in the group")
            }
            PaymentError::IdReused { .. } => {
                let detail = "this key was used for another payment";
                Refusal::Rejected(Rejection::new(Code::CommandIdReused, detail)).into()
            }
            PaymentError::Storage(error) => error.into(),
        }
    }
}
