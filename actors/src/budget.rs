//! The bound on what is decided but not yet durable, over all runs: in bytes, and in time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// A run that finds the database behind says so for all others, for this long. They wait for the same commits, and a refusal
/// that costs little leaves more for those.
const TOLD: Duration = Duration::from_millis(20);

/// Counts un-durable bytes. When they reach the cap, or the database is behind, commands are answered `busy` and nothing is
/// decided.
#[derive(Clone, Debug)]
pub struct Budget(Arc<Counter>);

#[derive(Debug)]
struct Counter {
    used: AtomicUsize,
    cap: usize,
    begun: Instant,
    /// Microseconds after `begun`.
    behind_until: AtomicU64,
}

impl Budget {
    #[must_use]
    pub fn new(cap: usize) -> Self {
        let (used, behind_until) = (AtomicUsize::new(0), AtomicU64::new(0));
        Self(Arc::new(Counter { used, cap, begun: Instant::now(), behind_until }))
    }

    #[must_use]
    pub fn is_full(&self) -> bool {
        self.used() >= self.0.cap || self.now() < self.0.behind_until.load(Ordering::Relaxed)
    }

    #[must_use]
    pub fn used(&self) -> usize {
        self.0.used.load(Ordering::Relaxed)
    }

    pub(crate) fn take(&self, bytes: usize) {
        self.0.used.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn give_back(&self, bytes: usize) {
        self.0.used.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// The database is behind.
    pub(crate) fn tell_behind(&self) {
        let told = u64::try_from(TOLD.as_micros()).unwrap_or(u64::MAX);
        self.0.behind_until.store(self.now().saturating_add(told), Ordering::Relaxed);
    }

    fn now(&self) -> u64 {
        u64::try_from(self.0.begun.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_full_at_its_cap_and_a_moment_after_the_database_was_behind() {
        let budget = Budget::new(10);
        budget.take(9);
        assert!(!budget.is_full());
        budget.take(1);
        assert!(budget.is_full());
        budget.give_back(10);
        assert!(!budget.is_full());

        budget.tell_behind();
        assert!(budget.is_full());
        std::thread::sleep(TOLD);
        assert!(!budget.is_full());
    }
}
