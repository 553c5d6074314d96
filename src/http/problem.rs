//! Every "no" of the HTTP API: RFC 9457 problems, and how faults and refusals become one.

use crate::security::limits::TooOften;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpResponse, ResponseError};
use bulq_actors::{GateError, Refusal};
use bulq_protocol::Problem;
use bulq_protocol::problem::{CONTENT_TYPE, FieldProblem};
use bulq_storage::StorageError;
use bulq_storage::page::CursorError;

/// What a busy server asks people to wait.
const RETRY_AFTER_S: u64 = 1;

/// A problem on its way out. Boxed, so that results stay small.
#[derive(Debug)]
pub struct Failure(Box<Sent>);

#[derive(Debug)]
struct Sent {
    problem: Problem,
    header: Option<(HeaderName, String)>,
}

/// What a handler returns.
pub type Answer<T> = Result<T, Failure>;

impl Failure {
    #[must_use]
    pub fn problem(problem: Problem) -> Self {
        Self(Box::new(Sent { problem, header: None }))
    }

    fn new(status: u16, code: &str, title: &str, detail: impl Into<String>) -> Self {
        Self::problem(Problem::new(status, code, title, detail))
    }

    #[must_use]
    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(400, "MALFORMED_JSON", "Malformed JSON", detail)
    }

    #[must_use]
    pub fn unauthenticated(code: &str, detail: &str) -> Self {
        Self::new(401, code, "Not authenticated", detail)
    }

    #[must_use]
    pub fn forbidden(code: &str, detail: impl Into<String>) -> Self {
        Self::new(403, code, "Not allowed", detail)
    }

    /// Unknown, or not yours to know: nobody can tell which.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(404, "NOT_FOUND", "Not found", format!("there is no such {what}"))
    }

    #[must_use]
    pub fn conflict(code: &str, detail: impl Into<String>) -> Self {
        Self::new(409, code, "Conflict", detail)
    }

    /// One field holds a value that makes no sense.
    #[must_use]
    pub fn field(field: &str, code: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        let problem = Problem::new(422, "INVALID_VALUES", "Invalid values", format!("{field}: {detail}"));
        Self::problem(problem.field(field, code, detail))
    }

    #[must_use]
    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(422, "INVALID_VALUES", "Invalid values", detail)
    }

    /// Well-formed, but it cannot be meant.
    #[must_use]
    pub fn unprocessable(code: &str, detail: impl Into<String>) -> Self {
        Self::new(422, code, "Invalid values", detail)
    }

    /// A content of a kind that is not taken.
    #[must_use]
    pub fn unsupported(code: &str, detail: impl Into<String>) -> Self {
        Self::new(415, code, "Unsupported media type", detail)
    }

    #[must_use]
    pub fn busy() -> Self {
        Self::busy_for(RETRY_AFTER_S * 1000)
    }

    #[must_use]
    pub fn busy_for(retry_after_ms: u64) -> Self {
        Self::later("BUSY", "Busy", "the server has more to do than it can: try again", retry_after_ms)
    }

    fn later(code: &str, title: &str, detail: &str, retry_after_ms: u64) -> Self {
        Self::problem(Problem::new(503, code, title, detail)).retry_after(retry_after_ms)
    }

    /// When it makes sense to ask again.
    #[must_use]
    pub fn retry_after(self, ms: u64) -> Self {
        let Sent { problem, header } = *self.0;
        let seconds = ms.div_ceil(1000).max(1);
        Self(Box::new(Sent { problem: problem.with("retry_after_ms", ms), header }))
            .header(header::RETRY_AFTER, &seconds.to_string())
    }

    #[must_use]
    pub fn header(mut self, name: HeaderName, value: &str) -> Self {
        self.0.header = Some((name, value.to_owned()));
        self
    }

    /// The fault is logged here, once; nothing of it is shown.
    #[must_use]
    pub fn fault(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed");
        Self::internal()
    }

    #[must_use]
    pub fn internal() -> Self {
        Self::new(500, "INTERNAL", "Internal error", "something went wrong on the server; it was logged")
    }

    /// What HTTP itself has to say: no such route, wrong method, and what the framework refuses.
    #[must_use]
    pub fn of_status(status: StatusCode, detail: &str) -> Self {
        let (code, title) = match status {
            StatusCode::NOT_FOUND => ("NOT_FOUND", "Not found"),
            StatusCode::METHOD_NOT_ALLOWED => ("METHOD_NOT_ALLOWED", "Method not allowed"),
            StatusCode::PAYLOAD_TOO_LARGE => ("TOO_LARGE", "Too large"),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => ("NOT_JSON", "Unsupported media type"),
            StatusCode::REQUEST_TIMEOUT => ("TOO_SLOW", "Request timeout"),
            status if status.is_client_error() => ("BAD_REQUEST", "Bad request"),
            _ => return Self::internal(),
        };
        Self::new(status.as_u16(), code, title, detail)
    }

    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.problem.status
    }

    #[must_use]
    pub fn code(&self) -> &str {
        &self.0.problem.code
    }

    /// A fact for programs.
    #[must_use]
    pub fn with(mut self, name: &str, fact: serde_json::Value) -> Self {
        self.0.problem.facts.insert(name.to_owned(), fact);
        self
    }

    /// Which field it is about, with its code and detail; none for what is not about one.
    #[must_use]
    pub fn about(&self) -> Option<&FieldProblem> {
        self.0.problem.errors.first()
    }

    #[must_use]
    pub fn response(&self, request_id: &str) -> HttpResponse {
        let mut problem = self.0.problem.clone();
        request_id.clone_into(&mut problem.request_id);
        let mut response = HttpResponse::build(self.status_code());
        response.content_type(CONTENT_TYPE);
        if let Some((name, value)) = &self.0.header {
            response.insert_header((name.clone(), value.as_str()));
        }
        if problem.status == 401 {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        response.body(serde_json::to_string(&problem).expect("a problem is plain data"))
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.problem.detail)
    }
}

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        self.response("")
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Cursor(error) => error.into(),
            error if error.is_passing() => {
                tracing::warn!(%error, "a request met a database that is away or full of work");
                Self::busy()
            }
            error => Self::fault(&error),
        }
    }
}

impl From<CursorError> for Failure {
    fn from(error: CursorError) -> Self {
        Self::field("cursor", "INVALID", error.to_string())
    }
}

impl From<GateError> for Failure {
    fn from(error: GateError) -> Self {
        match error {
            GateError::NotFound => Self::not_found("run or group"),
            GateError::Forbidden { code, detail } => Self::forbidden(code, detail),
            GateError::Busy => Self::busy(),
            GateError::TooOften { retry_after_ms } => TooOften { retry_after_ms }.into(),
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Rejected(rejection) => Self::problem(Problem::from(&rejection)),
            Refusal::NotFound => Self::not_found("run"),
            Refusal::Busy { retry_after_ms } => Self::busy_for(retry_after_ms),
            Refusal::Unknown { retry_after_ms } => Self::later(
                "OUTCOME_UNKNOWN",
                "Outcome unknown",
                "it is not known yet whether this took effect: ask again with the same Idempotency-Key",
                retry_after_ms,
            ),
            Refusal::Quarantined { detail } => {
                tracing::error!(%detail, "a run is out of service");
                Self::new(
                    503,
                    "RUN_OUT_OF_SERVICE",
                    "Run out of service",
                    "this run cannot be read; it was logged",
                )
            }
        }
    }
}
