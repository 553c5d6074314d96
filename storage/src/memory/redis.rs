//! The twin that many servers share. One multiplexed connection, which comes back by itself.

use super::breaker::{AsyncProbe, Breaker, PATIENCE};
use super::{Away, Later, Memory, Taken};
use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, FromRedisValue, RedisError, Script};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Counts within a sliding window by the clock of Redis, so that servers need not agree on the time. Returns -1 if it was
/// counted, else the milliseconds until it would be.
const TAKE: &str = r"
local now = redis.call('time')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
redis.call('zremrangebyscore', KEYS[1], '-inf', ms - window)
if redis.call('zcard', KEYS[1]) < limit then
    redis.call('zadd', KEYS[1], ms, ARGV[3])
    redis.call('pexpire', KEYS[1], window)
    return -1
end
local oldest = redis.call('zrange', KEYS[1], 0, 0, 'withscores')
return math.max(1, oldest[2] + window - ms)
";

/// Puts a value unless there is one; returns the one that is there.
const PUT_NEW: &str = r"
if redis.call('set', KEYS[1], ARGV[1], 'nx', 'px', ARGV[2]) then
    return ARGV[1]
end
return redis.call('get', KEYS[1])
";

/// Keys of ours among those of others.
const PREFIX: &str = "bulq:";

/// Cheap to clone.
#[derive(Clone)]
pub struct RedisMemory {
    connection: ConnectionManager,
    breaker: Breaker,
    scripts: Arc<Scripts>,
    prefix: Arc<str>,
}

struct Scripts {
    take: Script,
    put_new: Script,
}

/// The text is no address of a Redis. Holds nothing of the address: it may contain a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no address of a Redis ({0}): write redis://host:6379/0")]
pub struct BadRedisUrl(String);

impl RedisMemory {
    /// Does not wait for an answer: a Redis that is away now may come later. Needs a running runtime.
    ///
    /// # Errors
    /// [`BadRedisUrl`].
    pub fn open(url: &str) -> Result<Self, BadRedisUrl> {
        Self::with_prefix(url, PREFIX)
    }

    /// As [`RedisMemory::open`], with keys that begin with `prefix`.
    ///
    /// # Errors
    /// [`BadRedisUrl`].
    pub fn with_prefix(url: &str, prefix: &str) -> Result<Self, BadRedisUrl> {
        let bad = |error: &RedisError| BadRedisUrl(error.kind_text());
        let client = Client::open(url).map_err(|error| bad(&error))?;
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE))
            .set_number_of_retries(1)
            .set_min_delay(Duration::from_millis(50));
        let connection =
            ConnectionManager::new_lazy_with_config(client, config).map_err(|error| bad(&error))?;
        let scripts = Arc::new(Scripts { take: Script::new(TAKE), put_new: Script::new(PUT_NEW) });
        Ok(Self { connection, breaker: Breaker::default(), scripts, prefix: prefix.into() })
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    async fn ask<T: FromRedisValue>(&self, command: redis::Cmd) -> Result<T, Away> {
        let mut connection = self.connection.clone();
        let work = async move { command.query_async(&mut connection).await };
        self.guard(work).await
    }

    async fn guard<T>(&self, work: impl Future<Output = Result<T, RedisError>>) -> Result<T, Away> {
        self.breaker.guard(work, Ping(self.connection.clone())).await
    }
}

trait KindText {
    fn kind_text(&self) -> String;
}

impl KindText for RedisError {
    /// What sort of error it is; its full text may hold the address.
    fn kind_text(&self) -> String {
        format!("{:?}", self.kind())
    }
}

/// Asks past the breaker.
struct Ping(ConnectionManager);

impl AsyncProbe for Ping {
    async fn ask(&self) -> bool {
        let mut connection = self.0.clone();
        redis::cmd("PING").query_async::<String>(&mut connection).await.is_ok()
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX).max(1)
}

impl Memory for RedisMemory {
    fn take<'a>(&'a self, key: &'a str, limit: u32, window: Duration) -> Later<'a, Taken> {
        Box::pin(async move {
            let mut connection = self.connection.clone();
            let mut call = self.scripts.take.key(self.key(key));
            call.arg(limit).arg(millis(window)).arg(Uuid::new_v4().as_bytes().as_slice());
            let wait: i64 = self.guard(call.invoke_async(&mut connection)).await?;
            Ok(u64::try_from(wait).map_or(Taken::Granted, |retry_after_ms| Taken::Refused { retry_after_ms }))
        })
    }

    fn take_now(&self, _: &str, _: u32, _: Duration) -> Option<Taken> {
        None
    }

    fn get<'a>(&'a self, key: &'a str) -> Later<'a, Option<Vec<u8>>> {
        Box::pin(async move { self.ask(redis::Cmd::get(self.key(key))).await })
    }

    fn put<'a>(&'a self, key: &'a str, value: Vec<u8>, life: Duration) -> Later<'a, ()> {
        Box::pin(async move { self.ask(redis::Cmd::pset_ex(self.key(key), value, millis(life))).await })
    }

    fn put_new<'a>(&'a self, key: &'a str, value: Vec<u8>, life: Duration) -> Later<'a, Vec<u8>> {
        Box::pin(async move {
            let mut connection = self.connection.clone();
            let mut call = self.scripts.put_new.key(self.key(key));
            call.arg(value).arg(millis(life));
            self.guard(call.invoke_async(&mut connection)).await
        })
    }

    fn remove<'a>(&'a self, key: &'a str) -> Later<'a, ()> {
        Box::pin(async move { self.ask(redis::Cmd::del(self.key(key))).await })
    }

    fn ping(&self) -> Later<'_, ()> {
        Box::pin(async move { self.ask::<String>(redis::cmd("PING")).await.map(drop) })
    }
}
