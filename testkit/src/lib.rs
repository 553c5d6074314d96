//! Databases for tests: a fresh one per test, gone when the test is over.
//!
//! ```no_run
//! # async fn example() {
//! let fresh = bulq_testkit::database(bulq_testkit::Kind::Postgres).await;
//! println!("{}", fresh.url());
//! # }
//! ```
//!
//! PostgreSQL comes from `DATABASE_URL` or `BULQ_TEST_POSTGRES_URL` if one of them names one, else this process starts a server of its own on a free
//! port, which ends with the process however that ends.

mod redis;
mod server;

pub use redis::{RedisServer, SilentWire};
pub use server::PgServer;

use sqlx::postgres::PgConnectOptions;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, PgConnection, SqliteConnection};
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::OnceCell;
use uuid::Uuid;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// An empty database; removed on drop.
#[derive(Debug)]
pub struct TestDatabase {
    url: String,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Foreign,
    Folder(PathBuf),
    Server(Arc<PgServer>, String),
}

/// The server this process's tests share.
pub async fn postgres() -> Arc<PgServer> {
    static SHARED: OnceCell<Arc<PgServer>> = OnceCell::const_new();
    SHARED.get_or_init(async || Arc::new(shared_server().await)).await.clone()
}

async fn shared_server() -> PgServer {
    let given = ["DATABASE_URL", "BULQ_TEST_POSTGRES_URL"].iter().filter_map(|name| std::env::var(name).ok());
    match given.into_iter().find(|url| url.starts_with("postgres")) {
        Some(url) => PgServer::at(url),
        None => PgServer::private().await,
    }
}

/// A fresh database of this kind.
pub async fn database(kind: Kind) -> TestDatabase {
    match kind {
        Kind::Sqlite => sqlite_database(),
        Kind::Postgres => postgres().await.database().await,
    }
}

fn sqlite_database() -> TestDatabase {
    let folder = std::env::temp_dir().join(format!("bulq-test-{}", Uuid::new_v4().simple()));
    std::fs::create_dir_all(&folder).expect("the temporary folder is writable");
    TestDatabase { url: format!("sqlite:{}", folder.join("bulq.db").display()), place: Place::Folder(folder) }
}

impl PgServer {
    /// A fresh database on this server.
    pub async fn database(self: Arc<Self>) -> TestDatabase {
        let name = format!("bulq_test_{}", Uuid::new_v4().simple());
        execute(self.url(), format!("create database {name}")).await.expect("the server creates databases");
        TestDatabase { url: with_database(self.url(), &name), place: Place::Server(self, name) }
    }
}

impl TestDatabase {
    /// A PostgreSQL database that somebody else made and removes.
    #[must_use]
    pub fn of_somebody_else(url: &str) -> Self {
        Self { url: url.to_owned(), place: Place::Foreign }
    }

    /// As the server's configuration takes it.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    #[must_use]
    pub const fn kind(&self) -> Kind {
        match self.place {
            Place::Folder(_) => Kind::Sqlite,
            Place::Foreign | Place::Server(..) => Kind::Postgres,
        }
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        match &self.place {
            Place::Foreign => {}
            Place::Folder(folder) => drop(std::fs::remove_dir_all(folder)),
            Place::Server(server, name) => {
                drop_database(
                    server.url().to_owned(),
                    format!("drop database if exists {name} with (force)"),
                );
            }
        }
    }
}

/// From a thread of its own: a test may end inside or outside of a runtime.
fn drop_database(url: String, sql: String) {
    let work = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        // A server that a test has stopped keeps its databases; its folder goes with it.
        runtime.map(|runtime| runtime.block_on(execute(&url, sql)))
    };
    let _ = std::thread::spawn(work).join();
}

/// Does something to a database behind its server's back.
///
/// # Panics
/// If the database refuses.
pub async fn tamper(url: &str, sql: &str) {
    let done = match url.strip_prefix("sqlite:") {
        Some(path) => execute_on_sqlite(path, sql.to_owned()).await,
        None => execute(url, sql.to_owned()).await,
    };
    done.expect("the database takes the statement");
}

async fn execute_on_sqlite(path: &str, sql: String) -> Result<(), sqlx::Error> {
    let options = SqliteConnectOptions::new().filename(path);
    let mut connection: SqliteConnection = options.connect().await?;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
    connection.close().await
}

/// A transaction on a PostgreSQL, under way.
pub struct Held(PgConnection);

/// Begins a transaction with `sql` behind the server's back, which whoever wants the same has to wait for.
///
/// # Panics
/// If the database refuses.
pub async fn hold(url: &str, sql: &str) -> Held {
    let options: PgConnectOptions = url.parse().expect("an address of PostgreSQL");
    let mut connection: PgConnection = options.connect().await.expect("the database is there");
    let begin = AssertSqlSafe(format!("begin; {sql}"));
    sqlx::raw_sql(begin).execute(&mut connection).await.expect("the database takes the statement");
    Held(connection)
}

impl Held {
    /// Lets go of everything.
    ///
    /// # Panics
    /// If the database refuses.
    pub async fn release(self) {
        self.0.close().await.expect("the database lets go");
    }
}

async fn execute(url: &str, sql: String) -> Result<(), sqlx::Error> {
    let options: PgConnectOptions = url.parse()?;
    let mut connection: PgConnection = options.connect().await?;
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await?;
    connection.close().await
}

/// The URL of another database on the same server.
fn with_database(url: &str, name: &str) -> String {
    let (address, parameters) = url.split_once('?').map_or((url, None), |(a, p)| (a, Some(p)));
    let after_scheme = address.find("://").map_or(0, |at| at + 3);
    let host_end = address[after_scheme..].find('/').map_or(address.len(), |at| after_scheme + at);
    let parameters = parameters.map(|p| format!("?{p}")).unwrap_or_default();
    format!("{}/{name}{parameters}", &address[..host_end])
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn only_the_name_of_the_database_changes() {
        assert_eq!(
            with_database("postgres://a:b@c:1/d?sslmode=off", "x"),
            "postgres://a:b@c:1/x?sslmode=off"
        );
        assert_eq!(with_database("postgres://c", "x"), "postgres://c/x");
    }
}
