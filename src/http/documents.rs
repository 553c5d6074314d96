//! What describes the server to those who write clients for it.

use super::App;
use super::api::Api;
use crate::openapi::Doc;
use crate::{asyncapi, openapi};
use actix_web::http::header;
use actix_web::{HttpResponse, web};
use bulq_domain::{Role, State, guard};
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// Written once, when the server starts.
pub struct Documents {
    openapi: String,
    asyncapi: String,
    guards: String,
    page: String,
}

impl Documents {
    #[must_use]
    pub fn write() -> Self {
        let openapi = openapi::document(&super::routes().endpoints());
        Self {
            page: page(&openapi),
            openapi: openapi.to_string(),
            asyncapi: asyncapi::document().to_string(),
            guards: guards().to_string(),
        }
    }
}

pub(super) fn routes(api: &mut Api) {
    let doc = |summary| Doc::new("documents", summary).open().sends(&["application/json"]);
    api.get("/api/v1/openapi.json", openapi_json, doc("This document"));
    api.get("/api/v1/asyncapi.json", asyncapi_json, doc("The document of the live connection"));
    api.get("/api/v1/guards", guards_json, doc("Which role may do what in which state of a run"));
    api.get(
        "/api/docs",
        docs,
        Doc::new("documents", "This document for people").open().sends(&["text/html"]),
    );
}

async fn openapi_json(app: web::Data<App>) -> HttpResponse {
    json_text(&app.documents.openapi)
}

async fn asyncapi_json(app: web::Data<App>) -> HttpResponse {
    json_text(&app.documents.asyncapi)
}

async fn guards_json(app: web::Data<App>) -> HttpResponse {
    json_text(&app.documents.guards)
}

async fn docs(app: web::Data<App>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, super::page::POLICY))
        .body(app.documents.page.clone())
}

fn json_text(text: &str) -> HttpResponse {
    HttpResponse::Ok().content_type("application/json").body(text.to_owned())
}

/// `{state: {role: [command, …]}}`, from the table the rules themselves use.
fn guards() -> Value {
    let of_state = |state: State| -> Map<String, Value> {
        let of_role = |role: Role| guard::allowed(role, state).map(|kind| json!(kind)).collect::<Value>();
        Role::ALL.into_iter().map(|role| (word(role), of_role(role))).collect()
    };
    State::ALL.into_iter().map(|state| (state.to_string(), Value::Object(of_state(state)))).collect()
}

fn word(role: Role) -> String {
    json!(role).as_str().unwrap_or_default().to_owned()
}

/// A list of the routes; the texts are our own and hold nothing that would need escaping.
fn page(document: &Value) -> String {
    let mut page = String::from(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content='width=device-width'>\
         <title>Bulq API</title><link rel=stylesheet href=/style.css><main><h1>Bulq API</h1>\
         <p><a href=/api/v1/openapi.json>OpenAPI 3.1</a> · <a href=/api/v1/asyncapi.json>AsyncAPI 3</a> · \
         <a href=/api/v1/guards>who may do what when</a></p><table>",
    );
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for (method, operation) in item.as_object().into_iter().flatten() {
            let summary = operation["summary"].as_str().unwrap_or_default();
            let method = method.to_uppercase();
            write!(page, "<tr><td>{method}<td><code>{path}</code><td>{summary}")
                .expect("writing to a string cannot fail");
        }
    }
    page.push_str("</table></main></html>");
    page
}
