//! Reading JSON bodies: 415 not JSON, 413 too large, 400 malformed, 422 well-formed but wrong.

use super::problem::Failure;
use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::web::BytesMut;
use actix_web::{FromRequest, HttpRequest};
use futures_util::StreamExt;
use futures_util::future::LocalBoxFuture;
use serde::de::{DeserializeOwned, IgnoredAny};
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
            let bytes = collect(payload, MAX_BYTES).await?;
            is_json?;
            read(&bytes).map(Body)
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
            let bytes = collect(payload, MAX_BYTES).await?;
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
    // Nothing is unpacked: a few kilobytes could become gigabytes.
    if request.headers().contains_key(CONTENT_ENCODING) {
        return Err(Failure::of_status(
            actix_web::http::StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send the body as it is, without Content-Encoding",
        ));
    }
    if media.eq_ignore_ascii_case("application/json") && utf8 {
        return Ok(());
    }
    Err(Failure::of_status(
        actix_web::http::StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "send the body as Content-Type: application/json",
    ))
}

/// At most `most` bytes of whatever kind.
pub(super) async fn collect(mut payload: Payload, most: usize) -> Result<BytesMut, Failure> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| Failure::malformed(format!("the body ended early: {error}")))?;
        if bytes.len() + chunk.len() > most {
            let detail = format!("a body has at most {most} bytes");
            return Err(Failure::of_status(actix_web::http::StatusCode::PAYLOAD_TOO_LARGE, &detail));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// An object: an array of its values in the right order would do for serde, and for nobody else.
fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Failure> {
    let value = serde_json::from_slice(bytes).map_err(|error| unreadable::<T>(&error, bytes))?;
    if bytes.trim_ascii_start().starts_with(b"{") {
        return Ok(value);
    }
    Err(Failure::invalid("the body must be a JSON object"))
}

fn unreadable<T: DeserializeOwned>(error: &serde_json::Error, bytes: &[u8]) -> Failure {
    let text = error.to_string();
    match error.classify() {
        // Of a value that can only be one of a few words, serde says "expected value" whatever it finds.
        Category::Syntax if serde_json::from_slice::<IgnoredAny>(bytes).is_ok() => {
            about(place::<T>(bytes), text.split(" at line ").next().unwrap_or(&text))
        }
        Category::Data => {
            let detail = text.split(" at line ").next().unwrap_or(&text);
            match detail.split('`').nth(1).filter(|_| detail.contains("field `")) {
                Some(field) => Failure::field(field, "INVALID", detail),
                None => about(place::<T>(bytes), detail),
            }
        }
        _ => Failure::malformed(text),
    }
}

fn about(field: Option<String>, detail: &str) -> Failure {
    match field {
        Some(field) => Failure::field(&field, "INVALID", detail),
        None => Failure::invalid(detail),
    }
}

/// Where in the object the value is that is wrong, as in `aliases.ru[1]`. Read once more, now that it is known to be wrong.
fn place<T: DeserializeOwned>(bytes: &[u8]) -> Option<String> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let error = serde_path_to_error::deserialize::<_, T>(&mut json).err()?;
    let place = error.path().to_string();
    (place != ".").then_some(place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use bulq_protocol::account::PatchMe;
    use bulq_protocol::catalogue::NewProduct;
    use bulq_protocol::group::PatchGroup;

    fn field<T: DeserializeOwned>(body: &str) -> Option<String> {
        let failure = read::<T>(body.as_bytes()).err().expect("it is wrong");
        failure.about().map(|about| about.field.clone())
    }

    #[test]
    fn what_is_wrong_is_named_wherever_it_is() {
        for (body, place) in [
            (r#"{"name":"Rice","unit":"stone"}"#, Some("unit")),
            (r#"{"name":"Rice","unit":"kg","step":"0.3333"}"#, Some("step")),
            (r#"{"name":"Rice","unit":"kg","aliases":{"ru":["a",7]}}"#, Some("aliases.ru[1]")),
            (r#"{"name":"Rice","unit":"kg","colour":"white"}"#, Some("colour")),
            (r#"{"name":"Rice"}"#, Some("unit")),
            ("[]", None),
        ] {
            assert_eq!(field::<NewProduct>(body).as_deref(), place, "{body}");
        }
        assert_eq!(field::<PatchMe>(r#"{"language":"de"}"#).as_deref(), Some("language"));
        let costs = r#"{"default_costs":[{"label":"Fuel","amount":"9","split":"equally"}]}"#;
        assert_eq!(field::<PatchGroup>(costs).as_deref(), Some("default_costs[0].amount"));
    }
}
