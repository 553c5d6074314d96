//! The statements the program sends, as sqlx logs them.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::{Mutex, PoisonError};
use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

static HEARD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

/// From now on, in the whole process.
pub(crate) fn listen() {
    let filter = tracing_subscriber::filter::Targets::new().with_target("sqlx::query", tracing::Level::DEBUG);
    let subscriber = tracing_subscriber::registry().with(Ear.with_filter(filter));
    tracing::subscriber::set_global_default(subscriber).expect("nobody else listens in this process");
}

/// Those that look for rows and were sent since the last call.
pub(crate) fn take() -> Vec<String> {
    let heard = std::mem::take(&mut *HEARD.lock().unwrap_or_else(PoisonError::into_inner));
    let looks =
        |sql: &String| ["select", "with found", "update", "delete"].iter().any(|word| sql.starts_with(word));
    heard.into_iter().filter(looks).collect()
}

struct Ear;

impl<S: Subscriber> Layer<S> for Ear {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        event.record(&mut Statement);
    }
}

struct Statement;

impl Visit for Statement {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == "db.statement" {
            let sql = value.trim().to_owned();
            HEARD.lock().unwrap_or_else(PoisonError::into_inner).insert(sql);
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn Debug) {}
}
