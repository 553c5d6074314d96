//! Before every request of the API: who asks is settled once, and whether they come too often.

use super::App;
use super::identity::identify;
use super::problem::Failure;
use crate::security::limits::{Act, TooOften};
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, web};
use bulq_actors::Who;
use bulq_protocol::Problem;

/// A path is compared with every route there is, letter by letter; no path of ours is longer.
const LONGEST_PATH: usize = 1024;

/// Who asks, or why nobody; waits for the handler that wants to know.
pub(super) struct Identified(pub(super) Result<Who, Failure>);

/// # Errors
/// None of its own: every "no" is an answer.
pub async fn admit(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if is_too_long(request.path()) {
        let detail = format!("a path holds at most {LONGEST_PATH} bytes");
        let refused = Failure::problem(Problem::new(414, "PATH_TOO_LONG", "URI too long", detail));
        return Ok(request.into_response(HttpResponse::from_error(refused)));
    }
    if !request.path().starts_with("/api/v1/") {
        return Ok(next.call(request).await?.map_into_boxed_body());
    }
    let identified = identify(request.request()).await;
    if let Err(too_often) = count(&request, &identified).await {
        let refused = HttpResponse::from_error(Failure::from(too_often));
        return Ok(request.into_response(refused));
    }
    request.extensions_mut().insert(Identified(identified));
    Ok(next.call(request).await?.map_into_boxed_body())
}

/// Then nobody looks for its route.
pub(super) const fn is_too_long(path: &str) -> bool {
    path.len() > LONGEST_PATH
}

/// Whoever is known is counted as a person, everybody else by the place they come from.
async fn count(request: &ServiceRequest, identified: &Result<Who, Failure>) -> Result<(), TooOften> {
    let Some(app) = request.app_data::<web::Data<App>>() else { return Ok(()) };
    match identified {
        Ok(who) => app.limits.person(act(request), who.user).await,
        Err(_) => app.limits.place(Act::Anything, app.proxies.origin_of(request.request())).await,
    }
}

fn act(request: &ServiceRequest) -> Act {
    let changes = matches!(*request.method(), Method::PUT | Method::DELETE);
    if changes && is_of_a_bid(request.path()) { Act::Bid } else { Act::Anything }
}

/// `/api/v1/runs/{run}/bids/{product_id}`; looking for the route a path matches is what costs most of a request.
fn is_of_a_bid(path: &str) -> bool {
    let mut parts = path.strip_prefix("/api/v1/runs/").into_iter().flat_map(|tail| tail.split('/'));
    let mut next = || parts.next().filter(|part| !part.is_empty());
    next().is_some() && next() == Some("bids") && next().is_some() && parts.next().is_none()
}

impl From<TooOften> for Failure {
    fn from(too_often: TooOften) -> Self {
        let detail = "too many requests: wait a little";
        let problem = Problem::new(429, "RATE_LIMITED", "Too many requests", detail);
        Self::problem(problem).retry_after(too_often.retry_after_ms)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bid_is_known_by_its_path() {
        assert!(is_of_a_bid("/api/v1/runs/7/bids/8"));
        for other in [
            "/api/v1/runs/7/bids",
            "/api/v1/runs/7/bids/",
            "/api/v1/runs//bids/8",
            "/api/v1/runs/7/bids/8/9",
            "/api/v1/runs/7/costs/8",
            "/api/v1/groups/7/bids/8",
        ] {
            assert!(!is_of_a_bid(other), "{other}");
        }
    }
}
