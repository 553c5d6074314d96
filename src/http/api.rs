//! The table of routes: what is served, and what is said about it.

use super::App;
use super::problem::Failure;
use crate::openapi::{Doc, Endpoint};
use actix_web::guard;
use actix_web::http::{Method, header};
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Responder, Route};
use std::future::ready;

#[derive(Default)]
pub struct Api(Vec<Line>);

struct Line {
    endpoint: Endpoint,
    route: Route,
}

impl Api {
    pub(super) fn get<F: Handler<Args>, Args>(&mut self, path: &str, handler: F, doc: Doc)
    where
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::GET, path, handler, doc);
    }

    pub(super) fn post<F: Handler<Args>, Args>(&mut self, path: &str, handler: F, doc: Doc)
    where
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::POST, path, handler, doc);
    }

    pub(super) fn put<F: Handler<Args>, Args>(&mut self, path: &str, handler: F, doc: Doc)
    where
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::PUT, path, handler, doc);
    }

    pub(super) fn patch<F: Handler<Args>, Args>(&mut self, path: &str, handler: F, doc: Doc)
    where
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::PATCH, path, handler, doc);
    }

    pub(super) fn delete<F: Handler<Args>, Args>(&mut self, path: &str, handler: F, doc: Doc)
    where
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.add(Method::DELETE, path, handler, doc);
    }

    pub(super) fn add<F: Handler<Args>, Args>(&mut self, method: Method, path: &str, handler: F, doc: Doc)
    where
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        // Whoever may GET may ask with HEAD what they would get.
        let route = match method {
            Method::GET => Route::new().guard(guard::Any(guard::Get()).or(guard::Head())),
            _ => Route::new().method(method.clone()),
        };
        let route = route.to(handler);
        self.0.push(Line { endpoint: Endpoint { method, path: path.to_owned(), doc }, route });
    }

    /// What there is, for the documents.
    #[must_use]
    pub fn endpoints(self) -> Vec<Endpoint> {
        self.0.into_iter().map(|line| line.endpoint).collect()
    }

    /// Serves it. A path that is known with another method answers 405.
    pub fn mount(self, config: &mut ServiceConfig) {
        let mut paths: Vec<(String, Vec<Line>)> = Vec::new();
        for line in self.0 {
            match paths.iter_mut().find(|(path, _)| *path == line.endpoint.path) {
                Some((_, lines)) => lines.push(line),
                None => paths.push((line.endpoint.path.clone(), vec![line])),
            }
        }
        for (path, lines) in paths {
            let methods: Vec<_> = lines.iter().map(|line| line.endpoint.method.to_string()).collect();
            let methods = methods.join(", ");
            let resource =
                lines.into_iter().fold(web::resource(path.as_str()), |r, line| r.route(line.route));
            let refuse = move || ready(Err::<String, _>(wrong_method(&methods)));
            config.service(resource.default_service(web::to(refuse)));
        }
        config.default_service(web::to(elsewhere));
    }
}

/// A file or a page of the browser app, if there is one.
async fn elsewhere(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Failure> {
    let answer = app.web.as_ref().and_then(|web| web.answer(&request));
    answer.ok_or_else(|| Failure::not_found("path"))
}

fn wrong_method(allowed: &str) -> Failure {
    let detail = format!("this path knows {allowed}");
    Failure::of_status(actix_web::http::StatusCode::METHOD_NOT_ALLOWED, &detail)
        .header(header::ALLOW, allowed)
}
