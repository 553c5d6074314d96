//! Everything that is kept: accounts, groups, the catalogue, and the log of every run.
//!
//! | module | what it holds |
//! |---|---|
//! | [`database`] | connecting to PostgreSQL or SQLite, and refusing what would lose data |
//! | [`migrate`] | bringing the schema up and down |
//! | [`accounts`], [`groups`], [`catalogue`] | ordinary tables |
//! | [`journal`] | the log of every run: commit, load, ask what became of a command |
//! | [`runs`] | what lists show of runs |
//! | [`verify`] | replaying a log and comparing it with everything derived from it |
//! | [`outbox`] | what live runs must be told |
//! | [`page`] | lists by cursor |
//!
//! This crate decides nothing about runs and reads no clock: points in time are microseconds since 1970, given by
//! the caller. Only [`journal::commit`] writes the log and the tables derived from it.

#[macro_use]
mod record;
#[macro_use]
pub mod database;

pub mod accounts;
pub mod catalogue;
pub mod error;
pub mod groups;
pub mod journal;
pub mod migrate;
pub mod outbox;
pub mod page;
mod projection;
pub mod runs;
pub mod verify;

pub use database::{ConnectError, Database, DatabaseConfig};
pub use error::StorageError;
pub use page::{Cursor, CursorError, Page, Paged};
