//! What is said about one route.

use super::Schemas;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

type Schema = fn(&mut Schemas) -> Value;

pub struct Doc {
    pub(super) tag: &'static str,
    pub(super) summary: &'static str,
    /// Needs no login.
    pub(super) open: bool,
    /// Takes an `Idempotency-Key`.
    pub(super) once: bool,
    pub(super) query: Vec<Query>,
    pub(super) refuses: Vec<u16>,
    body: Option<Body>,
    answer: (u16, Sent),
}

pub(super) struct Query {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    pub(super) required: bool,
}

/// What comes with the answer that is no problem.
enum Sent {
    Nothing,
    Json(Schema),
    /// JSON, or the same in this media type.
    JsonOr(Schema, &'static str),
    /// Of these media types, not JSON.
    Bytes(&'static [&'static str]),
}

enum Body {
    /// Of this media type, not JSON.
    Bytes(&'static str),
    Whole(Schema),
    /// Without what stands in the path.
    Rest(Schema, &'static str),
}

impl Doc {
    #[must_use]
    pub fn new(tag: &'static str, summary: &'static str) -> Self {
        let (query, refuses) = (Vec::new(), Vec::new());
        Self {
            tag,
            summary,
            open: false,
            once: false,
            query,
            refuses,
            body: None,
            answer: (200, Sent::Nothing),
        }
    }

    #[must_use]
    pub fn open(mut self) -> Self {
        self.open = true;
        self
    }

    #[must_use]
    pub fn once(mut self) -> Self {
        self.once = true;
        self
    }

    #[must_use]
    pub fn takes<T: ToSchema>(mut self) -> Self {
        self.body = Some(Body::Whole(Schemas::reference::<T>));
        self
    }

    /// A `T` without the fields that `path` names.
    #[must_use]
    pub fn takes_rest_of<T: ToSchema>(mut self, path: &'static str) -> Self {
        self.body = Some(Body::Rest(Schemas::whole::<T>, path));
        self
    }

    /// A body that is not JSON.
    #[must_use]
    pub fn takes_bytes(mut self, media: &'static str) -> Self {
        self.body = Some(Body::Bytes(media));
        self
    }

    #[must_use]
    pub fn answers<T: ToSchema>(mut self, status: u16) -> Self {
        self.answer = (status, Sent::Json(Schemas::reference::<T>));
        self
    }

    /// A page of a list.
    #[must_use]
    pub fn lists<T: ToSchema>(self) -> Self {
        self.lists_whole::<T>()
            .query("limit", "1 to 100; 50 if absent")
            .query("cursor", "`next_cursor` of the page before")
            .refuses(&[422])
    }

    #[must_use]
    pub fn searches<T: ToSchema>(self) -> Self {
        self.lists::<T>().query("q", "part of the name, in any case of letters")
    }

    #[must_use]
    pub fn lists_whole<T: ToSchema>(mut self) -> Self {
        self.answer = (200, Sent::Json(Schemas::listing::<T>));
        self
    }

    #[must_use]
    pub fn nothing(mut self, status: u16) -> Self {
        self.answer = (status, Sent::Nothing);
        self
    }

    /// A file, of one of these media types.
    #[must_use]
    pub fn sends(mut self, media: &'static [&'static str]) -> Self {
        self.answer = (200, Sent::Bytes(media));
        self
    }

    /// A `T`, or the same in another media type.
    #[must_use]
    pub fn answers_or_sends<T: ToSchema>(mut self, media: &'static str) -> Self {
        self.answer = (200, Sent::JsonOr(Schemas::reference::<T>, media));
        self
    }

    #[must_use]
    pub fn query(mut self, name: &'static str, what: &'static str) -> Self {
        self.query.push(Query { name, what, required: false });
        self
    }

    /// Without it the request is refused.
    #[must_use]
    pub fn needs(mut self, name: &'static str, what: &'static str) -> Self {
        self.query.push(Query { name, what, required: true });
        self
    }

    /// With which problems, besides those every route of its kind may answer with.
    #[must_use]
    pub fn refuses(mut self, statuses: &[u16]) -> Self {
        self.refuses.extend(statuses);
        self
    }

    pub(super) fn body(&self, schemas: &mut Schemas) -> Option<Value> {
        let schema = match &self.body {
            None => return None,
            Some(Body::Bytes(media)) => {
                let schema = json!({ "type": "string", "format": "binary" });
                return Some(json!({ "required": true, "content": { *media: { "schema": schema } } }));
            }
            Some(Body::Whole(schema)) => schema(schemas),
            Some(Body::Rest(schema, path)) => rest(schema(schemas), path)?,
        };
        let required = schema.get("$ref").is_some() || schema.get("required").is_some();
        Some(json!({ "required": required, "content": { "application/json": { "schema": schema } } }))
    }

    /// The status of the answer that is no problem, and what it holds by media type.
    pub(super) fn answer(&self, schemas: &mut Schemas) -> (u16, Map<String, Value>) {
        let json = |schema: Value| ("application/json".to_owned(), json!({ "schema": schema }));
        let (status, sent) = &self.answer;
        let content = match sent {
            Sent::Nothing => Map::new(),
            Sent::Json(schema) => [json(schema(schemas))].into_iter().collect(),
            Sent::JsonOr(schema, media) => [json(schema(schemas)), file(media)].into_iter().collect(),
            Sent::Bytes(media) => media.iter().map(|media| file(media)).collect(),
        };
        (*status, content)
    }

    /// In which forms there is what it answers, as a query calls them.
    pub(super) fn formats(&self) -> Vec<&'static str> {
        match self.answer.1 {
            Sent::JsonOr(_, media) => ["json"].into_iter().chain(media.rsplit('/').next()).collect(),
            _ => Vec::new(),
        }
    }

    /// Takes a JSON body, or commands' fields, which are one.
    pub(super) const fn reads_json(&self) -> bool {
        self.once || matches!(self.body, Some(Body::Whole(_) | Body::Rest(..)))
    }
}

fn file(media: &str) -> (String, Value) {
    let kind = if media == "application/json" { "object" } else { "string" };
    (media.to_owned(), json!({ "schema": { "type": kind } }))
}

/// None if nothing is left.
fn rest(mut schema: Value, path: &str) -> Option<Value> {
    let in_path = |name: &str| path.contains(&format!("{{{name}}}"));
    if let Some(required) = schema["required"].as_array_mut() {
        required.retain(|name| name.as_str().is_none_or(|name| !in_path(name)));
    }
    if schema["required"].as_array().is_none_or(Vec::is_empty) {
        schema.as_object_mut()?.remove("required");
    }
    let properties = schema.get_mut("properties")?.as_object_mut()?;
    properties.retain(|name, _| !in_path(name));
    (!properties.is_empty()).then_some(schema)
}
