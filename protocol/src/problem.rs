//! Errors as RFC 9457 `application/problem+json`.

use bulq_domain::rejection::{Class, Rejection};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub const CONTENT_TYPE: &str = "application/problem+json";

/// What went wrong, for people (`title`, `detail`) and for programs (`code`, facts).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Problem {
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    pub status: u16,
    pub detail: String,
    /// Stable, SCREAMING_SNAKE.
    pub code: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub request_id: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    #[serde(flatten)]
    pub facts: Map<String, Value>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct FieldProblem {
    pub field: String,
    pub code: String,
    pub detail: String,
}

impl Problem {
    #[must_use]
    pub fn new(status: u16, code: &str, title: &str, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank".to_owned(),
            title: title.to_owned(),
            status,
            detail: detail.into(),
            code: code.to_owned(),
            request_id: String::new(),
            errors: Vec::new(),
            facts: Map::new(),
        }
    }

    #[must_use]
    pub fn with(mut self, name: &str, fact: impl Into<Value>) -> Self {
        self.facts.insert(name.to_owned(), fact.into());
        self
    }

    #[must_use]
    pub fn field(mut self, field: &str, code: &str, detail: impl Into<String>) -> Self {
        self.errors.push(FieldProblem {
            field: field.to_owned(),
            code: code.to_owned(),
            detail: detail.into(),
        });
        self
    }
}

impl From<&Rejection> for Problem {
    fn from(rejection: &Rejection) -> Self {
        let (status, title) = match rejection.code.class() {
            Class::Forbidden => (403, "Not allowed"),
            Class::Missing => (404, "Not found"),
            Class::Conflict => (409, "Conflict"),
            Class::Invalid => (422, "Invalid values"),
        };
        let mut problem = Self::new(status, rejection.code.as_str(), title, rejection.detail.clone());
        problem.facts.extend(rejection.facts.clone());
        problem
    }
}
