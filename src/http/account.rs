//! Everything about me: name, preferences, password, logins, figures, export, erasure.

use super::App;
use super::api::Api;
use super::auth::me_of;
use super::body::Body;
use super::identity::Identity;
use super::lists::{PageQuery, Query, listing};
use super::problem::{Answer, Failure};
use super::values;
use crate::clock;
use crate::openapi::Doc;
use crate::security::limits::Act;
use crate::security::logins::LoginError;
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use bulq_domain::Money;
use bulq_protocol::account::{
    Amount, ChangePassword, EraseMe, Export, Language, LoginKind, LoginSession, Me, PatchMe, Stats, Theme,
};
use bulq_protocol::list::Listing;
use bulq_storage::Database;
use bulq_storage::accounts::{self, AmountOfUser, ProfilePatch, Session, SessionKind, User};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

mod archive;
mod export;

pub(super) fn routes(api: &mut Api) {
    let doc = |summary| Doc::new("auth", summary);
    api.get("/api/v1/auth/me", me, doc("Who I am").answers::<Me>(200));
    api.patch(
        "/api/v1/auth/me",
        update,
        doc("Change my name and username (with the password), language and theme")
            .takes::<PatchMe>()
            .answers::<Me>(200)
            .refuses(&[403, 409, 422]),
    );
    api.delete(
        "/api/v1/auth/me",
        erase,
        doc("Erase me: who I am and what I said goes, the books stay; runs I lead are cancelled")
            .takes::<EraseMe>()
            .nothing(204)
            .refuses(&[403, 409]),
    );
    api.post(
        "/api/v1/auth/password",
        change_password,
        doc("Change my password; all other logins end")
            .takes::<ChangePassword>()
            .nothing(204)
            .refuses(&[403, 422]),
    );
    api.get(
        "/api/v1/auth/sessions",
        sessions,
        doc("Where I am logged in, latest first").lists::<LoginSession>(),
    );
    api.delete(
        "/api/v1/auth/sessions/{session}",
        end_session,
        doc("End one of my logins").nothing(204).refuses(&[404]),
    );
    api.get("/api/v1/auth/me/stats", stats, doc("How much I took part").answers::<Stats>(200));
    api.get(
        "/api/v1/auth/me/export",
        export_me,
        doc("Everything that is kept about me, as JSON or with the receipts I added as a ZIP")
            .answers_or_sends::<Export>("application/zip")
            .query("format", "json, or zip: the same as `bulq.json`, and the contents of my receipts")
            .refuses(&[422]),
    );
}

async fn me(app: web::Data<App>, me: Identity) -> Answer<web::Json<Me>> {
    let user = accounts::user(app.edge.db(), me.user.0).await?.ok_or_else(|| Failure::not_found("user"))?;
    Ok(web::Json(me_of(user)))
}

async fn update(app: web::Data<App>, me: Identity, Body(patch): Body<PatchMe>) -> Answer<web::Json<Me>> {
    let username = patch.username.as_deref().map(values::username).transpose()?;
    let name = patch.name.as_deref().map(|name| values::line("name", name, 1, 100)).transpose()?;
    if name.is_some() || username.is_some() {
        let Some(password) = &patch.password else {
            return Err(Failure::field("password", "REQUIRED", "a new name or username needs the password"));
        };
        confirm(&app, &me, password).await?;
    }
    let patch =
        ProfilePatch { username, name, language: patch.language.map(word), theme: patch.theme.map(word) };
    let user = app.logins.update(&me, patch).await?;
    app.edge.person_changed(me.user);
    Ok(web::Json(me_of(user)))
}

async fn erase(app: web::Data<App>, me: Identity, Body(body): Body<EraseMe>) -> Answer<HttpResponse> {
    confirm(&app, &me, &body.password).await?;
    let erased = app.logins.erase(&me).await?;
    app.edge.person_erased(me.user, &erased).await?;
    Ok(HttpResponse::NoContent().cookie(app.cookie.erase()).finish())
}

async fn change_password(
    app: web::Data<App>,
    me: Identity,
    Body(body): Body<ChangePassword>,
) -> Answer<HttpResponse> {
    let user = confirm(&app, &me, &body.current_password).await?;
    let password = values::password("new_password", &body.new_password, &user.username)?;
    app.logins.set_password(&me, &user, password).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Trying passwords here is as slow as at the door.
async fn confirm(app: &App, me: &Identity, password: &str) -> Answer<User> {
    app.limits.person(Act::Login, me.user).await?;
    Ok(app.logins.confirm(me, password).await?)
}

async fn sessions(
    app: web::Data<App>,
    me: Identity,
    Query(query): Query<PageQuery>,
) -> Answer<web::Json<Listing<LoginSession>>> {
    let (now, page) = (clock::micros(), query.page()?);
    let paged = accounts::sessions_page(app.edge.db(), me.user.0, now, &page).await?;
    Ok(web::Json(listing(paged, |session| session_of(session, me.session))))
}

async fn end_session(app: web::Data<App>, me: Identity, session: web::Path<Uuid>) -> Answer<HttpResponse> {
    if !app.logins.end_own(&me, *session).await? {
        return Err(Failure::not_found("session"));
    }
    Ok(HttpResponse::NoContent().finish())
}

async fn stats(app: web::Data<App>, me: Identity) -> Answer<web::Json<Stats>> {
    Ok(web::Json(stats_of(app.edge.db(), me.user.0).await?))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ExportQuery {
    #[serde(default)]
    format: ExportFormat,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ExportFormat {
    #[default]
    Json,
    Zip,
}

async fn export_me(
    app: web::Data<App>,
    me: Identity,
    Query(query): Query<ExportQuery>,
) -> Answer<HttpResponse> {
    let (export, contents) = export::of(&app, &me).await?;
    let username = export.me.username.clone();
    let named = |ending| {
        let name = format!("attachment; filename=\"bulq-{username}.{ending}\"");
        (header::CONTENT_DISPOSITION, name)
    };
    let written = web::block(move || serde_json::to_vec(&export)).await;
    let document =
        written.map_err(|error| Failure::fault(&error))?.map_err(|error| Failure::fault(&error))?;
    Ok(match query.format {
        ExportFormat::Json => {
            HttpResponse::Ok().insert_header(named("json")).content_type("application/json").body(document)
        }
        ExportFormat::Zip => HttpResponse::Ok()
            .insert_header(named("zip"))
            .content_type("application/zip")
            .streaming(archive::stream(app, document, contents)),
    })
}

async fn sessions_of(app: &App, me: &Identity) -> Answer<Vec<LoginSession>> {
    let sessions = app.logins.sessions_of(me.user).await?;
    Ok(sessions.into_iter().map(|session| session_of(session, me.session)).collect())
}

fn session_of(session: Session, current: Uuid) -> LoginSession {
    LoginSession {
        id: session.id,
        kind: match session.kind {
            SessionKind::Cookie => LoginKind::Cookie,
            SessionKind::Token => LoginKind::Token,
        },
        user_agent: session.user_agent,
        created_at: clock::stored(session.created_at),
        last_seen_at: clock::stored(session.last_seen_at),
        expires_at: clock::stored(session.expires_at),
        current: session.id == current,
    }
}

async fn stats_of(db: &Database, user: Uuid) -> Answer<Stats> {
    let counts = accounts::counts_of(db, user).await?;
    Ok(Stats {
        runs: counts.runs.unsigned_abs(),
        led: counts.led.unsigned_abs(),
        helped: counts.helped.unsigned_abs(),
        completed: counts.completed.unsigned_abs(),
        bids: counts.bids.unsigned_abs(),
        spent: amounts(accounts::spent(db, user).await?)?,
        saved: amounts(accounts::saved(db, user).await?)?,
    })
}

fn amounts(stored: Vec<AmountOfUser>) -> Answer<Vec<Amount>> {
    let amount = |row: AmountOfUser| {
        let currency = row.currency.parse().map_err(|error| Failure::fault(&error))?;
        Ok(Amount { currency, amount: Money(row.amount) })
    };
    stored.into_iter().map(amount).collect()
}

/// The word a preference is stored as, which is the one it has on the wire.
fn word(preference: impl serde::Serialize) -> String {
    json!(preference).as_str().unwrap_or_default().to_owned()
}

pub(super) fn language(stored: &str) -> Language {
    serde_json::from_value(Value::from(stored)).unwrap_or_default()
}

pub(super) fn theme(stored: &str) -> Theme {
    serde_json::from_value(Value::from(stored)).unwrap_or_default()
}

impl From<LoginError> for Failure {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Wrong => Self::unauthenticated("LOGIN_REFUSED", "username or password is wrong"),
            LoginError::UsernameTaken => Self::conflict("USERNAME_TAKEN", "somebody else has this username"),
            LoginError::RefreshRefused => Self::unauthenticated(
                "REFRESH_REFUSED",
                "this refresh token is not good any more: log in again",
            ),
            LoginError::PasswordWrong => Self::forbidden("PASSWORD_WRONG", error.to_string()),
            LoginError::NoSuchUser => Self::not_found("user"),
            LoginError::LastAdmin => Self::conflict("LAST_ADMIN", error.to_string()),
            LoginError::Crowded => Self::busy(),
            LoginError::Storage(error) => error.into(),
        }
    }
}
