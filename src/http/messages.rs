//! What people say about a run: durable first, then shown to everybody who has it open.

use super::App;
use super::api::Api;
use super::body::Body;
use super::commands::command_id;
use super::identity::Identity;
use super::lists::{Query, SearchQuery, listing};
use super::problem::{Answer, Failure};
use crate::clock;
use crate::openapi::Doc;
use actix_web::{HttpRequest, HttpResponse, web};
use bulq_domain::text::checked;
use bulq_domain::{RunId, UserId};
use bulq_protocol::list::Listing;
use bulq_protocol::thread::{NewMessage, RunMessage};
use bulq_storage::thread::{self, SayError};
use uuid::Uuid;

const LONGEST: usize = 2000;

pub(super) fn routes(api: &mut Api) {
    let doc = |summary| Doc::new("thread", summary);
    api.post(
        "/api/v1/runs/{run}/messages",
        say,
        doc("Say something about a run; `@username` tells that member of the group")
            .takes::<NewMessage>()
            .answers::<RunMessage>(201)
            .once()
            .refuses(&[403, 404, 422]),
    );
    api.get(
        "/api/v1/runs/{run}/messages",
        list,
        doc("What was said about a run, latest first")
            .lists::<RunMessage>()
            .query("q", "part of the text, in any case of letters")
            .refuses(&[403, 404]),
    );
}

async fn say(
    app: web::Data<App>,
    me: Identity,
    run: web::Path<RunId>,
    request: HttpRequest,
    Body(new): Body<NewMessage>,
) -> Answer<HttpResponse> {
    app.edge.admit(&me, *run).await?;
    let text =
        checked(&new.text, LONGEST).map_err(|error| Failure::field("text", "INVALID", error.to_string()))?;
    if text.is_empty() {
        return Err(Failure::field("text", "EMPTY", "must not be empty"));
    }
    let new = thread::NewMessage {
        id: Uuid::now_v7(),
        run_id: run.0,
        author_id: me.user.0,
        command_id: command_id(&request)?.map(|id| id.0),
        text: text.to_owned(),
        at: clock::micros(),
    };
    let said = thread::say(app.edge.db(), &new).await?;
    let message = message_of(said.message);
    let mut response = HttpResponse::Created();
    if said.replayed {
        response.insert_header(("idempotency-replayed", "true"));
    } else {
        app.edge.live().publish_message(&message);
        for user in said.mentioned {
            app.edge.live().publish_mention(*run, said.seq.unsigned_abs(), UserId(user));
        }
    }
    Ok(response.json(message))
}

async fn list(
    app: web::Data<App>,
    me: Identity,
    run: web::Path<RunId>,
    Query(query): Query<SearchQuery>,
) -> Answer<web::Json<Listing<RunMessage>>> {
    app.edge.admit(&me, *run).await?;
    let paged = thread::messages(app.edge.db(), run.0, &query.page()?, query.q.as_deref()).await?;
    Ok(web::Json(listing(paged, message_of)))
}

fn message_of(message: thread::Message) -> RunMessage {
    RunMessage {
        id: message.id,
        run_id: RunId(message.run_id),
        author_id: UserId(message.author_id),
        author_name: message.author_name,
        text: message.text,
        created_at: clock::stored(message.created_at),
    }
}

impl From<SayError> for Failure {
    fn from(error: SayError) -> Self {
        match error {
            SayError::CommandIdReused => Self::unprocessable("COMMAND_ID_REUSED", error.to_string()),
            SayError::Storage(error) => error.into(),
        }
    }
}
