//! The twin within this process. Bounded: the least recently used give way.

use super::{Later, Memory, Taken};
use moka::Expiry;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use std::collections::VecDeque;
use std::future::ready;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

const MOST_BYTES: u64 = 64 * 1024 * 1024;
/// Each holds a few dozen points in time at most.
const MOST_COUNTERS: u64 = 200_000;
/// No window is longer than this.
const LONGEST_WINDOW: Duration = Duration::from_secs(3600);

#[derive(Clone)]
pub struct ProcessMemory {
    values: Cache<String, Value>,
    counters: Cache<String, Arc<Mutex<VecDeque<Instant>>>>,
}

#[derive(Clone)]
struct Value {
    bytes: Arc<[u8]>,
    life: Duration,
}

/// Every value lives as long as it was given.
struct Own;

impl Expiry<String, Value> for Own {
    fn expire_after_create(&self, _: &String, value: &Value, _: Instant) -> Option<Duration> {
        Some(value.life)
    }

    fn expire_after_update(
        &self,
        _: &String,
        value: &Value,
        _: Instant,
        _: Option<Duration>,
    ) -> Option<Duration> {
        Some(value.life)
    }
}

impl ProcessMemory {
    #[must_use]
    pub fn new() -> Self {
        let weight = |key: &String, value: &Value| {
            u32::try_from(key.len() + value.bytes.len() + 100).unwrap_or(u32::MAX)
        };
        Self {
            values: Cache::builder()
                .max_capacity(MOST_BYTES)
                .weigher(weight)
                .eviction_policy(EvictionPolicy::lru())
                .expire_after(Own)
                .build(),
            counters: Cache::builder()
                .max_capacity(MOST_COUNTERS)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_idle(LONGEST_WINDOW)
                .build(),
        }
    }

    /// As [`Memory::take`], at once.
    #[must_use]
    pub fn count(&self, key: &str, limit: u32, window: Duration) -> Taken {
        let counter = self.counters.get_with_by_ref(key, Arc::default);
        let mut times = counter.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        while times.front().is_some_and(|at| now.duration_since(*at) >= window) {
            times.pop_front();
        }
        if times.len() < limit as usize {
            times.push_back(now);
            return Taken::Granted;
        }
        let oldest = times.front().map_or(now, |at| *at);
        let wait = (oldest + window).saturating_duration_since(now);
        Taken::Refused { retry_after_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).max(1) }
    }
}

impl Default for ProcessMemory {
    fn default() -> Self {
        Self::new()
    }
}

impl Memory for ProcessMemory {
    fn take<'a>(&'a self, key: &'a str, limit: u32, window: Duration) -> Later<'a, Taken> {
        Box::pin(ready(Ok(self.count(key, limit, window))))
    }

    fn take_now(&self, key: &str, limit: u32, window: Duration) -> Option<Taken> {
        Some(self.count(key, limit, window))
    }

    fn get<'a>(&'a self, key: &'a str) -> Later<'a, Option<Vec<u8>>> {
        Box::pin(ready(Ok(self.values.get(key).map(|value| value.bytes.to_vec()))))
    }

    fn put<'a>(&'a self, key: &'a str, value: Vec<u8>, life: Duration) -> Later<'a, ()> {
        self.values.insert(key.to_owned(), Value { bytes: value.into(), life });
        Box::pin(ready(Ok(())))
    }

    fn put_new<'a>(&'a self, key: &'a str, value: Vec<u8>, life: Duration) -> Later<'a, Vec<u8>> {
        let entry = self.values.entry(key.to_owned()).or_insert_with(|| Value { bytes: value.into(), life });
        Box::pin(ready(Ok(entry.into_value().bytes.to_vec())))
    }

    fn remove<'a>(&'a self, key: &'a str) -> Later<'a, ()> {
        self.values.invalidate(key);
        Box::pin(ready(Ok(())))
    }

    fn ping(&self) -> Later<'_, ()> {
        Box::pin(ready(Ok(())))
    }
}
