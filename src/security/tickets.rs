//! One-time tickets for the live connection, for clients that can neither send a header nor a cookie.

use bulq_actors::Who;
use moka::sync::Cache;
use std::time::Duration;

pub const LIFE_S: u64 = 30;

/// Bounded; the oldest give way.
#[derive(Clone)]
pub struct Tickets(Cache<Vec<u8>, Who>);

impl Tickets {
    #[must_use]
    pub fn new() -> Self {
        Self(Cache::builder().max_capacity(100_000).time_to_live(Duration::from_secs(LIFE_S)).build())
    }

    #[must_use]
    pub fn issue(&self, who: Who) -> String {
        let ticket = super::random_secret();
        self.0.insert(super::hash(&ticket), who);
        ticket
    }

    /// Good once.
    #[must_use]
    pub fn redeem(&self, ticket: &str) -> Option<Who> {
        self.0.remove(&super::hash(ticket))
    }
}

impl Default for Tickets {
    fn default() -> Self {
        Self::new()
    }
}
