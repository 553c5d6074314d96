//! Who is asking: a bearer token, or the cookie together with a page that may use it.

use super::App;
use super::admission::Identified;
use super::problem::Failure;
use crate::security::origins::Origin;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use bulq_actors::Who;
use futures_util::future::LocalBoxFuture;
use std::ops::Deref;

/// Somebody who is logged in.
#[derive(Clone, Debug)]
pub struct Identity(pub Who);

impl Deref for Identity {
    type Target = Who;

    fn deref(&self) -> &Who {
        &self.0
    }
}

impl FromRequest for Identity {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let who = who_asks(&request).await?;
            let span = tracing::Span::current();
            span.record("user.id", tracing::field::display(who.user));
            if let Some(run) = request.match_info().get("run") {
                span.record("run.id", run);
            }
            span.record("session.id", tracing::field::display(who.session));
            Ok(Self(who))
        })
    }
}

/// Who was found before the request came to its handler.
///
/// # Errors
/// As [`identify`].
pub(super) async fn who_asks(request: &HttpRequest) -> Result<Who, Failure> {
    let found = request.extensions_mut().remove::<Identified>();
    match found {
        Some(Identified(found)) => found,
        None => identify(request).await,
    }
}

/// # Errors
/// 401 for nobody, 403 for a page that may not act with the cookie.
pub(super) async fn identify(request: &HttpRequest) -> Result<Who, Failure> {
    let app = app(request)?;
    let found = if let Some(token) = bearer(request) {
        app.logins.by_token(token).await?
    } else if let Some(secret) = app.cookie.read(request) {
        if !request.method().is_safe_here() || is_upgrade(request) {
            require_page(app, request)?;
        }
        app.logins.by_cookie(&secret).await?
    } else {
        return Err(Failure::unauthenticated("NOT_AUTHENTICATED", "log in first"));
    };
    found.ok_or_else(|| {
        Failure::unauthenticated("SESSION_ENDED", "this login is not good any more: log in again")
    })
}

fn app(request: &HttpRequest) -> Result<&App, Failure> {
    request.app_data::<web::Data<App>>().map(|app| &***app).ok_or_else(Failure::internal)
}

/// Acting with the cookie needs a page that says where it is from.
fn require_page(app: &App, request: &HttpRequest) -> Result<(), Failure> {
    match app.origins.of(request) {
        Origin::Allowed => Ok(()),
        Origin::Absent | Origin::Foreign => Err(foreign()),
    }
}

pub(super) fn foreign() -> Failure {
    Failure::forbidden("ORIGIN_NOT_ALLOWED", "this page may not act for whoever looks at it")
}

trait Safe {
    fn is_safe_here(&self) -> bool;
}

impl Safe for Method {
    fn is_safe_here(&self) -> bool {
        matches!(*self, Self::GET | Self::HEAD | Self::OPTIONS)
    }
}

fn is_upgrade(request: &HttpRequest) -> bool {
    request.headers().contains_key(header::UPGRADE)
}

pub(super) fn bearer(request: &HttpRequest) -> Option<&str> {
    let value = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// How the session's cookie is written.
#[derive(Clone, Copy, Debug)]
pub struct CookiePolicy {
    name: &'static str,
    secure: bool,
}

impl CookiePolicy {
    #[must_use]
    pub const fn new(secure: bool) -> Self {
        let name = if secure { "__Host-bulq_session" } else { "bulq_session" };
        Self { name, secure }
    }

    /// Everything goes over TLS.
    #[must_use]
    pub const fn is_secure(self) -> bool {
        self.secure
    }

    /// The one cookie of this name; two of them prove nothing.
    fn read(self, request: &HttpRequest) -> Option<String> {
        let cookies = request.cookies().ok()?;
        let mut ours = cookies.iter().filter(|cookie| cookie.name() == self.name);
        let first = ours.next()?.value().to_owned();
        ours.next().is_none().then_some(first)
    }

    #[must_use]
    pub fn write(self, secret: String, max_age_s: i64) -> Cookie<'static> {
        Cookie::build(self.name, secret)
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.secure)
            .max_age(Duration::seconds(max_age_s))
            .finish()
    }

    #[must_use]
    pub fn erase(self) -> Cookie<'static> {
        self.write(String::new(), 0)
    }
}
