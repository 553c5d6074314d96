//! Opening a database, with an answer for a human when it does not work.

use super::log::LogConnections;
use super::writer::Writer;
use super::{Database, DatabaseConfig, PG_LANES, PgStore, SqliteStore};
use crate::migrate::{self, SchemaError};
use sqlx::pool::PoolOptions;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Row};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Names less alike than this are not even looked at when a name that is typed is compared: a little below what is told,
/// which is counted again in Rust. With the default, a word of three in common makes tens of thousands of candidates.
const SIMILAR: (&str, &str) = ("pg_trgm.similarity_threshold", "0.39");

/// Of each reader, in KiB (SQLite's sign for that is the minus). What several read is in the system's cache once, and reading it from
/// there takes a microsecond; SQLite's own 2 MB for each are 20 MB for ten.
const READERS_CACHE: &str = "-500";

/// Why the server cannot start on this database. Each text names the thing and what to do, and holds no password.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    #[error(
        "the database URL is not understood ({reason}): write sqlite:PATH or postgres://user:password@host/name"
    )]
    BadUrl { reason: String },
    #[error(
        "no PostgreSQL answers at {host}:{port} ({reason}): start it, or correct host and port in the database URL"
    )]
    Unreachable { host: String, port: u16, reason: String },
    #[error("PostgreSQL at {host} refuses the user {user:?}: correct user and password in the database URL")]
    WrongCredentials { host: String, user: String },
    #[error(
        "PostgreSQL at {host} has no database {name:?}: create it (createdb {name}), or correct the database URL"
    )]
    DatabaseMissing { host: String, name: String },
    #[error(
        "PostgreSQL runs with {setting} = off and could lose acknowledged changes: \
         set it to on in postgresql.conf (or allow unsafe durability, for tests only)"
    )]
    UnsafeDurability { setting: String },
    #[error("cannot write to {} ({reason}): make the folder writable for this user, or choose another path", path.display())]
    FolderNotWritable { path: PathBuf, reason: String },
    #[error("{} is not an SQLite database: move it away, or choose another path", path.display())]
    NotADatabase { path: PathBuf },
    #[error(
        "the database has schema {database}, this program knows only {binary}: start the newer program, \
         or migrate down with it first"
    )]
    NewerSchema { database: i64, binary: i64 },
    #[error("the database cannot be opened: {0}")]
    Other(#[source] sqlx::Error),
}

pub(super) async fn connect(config: &DatabaseConfig) -> Result<Database, ConnectError> {
    let db = match config.url.split_once(':') {
        Some(("sqlite", path)) => Database::Sqlite(open_sqlite(config, path).await?),
        Some(("postgres" | "postgresql", _)) => Database::Postgres(open_postgres(config).await?),
        Some((scheme, _)) => return Err(bad_url(format!("{scheme:?} is no known kind of database"))),
        None => return Err(bad_url("it names no kind of database")),
    };
    match migrate::check(&db).await {
        Ok(()) | Err(SchemaError::Pending { .. }) => Ok(db),
        Err(SchemaError::Newer { database, binary }) => Err(ConnectError::NewerSchema { database, binary }),
        Err(fault) => Err(ConnectError::Other(sqlx::Error::AnyDriverError(fault.into()))),
    }
}

fn bad_url(reason: impl Into<String>) -> ConnectError {
    ConnectError::BadUrl { reason: reason.into() }
}

async fn open_postgres(config: &DatabaseConfig) -> Result<PgStore, ConnectError> {
    let options: PgConnectOptions = config.url.parse().map_err(|e: sqlx::Error| bad_url(e.to_string()))?;
    let options = options.application_name("bulq").options([SIMILAR]);
    let mut first = connect_once(&options, config.acquire_timeout).await?;
    if !config.allow_unsafe_durability {
        refuse_unsafe_durability(&mut first).await?;
    }
    first.close().await.map_err(ConnectError::Other)?;

    let log = LogConnections::new(for_commits(&options), PG_LANES, config.acquire_timeout);
    // Reads are asked for by people: after a restart of PostgreSQL none may meet a dead connection.
    let pool = sized(config).max_connections(config.max_connections.max(2)).test_before_acquire(true);
    Ok(PgStore { log, pool: pool.connect_lazy_with(options) })
}

/// Commits find every row by its key. Planning their one long statement anew each time costs more than running it, and
/// a plan made while a table was small must not read the table when it has grown.
fn for_commits(options: &PgConnectOptions) -> PgConnectOptions {
    options.clone().options([
        ("plan_cache_mode", "force_generic_plan"),
        ("enable_seqscan", "off"),
        ("enable_hashjoin", "off"),
        ("enable_mergejoin", "off"),
        ("jit", "off"),
    ])
}

fn sized<DB: sqlx::Database>(config: &DatabaseConfig) -> PoolOptions<DB> {
    PoolOptions::new()
        .max_connections(config.max_connections.max(1))
        .acquire_timeout(config.acquire_timeout)
        .idle_timeout(config.idle_timeout)
        .max_lifetime(config.max_lifetime)
}

/// The pool would hide the reason and try until its timeout.
async fn connect_once(options: &PgConnectOptions, timeout: Duration) -> Result<PgConnection, ConnectError> {
    match tokio::time::timeout(timeout, options.connect()).await {
        Ok(result) => result.map_err(|error| explain_postgres(options, error)),
        Err(_) => Err(unreachable(options, format!("no answer within {timeout:?}"))),
    }
}

fn unreachable(options: &PgConnectOptions, reason: String) -> ConnectError {
    ConnectError::Unreachable { host: options.get_host().to_owned(), port: options.get_port(), reason }
}

fn explain_postgres(options: &PgConnectOptions, error: sqlx::Error) -> ConnectError {
    let host = options.get_host().to_owned();
    let user = options.get_username().to_owned();
    let code = error.as_database_error().and_then(|e| e.code()).unwrap_or_default().into_owned();
    match (code.as_str(), error) {
        ("28P01" | "28000", _) => ConnectError::WrongCredentials { host, user },
        ("3D000", _) => {
            ConnectError::DatabaseMissing { host, name: options.get_database().unwrap_or(&user).to_owned() }
        }
        ("57P03" | "53300", error) => unreachable(options, error.to_string()),
        (_, error @ (sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_))) => {
            unreachable(options, error.to_string())
        }
        (_, error) => ConnectError::Other(error),
    }
}

async fn refuse_unsafe_durability(connection: &mut PgConnection) -> Result<(), ConnectError> {
    let off = sqlx::query(
        "select name from pg_settings
         where name in ('fsync', 'synchronous_commit', 'full_page_writes') and setting = 'off'
         order by name",
    )
    .fetch_optional(connection)
    .await
    .map_err(ConnectError::Other)?;
    match off {
        Some(row) => {
            Err(ConnectError::UnsafeDurability { setting: row.try_get("name").map_err(ConnectError::Other)? })
        }
        None => Ok(()),
    }
}

async fn open_sqlite(config: &DatabaseConfig, path: &str) -> Result<SqliteStore, ConnectError> {
    let path = Path::new(path.trim_start_matches("//"));
    if path.as_os_str().is_empty() || path.as_os_str() == ":memory:" {
        return Err(bad_url("SQLite needs the path of a file"));
    }
    create_folder_of(path).await?;
    let options = sqlite_options(path);
    let mut first = options.connect().await.map_err(|e| explain_sqlite(path, e))?;
    prove_writable(&mut first).await.map_err(|e| explain_sqlite(path, e))?;
    first.close().await.map_err(|e| explain_sqlite(path, e))?;

    let readers: SqlitePoolOptions = sized(config).test_before_acquire(false);
    let reading = options.clone().pragma("query_only", "on").pragma("cache_size", READERS_CACHE);
    let readers = readers.connect_lazy_with(reading);
    Ok(SqliteStore { writer: Writer::new(&options, config.acquire_timeout, readers.clone()), readers })
}

/// In WAL mode only `full` keeps the last commits over a loss of power.
fn sqlite_options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(Duration::from_secs(5))
}

async fn create_folder_of(path: &Path) -> Result<(), ConnectError> {
    let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    tokio::fs::create_dir_all(folder)
        .await
        .map_err(|e| ConnectError::FolderNotWritable { path: folder.to_owned(), reason: e.to_string() })
}

/// A read-only file opens well and fails at the first bid.
async fn prove_writable(connection: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    let mut tx = connection.begin_with("begin immediate").await?;
    sqlx::query("create table bulq_probe (x integer) strict").execute(&mut *tx).await?;
    tx.rollback().await
}

fn explain_sqlite(path: &Path, error: sqlx::Error) -> ConnectError {
    let code = error.as_database_error().and_then(|e| e.code()).and_then(|code| code.parse::<i32>().ok());
    match code.map(|code| code & 0xff) {
        Some(8 | 10 | 13 | 14) => {
            ConnectError::FolderNotWritable { path: path.to_owned(), reason: error.to_string() }
        }
        Some(26) => ConnectError::NotADatabase { path: path.to_owned() },
        _ => ConnectError::Other(error),
    }
}
