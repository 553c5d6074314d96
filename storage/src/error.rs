//! What can go wrong with a database, and which constraint said no.

use crate::page::CursorError;
use sqlx::error::ErrorKind;

/// A fault, not a business "no".
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    #[error("no database connection became free in time")]
    Busy,
    #[error("the database cannot be reached: {0}")]
    Unreachable(#[source] sqlx::Error),
    #[error("the database failed: {0}")]
    Database(#[source] sqlx::Error),
    #[error("a stored row cannot be read: {0}")]
    Corrupt(String),
    #[error(transparent)]
    Cursor(#[from] CursorError),
}

impl StorageError {
    /// The database is away or full of work: asking again later may help.
    #[must_use]
    pub const fn is_passing(&self) -> bool {
        matches!(self, Self::Busy | Self::Unreachable(_))
    }
}

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Protocol(_) => Self::Unreachable(error),
            sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Self::Corrupt(error.to_string()),
            sqlx::Error::Database(ref refusal) => match Sort::of(refusal.as_ref()) {
                Sort::Away => Self::Unreachable(error),
                Sort::Contended => Self::Busy,
                Sort::Data | Sort::Other => Self::Database(error),
            },
            other => Self::Database(other),
        }
    }
}

/// What a refusal by the database is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// The data is bad: trying again cannot help.
    Data,
    /// Somebody else was in the way: nothing was written, trying again can help.
    Contended,
    /// The server is going, coming or full.
    Away,
    Other,
}

impl Sort {
    pub(crate) fn of(refusal: &dyn sqlx::error::DatabaseError) -> Self {
        if refusal.kind() != ErrorKind::Other {
            return Self::Data;
        }
        let code = refusal.code().unwrap_or_default();
        if refusal.try_downcast_ref::<sqlx::postgres::PgDatabaseError>().is_some() {
            return Self::of_postgres(&code);
        }
        code.parse().map_or(Self::Other, Self::of_sqlite)
    }

    /// By the class of the SQLSTATE.
    fn of_postgres(code: &str) -> Self {
        match (code, code.get(..2)) {
            ("57014", _) | (_, Some("40")) | ("55P03", _) => Self::Contended,
            (_, Some("08" | "53" | "57" | "58")) => Self::Away,
            (_, Some("22" | "23" | "54")) => Self::Data,
            _ => Self::Other,
        }
    }

    /// By the primary result code: busy, locked; read-only, I/O error, full, cannot open; too big, constraint,
    /// mismatch, range.
    const fn of_sqlite(code: i32) -> Self {
        match code & 0xff {
            5 | 6 => Self::Contended,
            7 | 8 | 10 | 13 | 14 => Self::Away,
            18 | 19 | 20 | 25 => Self::Data,
            _ => Self::Other,
        }
    }
}

/// A unique constraint, as each database names it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Unique {
    /// PostgreSQL: the name of the constraint.
    pub(crate) constraint: &'static str,
    /// SQLite knows no names and lists `table.column, …`.
    pub(crate) columns: &'static str,
}

impl Unique {
    pub(crate) fn is_violated_by(self, error: &sqlx::Error) -> bool {
        let Some(refusal) = error.as_database_error().filter(|r| r.is_unique_violation()) else {
            return false;
        };
        match refusal.constraint() {
            Some(name) => name == self.constraint,
            None => refusal
                .message()
                .strip_prefix("UNIQUE constraint failed: ")
                .is_some_and(|c| c == self.columns),
        }
    }
}

/// Lets `?` carry a fault of the database into an error that also has business reasons.
macro_rules! carries_faults {
    ($($error:ty),+) => {$(
        impl From<sqlx::Error> for $error {
            fn from(error: sqlx::Error) -> Self {
                Self::Storage(error.into())
            }
        }
    )+};
}
pub(crate) use carries_faults;
