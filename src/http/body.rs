//! Reading JSON bodies: 415 not JSON, 413 too large, 400 malformed, 422 well-formed but wrong.

use super::problem::Failure;
use actix_web::dev::Payload;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

pub(super) const MAX_BYTES: usize = 64 * 1024;

/// A JSON body as a value.
#[derive(Debug)]
pub(super) struct Body<T>(pub(super) T);

/// A JSON object as its text, for commands; an absent body is an empty object.
#[derive(Debug)]
pub(super) struct RawBody(pub(super) String);

impl<T: DeserializeOwned + 'static> FromRequest for Body<T> {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_json(request);
        let payload = payload.take();
        Box::pin(async move {
            let bytes = collect(payload).await?;
            is_json?;
            serde_json::from_slice(&bytes).map(Body).map_err(|error| unreadable(&error))
        })
    }
}

impl FromRequest for RawBody {
    type Error = Failure;
    type Future = LocalBoxFuture<'static, Result<Self, Failure>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let is_json = is_json(request);
        let payload = payload.take();
        Box::pin(async move {
            let bytes = collect(payload).await?;
            if bytes.is_empty() {
                return Ok(Self("{}".to_owned()));
            }
            is_json?;
            let text = String::from_utf8(bytes.into());
            text.map(Self).map_err(|_| Failure::malformed("the body is not UTF-8"))
        })
    }
}

fn is_json(request: &HttpRequest) -> Result<(), Failure> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut parts = kind.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default();
    let utf8 = parts.all(|part| {
        !part.to_ascii_lowercase().starts_with("charset=") || part.to_ascii_lowercase().contains("utf-8")
    });
    if media.eq_ignore_ascii_case("application/json") && utf8 {
        return Ok(());
    }
    Err(Failure::of_status(
        actix_web::http::StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "send the body as Content-Type: application/json",
    ))
}

async fn collect(mut payload: Payload) -> Result<BytesMut, Failure> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Failure::malformed(format!("the body ended early: {error}")))?;
        if bytes.len() + chunk.len() > MAX_BYTES {
            let detail = format!("a body has at most {MAX_BYTES} bytes");
            return Err(Failure::of_status(actix_web::http::StatusCode::PAYLOAD_TOO_LARGE, &detail));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

fn unreadable(error: &serde_json::Error) -> Failure {
    let text = error.to_string();
    match error.classify() {
        Category::Data => {
            let detail = text.split(" at line ").next().unwrap_or(&text);
            match detail.split('`').nth(1).filter(|_| detail.contains("field `")) {
                Some(field) => Failure::field(field, "INVALID", detail),
                None => Failure::invalid(detail),
            }
        }
        _ => Failure::malformed(text),
    }
}
