//! The table of routes: what is served, and what is said about it.

use super::App;
use super::problem::Failure;
use crate::openapi::{Doc, Endpoint};
use actix_web::guard;
use actix_web::http::{Method, header};
use actix_web::web::{self, ServiceConfig};
use actix_web::{FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, Route};
use std::cmp::Reverse;
use std::future::ready;

#[derive(Default)]
pub struct Api(Vec<Line>);

struct Line {
    endpoint: Endpoint,
    route: Route,
}

/// A path, and what can be done there.
type Lines = (String, Vec<Line>);

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
    ///
    /// actix tries one path after the other, and a path with a name in braces is a regular expression. So what begins alike is tried
    /// as one, those with most behind them first, and what has no braces before any.
    pub fn mount(self, config: &mut ServiceConfig) {
        let mut paths: Vec<Lines> = Vec::new();
        for line in self.0 {
            match paths.iter_mut().find(|(path, _)| *path == line.endpoint.path) {
                Some((_, lines)) => lines.push(line),
                None => paths.push((line.endpoint.path.clone(), vec![line])),
            }
        }
        let (named, literal): (Vec<_>, Vec<_>) = paths.into_iter().partition(|(path, _)| path.contains('{'));
        for (path, lines) in literal {
            config.service(resource("", path, lines));
        }
        let mut begins: Vec<(String, Vec<Lines>)> = Vec::new();
        for (path, lines) in named {
            let begin = &path[..end_of_first_name(&path)];
            match begins.iter_mut().find(|(known, _)| known == begin) {
                Some((_, paths)) => paths.push((path, lines)),
                None => begins.push((begin.to_owned(), vec![(path, lines)])),
            }
        }
        begins.sort_by_key(|(_, paths)| Reverse(paths.len()));
        for (begin, mut paths) in begins {
            paths.sort_by_key(|(path, _)| path[begin.len()..].contains('{'));
            let paths = paths.into_iter().map(|(path, lines)| resource(&begin, path, lines));
            config.service(paths.fold(web::scope(&begin), |scope, path| scope.service(path)));
        }
        config.default_service(web::to(elsewhere));
    }
}

/// Which path a request found, with names in braces; for whoever comes after its handler.
pub(super) struct Pattern(pub(super) String);

/// `begin`: what of the path its scope has looked at.
fn resource(begin: &str, path: String, lines: Vec<Line>) -> Resource {
    let methods: Vec<_> = lines.iter().map(|line| line.endpoint.method.to_string()).collect();
    let methods = methods.join(", ");
    let resource = lines.into_iter().fold(web::resource(&path[begin.len()..]), |r, line| r.route(line.route));
    let refuse = move || ready(Err::<String, _>(wrong_method(&methods)));
    resource.default_service(web::to(refuse)).app_data(Pattern(path))
}

/// Of a path with a name in braces, where the first of them ends.
fn end_of_first_name(path: &str) -> usize {
    path.find('}').map_or(path.len(), |at| at + 1)
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

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::StatusCode;
    use actix_web::test::{TestRequest, call_service, init_service};

    /// What is answered, and the pattern of the route that was found.
    async fn ask(method: Method, path: &str) -> (StatusCode, Option<String>) {
        let mut api = Api::default();
        let handler = async || HttpResponse::Ok().finish();
        for path in
            ["/things/{thing}", "/things/{thing}/parts/{part}", "/things/similar", "/things/{thing}/parts"]
        {
            api.get(path, handler, Doc::new("things", "A thing"));
        }
        api.put("/things/{thing}/parts/{part}", handler, Doc::new("things", "A part"));
        let app = init_service(actix_web::App::new().configure(|config| api.mount(config))).await;
        let answer = call_service(&app, TestRequest::with_uri(path).method(method).to_request()).await;
        (answer.status(), answer.request().app_data::<Pattern>().map(|pattern| pattern.0.clone()))
    }

    #[actix_web::test]
    async fn a_path_without_names_goes_before_one_with_names_and_each_is_known_by_its_pattern() {
        for (path, pattern) in [
            ("/things/similar", "/things/similar"),
            ("/things/7", "/things/{thing}"),
            ("/things/7/parts", "/things/{thing}/parts"),
            ("/things/7/parts/8", "/things/{thing}/parts/{part}"),
        ] {
            assert_eq!(ask(Method::GET, path).await, (StatusCode::OK, Some(pattern.to_owned())), "{path}");
        }
        let part = ask(Method::PUT, "/things/7/parts/8").await;
        assert_eq!(part, (StatusCode::OK, Some("/things/{thing}/parts/{part}".to_owned())));
    }

    #[actix_web::test]
    async fn another_method_is_refused_where_the_path_is_known() {
        for path in ["/things/similar", "/things/7", "/things/7/parts/8"] {
            assert_eq!(ask(Method::DELETE, path).await.0, StatusCode::METHOD_NOT_ALLOWED, "{path}");
        }
    }
}
