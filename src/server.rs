//! The composition root: constructs everything, hands it over, and takes it down again in order.

mod listening;
mod refusal;
mod secret;

pub use refusal::StartError;

use crate::clock;
use crate::config::Settings;
#[cfg(feature = "s3")]
use crate::contents::S3;
use crate::contents::{Contents, Disk, Files};
use crate::demo;
use crate::edge::Edge;
use crate::http::{
    self, App, CookiePolicy, DemoLogins, Documents, Health, WebApp, admission, cors, request_id,
};
use crate::security::addresses::Proxies;
use crate::security::connections::Connections;
use crate::security::limits::Limits as Counts;
use crate::security::logins::Logins;
use crate::security::origins::Origins;
use crate::security::tickets::Tickets;
use crate::telemetry::Figures;
use actix_web::dev::{Extensions, Server as HttpServer, ServerHandle};
use actix_web::middleware::from_fn;
use actix_web::rt::net::TcpStream;
use actix_web::rt::task::JoinHandle;
use actix_web::web;
use bulq_actors::{Live, LiveConfig, transport};
use bulq_storage::memory::{Lists, Memory, ProcessMemory, RedisMemory};
use bulq_storage::{Database, DatabaseConfig, migrate};
use secrecy::ExposeSecret;
use std::net::TcpListener;
use std::num::NonZero;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

const TIDY_EVERY: Duration = Duration::from_secs(5);

/// A server that listens. Several can live in one process. Needs a running actix system.
pub struct Server {
    port: u16,
    http: Http,
    app: web::Data<App>,
    stop: Handle,
    drain_timeout: Duration,
}

/// The listening part, while it runs.
struct Http {
    handle: ServerHandle,
    ended: JoinHandle<std::io::Result<()>>,
}

/// Stops a server from elsewhere, the way a signal does.
#[derive(Clone, Default)]
pub struct Handle(Arc<Notify>);

impl Handle {
    pub fn stop(&self) {
        self.0.notify_one();
    }
}

impl Server {
    /// Binds, connects, migrates, and starts everything. Nothing is left running when it fails.
    ///
    /// # Errors
    /// [`StartError`]: one line naming the thing and what to do.
    pub async fn build(settings: Settings) -> Result<Self, StartError> {
        let listener = TcpListener::bind(&settings.listen)
            .map_err(|error| StartError::Listen { address: settings.listen.clone(), error })?;
        let port = listener.local_addr().map_err(StartError::Socket)?.port();
        let secret = secret::of(&settings)?;
        let db = open_database(&settings).await?;
        migrate::up(&db).await?;
        let redis = open_redis(&settings)?;
        let memory: Arc<dyn Memory> = redis.clone().unwrap_or_else(|| Arc::new(ProcessMemory::new()));
        let limits = if settings.rate_limits { Counts::new(memory.clone()) } else { Counts::off() };

        let live = Live::start(db.clone(), live_config(&settings), Arc::new(clock::now));
        let edge = Edge::new(db.clone(), live, settings.limits, limits.clone(), Lists::new(memory.clone()));
        let web = web_app(&settings)?;
        let contents = Contents::new(open_files(&settings)?);
        let app = web::Data::new(App {
            contents,
            logins: Logins::new(db, edge.live().clone(), &secret, memory),
            tickets: Tickets::new(),
            origins: Origins::new(settings.allowed_origins.clone(), !settings.is_production()),
            cookie: CookiePolicy::new(settings.secure_cookies),
            limits,
            proxies: Proxies::new(settings.trusted_proxies.clone()),
            redis,
            health: Arc::new(Health::new(Figures::of_process(), settings.metrics_token.clone())),
            documents: Documents::write(),
            demo: OnceLock::new(),
            web,
            edge,
        });
        let http = serve(&settings, listener, app.clone()).map_err(StartError::Socket)?;
        let mut http = Http { handle: http.handle(), ended: actix_web::rt::spawn(http) };
        http.opened(app.edge.live()).await.map_err(StartError::Socket)?;
        if let Err(error) = prepare_demo(&settings, &app).await {
            http.handle.stop(false).await;
            return Err(error);
        }
        app.health.open();
        let (stop, drain_timeout) = (Handle::default(), settings.drain_timeout);
        Ok(Self { port, http, app, stop, drain_timeout })
    }

    #[must_use]
    pub const fn port(&self) -> u16 {
        self.port
    }

    #[must_use]
    pub fn handle(&self) -> Handle {
        self.stop.clone()
    }

    /// Logins people may try; empty unless the demo is on.
    #[must_use]
    pub fn demo(&self) -> DemoLogins {
        self.app.demo()
    }

    /// Serves until a signal or a [`Handle`] says stop, then drains: not ready, sockets closed with 1001 in paced
    /// batches, what is queued finished.
    ///
    /// # Errors
    /// What the sockets say.
    pub async fn run_until_stopped(self) -> std::io::Result<()> {
        let Self { mut http, app, stop, drain_timeout, .. } = self;
        let tidy = actix_web::rt::spawn(tidy(Figures::of_process()));
        let ended = tokio::select! {
            ended = http.ended() => Some(ended),
            () = told_to_stop(&stop) => None,
        };
        tidy.abort();
        if let Some(ended) = ended {
            return ended;
        }
        drain(&app, &http.handle, drain_timeout).await;
        let ended = http.ended().await;
        app.edge.db().close().await;
        tracing::info!("stopped");
        ended
    }
}

impl Http {
    async fn ended(&mut self) -> std::io::Result<()> {
        (&mut self.ended).await.unwrap_or_else(|error| Err(std::io::Error::other(error)))
    }

    /// Waits until all workers are there.
    async fn opened(&mut self, live: &Live) -> std::io::Result<()> {
        tokio::select! {
            ended = self.ended() => ended.and(Err(std::io::Error::other("the workers did not start"))),
            () = live.opened() => Ok(()),
        }
    }
}

async fn open_database(settings: &Settings) -> Result<Database, StartError> {
    let config = database_config(settings)?;
    Ok(Database::connect(&config).await?)
}

fn open_files(settings: &Settings) -> Result<Box<dyn Files>, StartError> {
    let path = settings.data.join("files");
    #[cfg(feature = "s3")]
    if let Some(bucket) = &settings.bucket {
        let s3 = S3::open(bucket, path.join("tmp"));
        return s3.map(|s3| Box::new(s3) as _).map_err(|error| StartError::Bucket { path, error });
    }
    match Disk::open(path.clone()) {
        Ok(disk) => Ok(Box::new(disk)),
        Err(error) => Err(StartError::DataFolder { path, error }),
    }
}

/// Where the settings say the data is; makes the data folder of the embedded database.
///
/// # Errors
/// [`StartError::DataFolder`].
pub fn database_config(settings: &Settings) -> Result<DatabaseConfig, StartError> {
    let pool = settings.pool;
    Ok(DatabaseConfig {
        url: secret::database_url(settings)?,
        max_connections: pool.max_connections,
        acquire_timeout: pool.acquire_timeout,
        idle_timeout: pool.idle_timeout,
        max_lifetime: pool.max_lifetime,
        allow_unsafe_durability: pool.allow_unsafe_durability,
    })
}

/// A Redis that does not answer yet may come later: nothing but speed depends on it.
fn open_redis(settings: &Settings) -> Result<Option<Arc<dyn Memory>>, StartError> {
    let Some(url) = &settings.redis_url else { return Ok(None) };
    Ok(Some(Arc::new(RedisMemory::open(url.expose_secret())?)))
}

fn live_config(settings: &Settings) -> LiveConfig {
    let mut config = LiveConfig { workers: workers(settings), ..LiveConfig::default() };
    if !settings.rate_limits {
        config.frames_per_second = None;
        config.sockets_per_user = None;
    }
    config
}

fn web_app(settings: &Settings) -> Result<Option<WebApp>, StartError> {
    let Some(folder) = &settings.web_dir else { return Ok(WebApp::embedded()) };
    WebApp::read(folder).map_err(|error| StartError::WebDir { folder: folder.clone(), error })
}

/// Its runs need the workers' threads.
async fn prepare_demo(settings: &Settings, app: &App) -> Result<(), StartError> {
    if !settings.demo {
        return Ok(());
    }
    let logins = demo::seed(&app.edge).await.map_err(StartError::Demo)?;
    demo::start_bots(&app.edge, settings.demo_bots).await;
    let _ = app.demo.set(logins);
    Ok(())
}

fn workers(settings: &Settings) -> usize {
    let cores = || std::thread::available_parallelism().map_or(2, NonZero::get);
    settings.workers.map_or_else(cores, |workers| workers.max(1))
}

fn connections(settings: &Settings) -> Option<Connections> {
    let proxies = Proxies::new(settings.trusted_proxies.clone());
    settings.rate_limits.then(|| Connections::new(settings.connections_per_address, proxies))
}

fn serve(settings: &Settings, listener: TcpListener, app: web::Data<App>) -> std::io::Result<HttpServer> {
    let factory = move || {
        let hub = web::Data::new(app.edge.live().register_worker());
        actix_web::App::new()
            .app_data(app.clone())
            .app_data(hub)
            .wrap(from_fn(admission::admit))
            .wrap(from_fn(cors::share))
            .wrap(from_fn(request_id::observe))
            .configure(|config| http::routes().mount(config))
    };
    let connections = connections(settings);
    let on_connect = move |io: &TcpStream, extensions: &mut Extensions| {
        transport::on_connect(io, extensions);
        if let Some(connections) = &connections {
            connections.on_connect(io, extensions);
        }
    };
    listening::serve(settings, workers(settings), listener, factory, on_connect)
}

async fn told_to_stop(handle: &Handle) {
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return handle.0.notified().await;
    };
    tokio::select! {
        _ = terminate.recv() => tracing::info!("told to stop by SIGTERM"),
        _ = interrupt.recv() => tracing::info!("told to stop by SIGINT"),
        () = handle.0.notified() => {}
    }
}

async fn drain(app: &App, http: &ServerHandle, timeout: Duration) {
    app.health.drain();
    app.edge.live().drain(timeout).await;
    http.stop(true).await;
}

async fn tidy(figures: Figures) {
    loop {
        tokio::time::sleep(TIDY_EVERY).await;
        figures.tidy();
    }
}
