//! Everything that is kept: accounts, groups, the catalogue, and the log of every run.
//!
//! | module | what it holds |
//! |---|---|
//! | [`database`] | connecting to PostgreSQL or SQLite, and refusing what would lose data |
//! | [`migrate`] | bringing the schema up and down |
//! | [`accounts`], [`groups`], [`catalogue`] | ordinary tables |
//! | [`journal`] | the log of every run: commit, load, ask what became of a command |
//! | [`runs`] | what lists show of runs, and which are due |
//! | [`ledger`] | who owes what in a group |
//! | [`notifications`] | what people were told |
//! | [`thread`], [`receipts`] | what people say and show about a run |
//! | [`admin`] | what the admins of the server look at and do |
//! | [`mine`] | what somebody finds of their own |
//! | [`verify`] | replaying a log and comparing it with everything derived from it |
//! | [`memory`] | what is kept for speed, here or in Redis, and may be lost |
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
pub mod admin;
pub mod catalogue;
pub mod error;
mod fold;
pub mod groups;
mod ids;
pub mod journal;
pub mod ledger;
pub mod memory;
pub mod migrate;
pub mod mine;
pub mod notifications;
pub mod outbox;
pub mod page;
mod projection;
pub mod receipts;
pub mod runs;
pub mod thread;
pub mod verify;

pub use database::{ConnectError, Database, DatabaseConfig};
pub use error::StorageError;
pub use fold::fold;
pub use page::{Cursor, CursorError, Page, Paged};
