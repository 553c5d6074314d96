//! Around every request: its id, its line in the log, its figures, and the shape of its "no".

use super::App;
use super::admission::is_too_long;
use super::api::Pattern;
use super::problem::Failure;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, web};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::Instant;
use tracing::Instrument;
use tracing::field::Empty;
use uuid::Uuid;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

const OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
/// The camera is for pictures of receipts.
const PERMISSIONS: &str = "camera=(self), microphone=(), geolocation=(), payment=(), usb=()";
/// An answer of the API is no page: nothing in it may run or be framed.
const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// The id of the request a handler works on.
#[derive(Clone, Debug)]
pub struct RequestId(pub Arc<str>);

/// # Errors
/// None of its own: every error becomes a problem.
pub async fn observe(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let began = Instant::now();
    let id = taken(&request).unwrap_or_else(|| Uuid::now_v7().to_string());
    request.extensions_mut().insert(RequestId(Arc::from(id.as_str())));
    let method = request.method().clone();
    let span = tracing::info_span!("request", request.id = %id, user.id = Empty, session.id = Empty, run.id = Empty, seq = Empty);

    let response = next.call(request).instrument(span.clone()).await?.map_into_boxed_body();

    let mut response = with_problem(response, &id);
    add_headers(&mut response, &id);
    span.in_scope(|| tell(&response, method.as_str(), began));
    Ok(response)
}

/// A sane id somebody else has given.
fn taken(request: &ServiceRequest) -> Option<String> {
    let id = request.headers().get(HEADER)?.to_str().ok()?;
    let sane = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'_' | b'-');
    ((1..=64).contains(&id.len()) && id.bytes().all(sane)).then(|| id.to_owned())
}

/// A "no" is a problem that names the request; what the framework itself refuses becomes one here.
fn with_problem(response: ServiceResponse<BoxBody>, id: &str) -> ServiceResponse<BoxBody> {
    let Some(error) = response.response().error() else { return response };
    let problem = match error.as_error::<Failure>() {
        Some(failure) => failure.response(id),
        // What the framework says of a path is about our types, not about what people asked for.
        None if response.status() == StatusCode::NOT_FOUND => Failure::not_found("thing").response(id),
        None => Failure::of_status(response.status(), &error.to_string()).response(id),
    };
    let (request, before) = response.into_parts();
    let mut problem = problem;
    for (name, value) in before.headers() {
        if *name == header::VARY || name.as_str().starts_with("access-control-") {
            problem.headers_mut().append(name.clone(), value.clone());
        }
    }
    ServiceResponse::new(request, problem)
}

fn add_headers(response: &mut ServiceResponse<BoxBody>, id: &str) {
    let request = response.request();
    let is_api = request.path().starts_with("/api/");
    let secure = request.app_data::<web::Data<App>>().is_some_and(|app| app.cookie.is_secure());
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(id) {
        headers.insert(HEADER, id);
    }
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(OPENER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::PERMISSIONS_POLICY, HeaderValue::from_static(PERMISSIONS));
    if secure {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if is_api && !headers.contains_key(header::CONTENT_SECURITY_POLICY) {
        headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(NOTHING));
    }
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

/// One line per request. A path that holds a secret is shown as its pattern; queries are not shown at all.
fn tell(response: &ServiceResponse<BoxBody>, method: &str, began: Instant) {
    let request = response.request();
    let path = request.path();
    let too_long = is_too_long(path);
    let route = match request.app_data::<Pattern>() {
        Some(Pattern(pattern)) => Some(Cow::from(pattern)),
        None if too_long => None,
        // It was refused before anybody looked for its route.
        None => request.match_pattern().map(Cow::from),
    };
    let path = match route.as_deref() {
        Some(pattern) if pattern.contains("{token}") => pattern,
        _ if too_long => "(a path that is too long)",
        _ => path,
    };
    let (status, took) = (response.status().as_u16(), began.elapsed());
    let ms = (took.as_secs_f64() * 1e5).round() / 1e2;
    match route.as_deref() {
        Some("/healthz" | "/readyz" | "/metrics") => tracing::debug!(status, ms, "{method} {path}"),
        _ => tracing::info!(status, ms, "{method} {path}"),
    }
    let route = route.map_or_else(|| "none".to_owned(), Cow::into_owned);
    metrics::counter!("bulq_http_requests_total", "route" => route.clone(), "status" => status.to_string())
        .increment(1);
    metrics::histogram!("bulq_http_request_seconds", "route" => route).record(took.as_secs_f64());
}
