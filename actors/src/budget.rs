//! The bound on what is decided but not yet durable, over all runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts un-durable bytes. When they reach the cap, runs answer `busy` instead of deciding.
#[derive(Clone, Debug)]
pub struct Budget(Arc<Counter>);

#[derive(Debug)]
struct Counter {
    used: AtomicUsize,
    cap: usize,
}

impl Budget {
    #[must_use]
    pub fn new(cap: usize) -> Self {
        Self(Arc::new(Counter { used: AtomicUsize::new(0), cap }))
    }

    #[must_use]
    pub fn is_full(&self) -> bool {
        self.used() >= self.0.cap
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
}
