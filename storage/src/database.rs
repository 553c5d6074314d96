//! The open database. SQLite has a pool of readers and a single writer; PostgreSQL has a pool, and a connection of
//! its own for each lane.

mod connect;
mod log;
mod writer;

pub use connect::ConnectError;

use crate::StorageError;
use log::LogConnections;
use sqlx::{PgPool, Postgres, Sqlite, SqliteConnection, SqlitePool, Transaction};
use std::ops::{Deref, DerefMut};
use std::time::Duration;
use uuid::Uuid;
use writer::{WriteTx, Writer};

/// Cheap to clone; all clones share their connections.
#[derive(Clone, Debug)]
pub enum Database {
    Postgres(PgStore),
    Sqlite(SqliteStore),
}

/// Commits that go on at the same time on PostgreSQL. With more they wait for one another at the flush of its log, and each
/// for the one before it in its lane.
pub(crate) const PG_LANES: usize = 1;

#[derive(Clone, Debug)]
pub struct PgStore {
    pub(crate) pool: PgPool,
    /// One connection per lane, for commits alone.
    pub(crate) log: LogConnections,
}

#[derive(Clone, Debug)]
pub struct SqliteStore {
    pub(crate) readers: SqlitePool,
    /// SQLite lets one write at a time, and waiting here is fair.
    pub(crate) writer: Writer,
}

#[derive(Clone)]
pub struct DatabaseConfig {
    /// `sqlite:PATH` or `postgres://user:password@host/database`.
    pub url: String,
    pub max_connections: u32,
    pub acquire_timeout: Duration,
    pub idle_timeout: Duration,
    pub max_lifetime: Duration,
    /// For tests only: serve from a PostgreSQL that may lose acknowledged changes.
    pub allow_unsafe_durability: bool,
}

impl DatabaseConfig {
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            max_connections: 10,
            acquire_timeout: Duration::from_secs(5),
            idle_timeout: Duration::from_secs(600),
            max_lifetime: Duration::from_secs(1800),
            allow_unsafe_durability: false,
        }
    }
}

/// The URL holds a password.
impl std::fmt::Debug for DatabaseConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseConfig")
            .field("max_connections", &self.max_connections)
            .field("allow_unsafe_durability", &self.allow_unsafe_durability)
            .finish_non_exhaustive()
    }
}

/// Runs the expression on the open database: `read` on any connection, `write` on one that may write.
macro_rules! on_db {
    ($db:expr, read |$connection:ident| $body:expr) => {
        match $db {
            $crate::Database::Postgres(store) => {
                let $connection = &store.pool;
                $body
            }
            $crate::Database::Sqlite(store) => {
                let $connection = &store.readers;
                $body
            }
        }
    };
    ($db:expr, write |$connection:ident| $body:expr) => {
        match $db {
            $crate::Database::Postgres(store) => {
                let $connection = &store.pool;
                $body
            }
            $crate::Database::Sqlite(store) => {
                let mut writing = store.writer.take().await?;
                let $connection = writing.get();
                $body
            }
        }
    };
}

/// Runs the expression on the connection of a transaction.
macro_rules! on_tx {
    ($tx:expr, |$connection:ident| $body:expr) => {
        match $tx {
            $crate::database::Tx::Postgres(tx) => {
                let $connection = &mut **tx;
                $body
            }
            $crate::database::Tx::Sqlite(tx) => {
                let $connection = &mut **tx;
                $body
            }
        }
    };
}

/// An open transaction; dropped, it is rolled back.
pub(crate) enum Tx {
    Postgres(Transaction<'static, Postgres>),
    Sqlite(SqliteTx),
}

pub(crate) enum SqliteTx {
    Reads(Transaction<'static, Sqlite>),
    Writes(WriteTx),
}

impl Tx {
    pub(crate) async fn commit(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Postgres(tx) => tx.commit().await,
            Self::Sqlite(SqliteTx::Reads(tx)) => tx.commit().await,
            Self::Sqlite(SqliteTx::Writes(tx)) => tx.commit().await,
        }
    }

    pub(crate) async fn rollback(self) -> Result<(), sqlx::Error> {
        match self {
            Self::Postgres(tx) => tx.rollback().await,
            Self::Sqlite(SqliteTx::Reads(tx)) => tx.rollback().await,
            Self::Sqlite(SqliteTx::Writes(tx)) => {
                tx.rollback().await;
                Ok(())
            }
        }
    }
}

impl Deref for SqliteTx {
    type Target = SqliteConnection;

    fn deref(&self) -> &SqliteConnection {
        match self {
            Self::Reads(tx) => tx,
            Self::Writes(tx) => tx,
        }
    }
}

impl DerefMut for SqliteTx {
    fn deref_mut(&mut self) -> &mut SqliteConnection {
        match self {
            Self::Reads(tx) => tx,
            Self::Writes(tx) => tx,
        }
    }
}

impl Database {
    /// Opens the database and refuses one that would lose data or that a newer program has changed.
    ///
    /// # Errors
    /// [`ConnectError`], in words for whoever runs the server.
    pub async fn connect(config: &DatabaseConfig) -> Result<Self, ConnectError> {
        connect::connect(config).await
    }

    /// # Errors
    /// A [`StorageError`] if the database does not answer.
    pub async fn ping(&self) -> Result<(), StorageError> {
        let one: i32 = on_db!(self, read | c | sqlx::query_scalar("select 1").fetch_one(c).await)?;
        debug_assert_eq!(one, 1);
        Ok(())
    }

    /// Waits for the statements under way and closes every connection.
    pub async fn close(&self) {
        match self {
            Self::Postgres(store) => {
                store.log.close().await;
                store.pool.close().await;
            }
            Self::Sqlite(store) => {
                store.readers.close().await;
                store.writer.close().await;
            }
        }
    }

    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "postgres",
            Self::Sqlite(_) => "sqlite",
        }
    }

    /// How many commits can be under way at once.
    #[must_use]
    pub const fn lanes(&self) -> usize {
        match self {
            Self::Postgres(_) => PG_LANES,
            Self::Sqlite(_) => 1,
        }
    }

    /// A transaction that will write. On SQLite it holds the only writer from the start: one that began by reading
    /// could fail at its first write.
    pub(crate) async fn begin(&self) -> Result<Tx, sqlx::Error> {
        Ok(match self {
            Self::Postgres(store) => Tx::Postgres(store.begin().await?),
            Self::Sqlite(store) => Tx::Sqlite(SqliteTx::Writes(store.writer.begin().await?)),
        })
    }

    /// A transaction that sees one state of the database from its first statement to its last.
    pub(crate) async fn begin_read(&self) -> Result<Tx, sqlx::Error> {
        Ok(match self {
            Self::Postgres(store) => {
                Tx::Postgres(store.pool.begin_with("begin isolation level repeatable read read only").await?)
            }
            Self::Sqlite(store) => Tx::Sqlite(SqliteTx::Reads(store.readers.begin().await?)),
        })
    }
}

impl PgStore {
    /// After a restart of the server the pool is full of dead connections. Nothing was sent yet, so the next one is
    /// tried until all are new.
    pub(crate) async fn begin(&self) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
        for _ in 0..self.pool.size() {
            match self.pool.begin().await {
                Err(sqlx::Error::Io(_)) => {}
                begun => return begun,
            }
        }
        self.pool.begin().await
    }
}

/// A JSON array of ids, for `unhex(value)` of SQLite's `json_each`.
pub(crate) fn hex_list(ids: &[Uuid]) -> String {
    let quoted: Vec<_> = ids.iter().map(|id| format!("\"{}\"", id.simple())).collect();
    format!("[{}]", quoted.join(","))
}
