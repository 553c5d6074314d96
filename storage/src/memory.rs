//! What is kept for speed and may be lost at any moment: sessions that were looked up, how often somebody came, lists.
//!
//! Two twins behind one trait: [`ProcessMemory`] for a server by itself, [`RedisMemory`] shared by many. The database is the
//! truth: whoever finds nothing here asks it, and whoever finds this away goes on without.

mod breaker;
mod lists;
mod process;
mod redis;

pub use lists::Lists;
pub use process::ProcessMemory;
pub use redis::{BadRedisUrl, RedisMemory};

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

pub type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, Away>> + Send + 'a>>;

/// It did not answer in time, or not sensibly. Nobody waits for it: the next callers are told at once, until it is back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the shared memory is away")]
pub struct Away;

/// Whether somebody may do once more what is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    Granted,
    /// One too many within the window. What is refused is not counted.
    Refused {
        retry_after_ms: u64,
    },
}

/// Keys are short texts chosen by the server; values are bytes.
pub trait Memory: Send + Sync + 'static {
    /// Counts one, if there were fewer than `limit` within the last `window`. The window slides.
    fn take<'a>(&'a self, key: &'a str, limit: u32, window: Duration) -> Later<'a, Taken>;

    /// The same at once, where nobody has to be asked for it.
    fn take_now(&self, key: &str, limit: u32, window: Duration) -> Option<Taken>;

    fn get<'a>(&'a self, key: &'a str) -> Later<'a, Option<Vec<u8>>>;

    fn put<'a>(&'a self, key: &'a str, value: Vec<u8>, life: Duration) -> Later<'a, ()>;

    /// Puts it unless something is there; returns what is there then.
    fn put_new<'a>(&'a self, key: &'a str, value: Vec<u8>, life: Duration) -> Later<'a, Vec<u8>>;

    fn remove<'a>(&'a self, key: &'a str) -> Later<'a, ()>;

    /// Whether it answers now.
    fn ping(&self) -> Later<'_, ()>;
}
