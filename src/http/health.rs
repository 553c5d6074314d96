//! For operators and load balancers: alive, ready, figures.

use super::App;
use super::api::Api;
use super::identity::bearer;
use super::problem::{Answer, Failure};
use crate::openapi::Doc;
use crate::security;
use crate::telemetry::Figures;
use actix_web::{HttpRequest, HttpResponse, web};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};

pub struct Health {
    open: AtomicBool,
    draining: AtomicBool,
    figures: Figures,
    metrics_token: Option<SecretString>,
}

impl Health {
    #[must_use]
    pub const fn new(figures: Figures, metrics_token: Option<SecretString>) -> Self {
        Self { open: AtomicBool::new(false), draining: AtomicBool::new(false), figures, metrics_token }
    }

    /// From now on the server is ready: runs have their threads, and what there is to show is there.
    pub fn open(&self) {
        self.open.store(true, Ordering::Relaxed);
    }

    /// From now on the server is not ready for new work.
    pub fn drain(&self) {
        self.draining.store(true, Ordering::Relaxed);
    }

    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Relaxed)
    }
}

pub(super) fn routes(api: &mut Api) {
    let doc = |summary| Doc::new("operator", summary).open();
    api.get("/healthz", alive, doc("The process is alive").nothing(200));
    api.get("/readyz", ready, doc("Ready for work").nothing(200).refuses(&[503]));
    api.get("/metrics", metrics, doc("Figures for Prometheus").sends(&["text/plain"]).refuses(&[403]));
}

async fn alive() -> HttpResponse {
    HttpResponse::Ok().finish()
}

async fn ready(app: web::Data<App>) -> HttpResponse {
    let database = app.edge.db().ping().await.is_ok();
    let (starting, draining) = (!app.health.open.load(Ordering::Relaxed), app.health.is_draining());
    // Losing Redis costs speed only: without it the server is as ready as with it.
    let redis = match &app.redis {
        Some(redis) => Some(redis.ping().await.is_ok()),
        None => None,
    };
    let mut response = if database && !starting && !draining {
        HttpResponse::Ok()
    } else {
        HttpResponse::ServiceUnavailable()
    };
    response.json(json!({ "database": database, "redis": redis, "starting": starting, "draining": draining }))
}

async fn metrics(app: web::Data<App>, request: HttpRequest) -> Answer<HttpResponse> {
    if !may_see(app.health.metrics_token.as_ref(), &request) {
        return Err(Failure::forbidden("METRICS_CLOSED", "figures are for who has the token"));
    }
    let live = app.edge.live().stats();
    let text = app.health.figures.render(live.runs, live.undurable_bytes);
    Ok(HttpResponse::Ok().content_type("text/plain; version=0.0.4; charset=utf-8").body(text))
}

/// Whoever has the token; without one, whoever is on this machine and not behind a proxy.
fn may_see(token: Option<&SecretString>, request: &HttpRequest) -> bool {
    match token {
        Some(token) => bearer(request).is_some_and(|given| security::equal(given, token.expose_secret())),
        None => {
            let forwarded = ["forwarded", "x-forwarded-for", "x-real-ip"];
            let direct = forwarded.iter().all(|name| !request.headers().contains_key(*name));
            direct && request.peer_addr().is_some_and(|peer| peer.ip().is_loopback())
        }
    }
}
