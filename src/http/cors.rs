//! Pages of other origins: those that are configured may use the API, nobody else may read what it answers.

use super::App;
use super::identity::foreign;
use crate::security::origins::Origin;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, HttpResponse, web};

const METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE");
const SENT: HeaderValue =
    HeaderValue::from_static("authorization, content-type, idempotency-key, x-request-id");
const SHOWN: HeaderValue = HeaderValue::from_static("idempotency-replayed, retry-after, x-request-id");
/// How long a page may remember the answer to its question.
const REMEMBER_S: HeaderValue = HeaderValue::from_static("600");
const YES: HeaderValue = HeaderValue::from_static("true");

/// # Errors
/// None of its own: every "no" is an answer.
pub async fn share(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if !request.path().starts_with("/api/") {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let origin = allowed_origin(&request);
    let asks = *request.method() == Method::OPTIONS
        && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = match (asks, &origin) {
        (true, Some(_)) => request.into_response(permission()),
        (true, None) => request.into_response(HttpResponse::from_error(foreign())),
        (false, _) => next.call(request).await?.map_into_boxed_body(),
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    if let Some(origin) = origin {
        show_to(origin, headers);
    }
    Ok(response)
}

fn allowed_origin(request: &ServiceRequest) -> Option<HeaderValue> {
    let app = request.app_data::<web::Data<App>>()?;
    match app.origins.of(request.request()) {
        Origin::Allowed => request.headers().get(header::ORIGIN).cloned(),
        Origin::Absent | Origin::Foreign => None,
    }
}

fn permission() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, METHODS))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, SENT))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, REMEMBER_S))
        .finish()
}

fn show_to(origin: HeaderValue, headers: &mut HeaderMap) {
    let lines: [(HeaderName, HeaderValue); 3] = [
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, origin),
        (header::ACCESS_CONTROL_ALLOW_CREDENTIALS, YES),
        (header::ACCESS_CONTROL_EXPOSE_HEADERS, SHOWN),
    ];
    for (name, value) in lines {
        headers.insert(name, value);
    }
}
