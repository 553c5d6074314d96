//! What `actix_web::HttpServer` would do, but that it reads each socket through an [`Incoming`].

use crate::config::Settings;
use actix_http::HttpService;
use actix_http::body::MessageBody;
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::Error;
use actix_web::dev::{AppConfig, Extensions, Response, Server};
use actix_web::rt::net::TcpStream;
use bulq_actors::transport::Incoming;
use std::fmt::Debug;
use std::io;
use std::net::TcpListener;
use std::time::Duration;

/// How long a client may take to end a connection that is over.
const END_WITHIN: Duration = Duration::from_secs(1);

/// `app` makes the application of one worker thread.
pub(super) fn serve<App, Factory, Body>(
    settings: &Settings,
    workers: usize,
    listener: TcpListener,
    app: impl Fn() -> App + Send + Clone + 'static,
    on_connect: impl Fn(&TcpStream, &mut Extensions) + Send + Clone + 'static,
) -> io::Result<Server>
where
    App: IntoServiceFactory<Factory, actix_http::Request>,
    Factory: ServiceFactory<actix_http::Request, Config = AppConfig, Error = Error> + 'static,
    Factory::InitError: Debug,
    Factory::Response: Into<Response<Body>>,
    Body: MessageBody + 'static,
{
    let (keep_alive, request_timeout) = (settings.keep_alive, settings.request_timeout);
    let server =
        Server::build().workers(workers).shutdown_timeout(settings.drain_timeout.as_secs()).disable_signals();
    let stopping = server.graceful_shutdown_signal();
    let server = server.listen("http", listener, move || {
        let (stopping, on_connect) = (stopping.clone(), on_connect.clone());
        let service = HttpService::build()
            .keep_alive(keep_alive)
            .client_request_timeout(request_timeout)
            .client_disconnect_timeout(END_WITHIN)
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .on_connect_ext(move |io: &Incoming, extensions| {
                on_connect(io.stream(), extensions);
                extensions.insert(io.heads().clone());
            });
        let app = app().into_factory().map_err(|error: Error| error.error_response());
        let app = map_config(app, |()| AppConfig::default());
        fn_service(|io: TcpStream| async move {
            let peer = io.peer_addr().ok();
            Ok::<_, actix_http::error::DispatchError>((Incoming::new(io), peer))
        })
        .and_then(service.h1(app))
    })?;
    Ok(server.run())
}
