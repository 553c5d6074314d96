//! The first page: the browser app if it is built, otherwise the plain page, which watches and bids without a build.

use super::App;
use super::api::Api;
use crate::openapi::Doc;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

/// Nothing but what this server itself serves.
pub(super) const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Logins offered as buttons; none unless the demo is on.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DemoLogins {
    pub password: Option<&'static str>,
    pub people: Vec<DemoLogin>,
}

#[derive(Clone, Debug, Serialize)]
pub struct DemoLogin {
    pub username: String,
    pub name: String,
}

impl DemoLogins {
    pub fn new(password: &'static str, people: impl Iterator<Item = (String, String)>) -> Self {
        let people = people.map(|(username, name)| DemoLogin { username, name }).collect();
        Self { password: Some(password), people }
    }
}

pub(super) fn routes(api: &mut Api) {
    let doc = |summary, media| Doc::new("page", summary).open().sends(media);
    api.get("/", index, doc("The browser app, or the plain page where that is not built", &["text/html"]));
    api.get("/app.js", script, doc("The plain page's script", &["text/javascript"]));
    api.get("/style.css", style, doc("The plain page's style", &["text/css"]));
    api.get("/demo.json", demo, doc("Logins of the demo, if it is on", &["application/json"]));
}

async fn index(app: web::Data<App>, request: HttpRequest) -> HttpResponse {
    if let Some(web) = &app.web {
        return web.index(&request);
    }
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .body(include_str!("../../web-plain/index.html"))
}

async fn script() -> HttpResponse {
    file("text/javascript; charset=utf-8", include_str!("../../web-plain/app.js"))
}

async fn style() -> HttpResponse {
    file("text/css; charset=utf-8", include_str!("../../web-plain/style.css"))
}

async fn demo(app: web::Data<App>) -> HttpResponse {
    HttpResponse::Ok().json(app.demo())
}

fn file(kind: &str, text: &'static str) -> HttpResponse {
    HttpResponse::Ok().content_type(kind).insert_header((header::CACHE_CONTROL, "no-cache")).body(text)
}
