//! The OpenAPI 3.1 document, from the table of routes and the types of the wire.

mod doc;
mod schemas;

pub use doc::Doc;
pub(crate) use schemas::Schemas;

use crate::http::LONGEST_SEARCH;
use actix_web::http::{Method, StatusCode};
use bulq_domain::State;
use bulq_protocol::{Problem, problem};
use bulq_storage::Page;
use serde_json::{Map, Value, json};

/// A route and what is said about it.
pub struct Endpoint {
    pub method: Method,
    pub path: String,
    pub doc: Doc,
}

#[must_use]
pub fn document(endpoints: &[Endpoint]) -> Value {
    let mut schemas = Schemas::default();
    let mut paths = Map::new();
    for endpoint in endpoints {
        let operation = operation(endpoint, &mut schemas);
        let item = paths.entry(&endpoint.path).or_insert_with(|| json!({}));
        item[endpoint.method.as_str().to_lowercase()] = operation;
    }
    let problem = schemas.reference::<Problem>();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Bulq",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Planning bulk purchases together, live.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "schemas": schemas.into_components(),
            "responses": { "Problem": {
                "description": "Why not (RFC 9457)",
                "content": { problem::CONTENT_TYPE: { "schema": problem } },
            }},
            "securitySchemes": {
                "bearer": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" },
                "cookie": { "type": "apiKey", "in": "cookie", "name": "bulq_session" },
            },
        },
    })
}

fn operation(endpoint: &Endpoint, schemas: &mut Schemas) -> Value {
    let Endpoint { method, path, doc } = endpoint;
    let mut operation = json!({
        "tags": [doc.tag],
        "summary": doc.summary,
        "operationId": operation_id(method, path),
        "responses": responses(endpoint, schemas),
    });
    let parameters = parameters(path, doc);
    if !parameters.is_empty() {
        operation["parameters"] = parameters.into();
    }
    if let Some(body) = doc.body(schemas) {
        operation["requestBody"] = body;
    }
    if !doc.open {
        operation["security"] = json!([{ "bearer": [] }, { "cookie": [] }]);
    }
    operation
}

fn operation_id(method: &Method, path: &str) -> String {
    let path = path.trim_start_matches("/api/v1").replace(['{', '}'], "");
    let words = path.split(['/', '-', '.']).filter(|word| !word.is_empty());
    words.fold(method.as_str().to_lowercase(), |id, word| id + "_" + word)
}

fn parameters(path: &str, doc: &Doc) -> Vec<Value> {
    let in_path = path.split('{').skip(1).filter_map(|rest| rest.split('}').next()).map(|name| {
        let schema = match name {
            "token" => json!({ "type": "string" }),
            "cost" => json!({ "type": "integer", "minimum": 1 }),
            _ => json!({ "type": "string", "format": "uuid" }),
        };
        json!({ "name": name, "in": "path", "required": true, "schema": schema })
    });
    let in_query = doc.query.iter().map(|query| {
        let (name, what, required) = (query.name, query.what, query.required);
        json!({ "name": name, "in": "query", "required": required, "description": what, "schema": in_a_query(name, doc) })
    });
    let once = doc.once.then(|| {
        json!({
            "name": "Idempotency-Key", "in": "header",
            "description": "the command's id: a repeat takes no effect and answers as the first time",
            "schema": { "type": "string", "format": "uuid" },
        })
    });
    in_path.chain(in_query).chain(once).collect()
}

fn in_a_query(name: &str, doc: &Doc) -> Value {
    match name {
        "limit" => json!({ "type": "integer", "minimum": 1, "maximum": Page::MAX }),
        "after" => json!({ "type": "integer", "minimum": 0 }),
        "user" | "store" | "product" => json!({ "type": "string", "format": "uuid" }),
        "state" => json!({ "type": "string", "enum": State::ALL }),
        "q" => json!({ "type": "string", "maxLength": LONGEST_SEARCH }),
        "format" => json!({ "type": "string", "enum": doc.formats() }),
        _ => json!({ "type": "string" }),
    }
}

fn responses(endpoint: &Endpoint, schemas: &mut Schemas) -> Value {
    let mut responses = Map::new();
    let (status, content) = endpoint.doc.answer(schemas);
    let mut answer = json!({ "description": reason(status) });
    if !content.is_empty() {
        answer["content"] = content.into();
    }
    responses.insert(status.to_string(), answer);
    for status in endpoint.doc.refuses.iter().copied().chain(refused_by_kind(endpoint)) {
        responses.insert(status.to_string(), json!({ "$ref": "#/components/responses/Problem" }));
    }
    Value::Object(responses)
}

/// With which problems any route of this kind may answer.
fn refused_by_kind(Endpoint { method, path, doc }: &Endpoint) -> impl Iterator<Item = u16> {
    let (login, json) = (!doc.open, doc.reads_json());
    [
        (400, json),
        (401, login),
        // A page that is not ours.
        (403, login && *method != Method::GET),
        (404, path.contains('{')),
        (413, json),
        (415, json),
        (422, json || !doc.query.is_empty()),
        // Too often, and a database that is away: whatever goes through the door of the API.
        (429, path.starts_with("/api/v1/")),
        (503, path.starts_with("/api/v1/")),
    ]
    .into_iter()
    .filter_map(|(status, applies)| applies.then_some(status))
}

fn reason(status: u16) -> String {
    let reason = StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    reason.unwrap_or("Answer").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use bulq_domain::{CommandKind, Event};

    #[test]
    fn the_golden_file_is_what_the_routes_say() {
        crate::golden::compare("docs/api/openapi.json", &document(&crate::http::routes().endpoints()));
    }

    #[test]
    fn every_reference_leads_somewhere() {
        crate::golden::every_reference_leads_somewhere(&document(&crate::http::routes().endpoints()));
    }

    /// What is one document by its nature, or at most ten.
    const WHOLE: [&str; 3] =
        ["/api/v1/products/similar", "/api/v1/runs/{run}/families", "/api/v1/stores/similar"];
    /// Pages by seq, not by cursor.
    const LOG: &str = "/api/v1/runs/{run}/events";

    #[test]
    fn every_list_has_the_same_shape_and_is_paged_by_cursor() {
        let document = document(&crate::http::routes().endpoints());
        let mut lists = 0;
        for (path, operation) in gets(&document) {
            let schema = &operation["responses"]["200"]["content"]["application/json"]["schema"];
            let schema = resolved(&document, schema);
            assert_ne!(schema["type"], "array", "{path}: a list is an object");
            let has = |name: &str| !schema["properties"][name].is_null();
            // A view of a run at a seq is no list.
            if !has("items") || has("seq") {
                continue;
            }
            assert!(has("next_cursor"), "{path}");
            let queries = names_of(&operation["parameters"]);
            if path != LOG && !WHOLE.contains(&path.as_str()) {
                lists += 1;
                assert!(queries.contains(&"limit") && queries.contains(&"cursor"), "{path}: {queries:?}");
                assert!(!operation["responses"]["422"].is_null(), "{path} refuses a cursor that is none");
            }
        }
        assert!(lists >= 15, "{lists}");
    }

    #[test]
    fn every_refusal_is_a_problem() {
        let document = document(&crate::http::routes().endpoints());
        let problem = json!({ "$ref": "#/components/responses/Problem" });
        for (path, item) in document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("operations") {
                let responses = operation["responses"].as_object().expect("responses");
                for (status, response) in responses.iter().filter(|(status, _)| status.as_str() >= "400") {
                    assert_eq!(*response, problem, "{method} {path} {status}");
                }
                let needs_login = !operation["security"].is_null();
                assert_eq!(needs_login, responses.contains_key("401") && needs_login, "{method} {path}");
            }
        }
    }

    fn gets(document: &Value) -> impl Iterator<Item = (&String, &Value)> {
        let paths = document["paths"].as_object().expect("paths");
        paths.iter().map(|(path, item)| (path, &item["get"])).filter(|(_, get)| !get.is_null())
    }

    fn resolved<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(reference) => {
                document.pointer(reference.trim_start_matches('#')).expect("it leads somewhere")
            }
            None => schema,
        }
    }

    fn names_of(parameters: &Value) -> Vec<&str> {
        let all = parameters.as_array().map(Vec::as_slice).unwrap_or_default();
        all.iter().filter(|p| p["in"] == "query").filter_map(|p| p["name"].as_str()).collect()
    }

    #[test]
    fn commands_and_events_are_called_what_the_wire_calls_them() {
        let schemas = &document(&crate::http::routes().endpoints())["components"]["schemas"];
        let events = schemas["Event"]["oneOf"].as_array().expect("one schema per event");

        assert_eq!(schemas["CommandKind"]["enum"], json!(CommandKind::ALL));
        for (schema, kind) in events.iter().zip(Event::KINDS) {
            let tagged = schema["allOf"].as_array().and_then(|parts| parts.last()).unwrap_or(schema);
            assert_eq!(tagged["properties"]["type"]["enum"], json!([kind]));
        }
    }
}
