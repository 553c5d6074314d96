//! Logging in and out.

use super::api::Api;
use super::body::Body;
use super::identity::{Identity, foreign};
use super::problem::{Answer, Failure};
use super::{App, account, values};
use crate::clock;
use crate::openapi::Doc;
use crate::security::logins::{Begun, LoginError};
use crate::security::origins::Origin;
use crate::security::{tickets, tokens};
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use bulq_domain::UserId;
use bulq_protocol::account::{Login, Me, Refresh, Register, Tokens, WsTicket};
use bulq_storage::accounts::User;
use bulq_storage::admin;

pub(super) fn routes(api: &mut Api) {
    let doc = |summary| Doc::new("auth", summary);
    api.post(
        "/api/v1/auth/register",
        register,
        doc("Make an account").open().takes::<Register>().answers::<Tokens>(201).refuses(&[403, 409]),
    );
    api.post(
        "/api/v1/auth/login",
        login,
        doc("Log in with tokens").open().takes::<Login>().answers::<Tokens>(200).refuses(&[401]),
    );
    api.post(
        "/api/v1/auth/refresh",
        refresh,
        doc("Trade a refresh token, which is good once, for new tokens")
            .open()
            .takes::<Refresh>()
            .answers::<Tokens>(200)
            .refuses(&[401]),
    );
    api.post(
        "/api/v1/auth/session",
        session,
        doc("Log in with a cookie, for pages")
            .open()
            .takes::<Login>()
            .answers::<Me>(200)
            .refuses(&[401, 403]),
    );
    api.post("/api/v1/auth/logout", logout, doc("End this login").nothing(204));
    api.post(
        "/api/v1/auth/logout-all",
        logout_everywhere,
        doc("End all my logins, this one too").nothing(204),
    );
    api.post(
        "/api/v1/auth/ws-ticket",
        ws_ticket,
        doc("A one-time ticket for the live connection").answers::<WsTicket>(200),
    );
}

async fn register(
    app: web::Data<App>,
    request: HttpRequest,
    Body(new): Body<Register>,
) -> Answer<HttpResponse> {
    if !admin::registration_is_open(app.edge.db()).await? {
        return Err(Failure::forbidden("REGISTRATION_CLOSED", "this server takes no new accounts now"));
    }
    let username = values::username(&new.username)?;
    let name = values::line("name", &new.name, 1, 100)?;
    let password = values::password("password", &new.password, &username)?;
    app.limits.login(app.proxies.origin_of(&request), &username).await?;
    let user = app.logins.register(username, name, password).await?;
    let begun = app.logins.begin(user, user_agent(&request)).await?;
    Ok(HttpResponse::Created().json(tokens_of(begun)))
}

async fn login(
    app: web::Data<App>,
    request: HttpRequest,
    Body(login): Body<Login>,
) -> Answer<web::Json<Tokens>> {
    let user = authenticated(&app, &request, &login).await?;
    let begun = app.logins.begin(user, user_agent(&request)).await?;
    Ok(web::Json(tokens_of(begun)))
}

async fn refresh(app: web::Data<App>, Body(body): Body<Refresh>) -> Answer<web::Json<Tokens>> {
    Ok(web::Json(tokens_of(app.logins.refresh(&body.refresh_token).await?)))
}

async fn session(
    app: web::Data<App>,
    request: HttpRequest,
    Body(login): Body<Login>,
) -> Answer<HttpResponse> {
    if app.origins.of(&request) == Origin::Foreign {
        return Err(foreign());
    }
    let user = authenticated(&app, &request, &login).await?;
    let begun = app.logins.begin_cookie(user, user_agent(&request)).await?;
    let cookie = app.cookie.write(begun.secret, begun.max_age_s);
    Ok(HttpResponse::Ok().cookie(cookie).json(me_of(begun.user)))
}

async fn logout(app: web::Data<App>, me: Identity) -> Answer<HttpResponse> {
    app.logins.end(me.session).await?;
    Ok(HttpResponse::NoContent().cookie(app.cookie.erase()).finish())
}

async fn logout_everywhere(app: web::Data<App>, me: Identity) -> Answer<HttpResponse> {
    app.logins.end_all(me.user).await?;
    Ok(HttpResponse::NoContent().cookie(app.cookie.erase()).finish())
}

async fn ws_ticket(app: web::Data<App>, me: Identity) -> Answer<web::Json<WsTicket>> {
    let ticket = app.tickets.issue(me.0, clock::now());
    Ok(web::Json(WsTicket { ticket, expires_in: tickets::LIFE_S }))
}

/// Nobody has a name or a password outside the limits; saying so would help only those who guess.
async fn authenticated(app: &App, request: &HttpRequest, login: &Login) -> Answer<User> {
    app.limits.login(app.proxies.origin_of(request), &login.username).await?;
    if login.username.len() > 1000 || login.password.chars().count() > 128 {
        return Err(LoginError::Wrong.into());
    }
    Ok(app.logins.authenticate(&login.username, &login.password).await?)
}

fn tokens_of(begun: Begun) -> Tokens {
    Tokens {
        access_token: begun.access_token,
        refresh_token: begun.refresh_token,
        token_type: "bearer".to_owned(),
        expires_in: tokens::ACCESS_S.unsigned_abs(),
        user: me_of(begun.user),
    }
}

pub(super) fn me_of(user: User) -> Me {
    Me {
        id: UserId(user.id),
        username: user.username,
        name: user.name,
        is_admin: user.is_admin,
        language: account::language(&user.language),
        theme: account::theme(&user.theme),
        created_at: clock::stored(user.created_at),
    }
}

fn user_agent(request: &HttpRequest) -> Option<String> {
    let agent = request.headers().get(header::USER_AGENT)?.to_str().ok()?;
    Some(agent.chars().take(200).collect())
}
