//! The server under test and the people who use it.

mod books;
mod cast;
mod history;
mod judge;
mod life;
mod server;

pub(crate) use books::{adds_up, got, is_settled, owes, refusal};
pub(crate) use cast::Cast;
pub(crate) use history::History;
pub(crate) use judge::{all_answers_stay, judge};
pub(crate) use life::{cancel, id, reason};
pub(crate) use server::{App, Launch, bulq, free_port, run_to_end};

use bulq_client::domain::{Money, Quantity};

/// One test per database: `stories! { async fn name(app) { … } }`.
macro_rules! stories {
    ($($(#[$doc:meta])* async fn $name:ident($app:ident) $body:block)+) => {$(
        $(#[$doc])*
        mod $name {
            use super::*;

            async fn story($app: &$crate::support::App) $body

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_sqlite() {
                let app = $crate::support::App::start(bulq_testkit::Kind::Sqlite).await;
                story(&app).await;
                app.finish().await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn on_postgres() {
                let app = $crate::support::App::start(bulq_testkit::Kind::Postgres).await;
                story(&app).await;
                app.finish().await;
            }
        }
    )+};
}
pub(crate) use stories;

/// A quantity as people write it.
#[track_caller]
pub(crate) fn q(text: &str) -> Quantity {
    text.parse().unwrap_or_else(|e| panic!("{text:?}: {e}"))
}

pub(crate) fn cents(amount: i64) -> Money {
    Money(amount)
}
