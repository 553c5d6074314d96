//! What both databases promise. Every body runs on SQLite and on PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test states what it expects")]

/// Runs each test on both databases, each time in a world of its own.
macro_rules! on_both {
    ($($name:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::world::World::new(bulq_testkit::Kind::Sqlite).await).await;
            })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(crate::world::World::new(bulq_testkit::Kind::Postgres).await).await;
            })+
        }
    };
}

mod accounts;
mod admin;
mod catalogue;
mod deadlines;
mod faults;
mod fence;
mod groups;
mod invites;
mod journal;
mod ledger;
mod notifications;
mod prices;
mod projections;
mod schema;
mod scribe;
mod search;
mod shopping;
mod thread;
mod verify;
mod world;
