//! How often somebody may come: a sliding window of a minute, per person, name or place.
//!
//! Each server also counts by itself what the shared memory grants: while that is away nothing is forgiven, and nothing is
//! granted twice after it.

use super::addresses::Origin;
use bulq_domain::{Command, UserId};
use bulq_storage::memory::{Away, Memory, ProcessMemory, Taken};
use std::sync::Arc;
use std::time::Duration;

const WINDOW: Duration = Duration::from_secs(60);

/// What is counted, each by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Trying a password, or making an account.
    Login,
    Bid,
    Anything,
}

/// One too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooOften {
    pub retry_after_ms: u64,
}

/// Cheap to clone.
#[derive(Clone)]
pub struct Limits(Option<Arc<Counting>>);

struct Counting {
    shared: Arc<dyn Memory>,
    own: ProcessMemory,
}

impl Act {
    /// At most so many within the window.
    const fn most(self) -> u32 {
        match self {
            Self::Login => 5,
            Self::Bid => 20,
            Self::Anything => 100,
        }
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Bid => "bid",
            Self::Anything => "any",
        }
    }

    #[must_use]
    pub const fn of(command: &Command) -> Self {
        match command {
            Command::PlaceBid(_) | Command::RetractBid(_) => Self::Bid,
            _ => Self::Anything,
        }
    }
}

impl Limits {
    #[must_use]
    pub fn new(shared: Arc<dyn Memory>) -> Self {
        Self(Some(Arc::new(Counting { shared, own: ProcessMemory::new() })))
    }

    /// Nothing is counted.
    #[must_use]
    pub const fn off() -> Self {
        Self(None)
    }

    /// # Errors
    /// [`TooOften`].
    pub async fn person(&self, act: Act, user: UserId) -> Result<(), TooOften> {
        self.take(act, &person(user)).await
    }

    /// At once, if nobody has to be asked for it.
    #[must_use]
    pub fn person_now(&self, act: Act, user: UserId) -> Option<Result<(), TooOften>> {
        let Some(counting) = &self.0 else { return Some(Ok(())) };
        counting.shared.take_now(&key(act, &person(user)), act.most(), WINDOW).map(granted)
    }

    /// # Errors
    /// [`TooOften`].
    pub async fn place(&self, act: Act, origin: Origin) -> Result<(), TooOften> {
        self.take(act, &format!("place:{origin}")).await
    }

    /// A password is tried, for this name and from this place.
    ///
    /// # Errors
    /// [`TooOften`].
    pub async fn login(&self, origin: Origin, username: &str) -> Result<(), TooOften> {
        self.place(Act::Login, origin).await?;
        let name: String = username.to_lowercase().chars().take(64).collect();
        self.take(Act::Login, &format!("name:{name}")).await
    }

    async fn take(&self, act: Act, who: &str) -> Result<(), TooOften> {
        let Some(counting) = &self.0 else { return Ok(()) };
        let key = key(act, who);
        if let Some(taken) = counting.shared.take_now(&key, act.most(), WINDOW) {
            return granted(taken);
        }
        match counting.shared.take(&key, act.most(), WINDOW).await {
            Ok(refused @ Taken::Refused { .. }) => granted(refused),
            Ok(Taken::Granted) | Err(Away) => granted(counting.own.count(&key, act.most(), WINDOW)),
        }
    }
}

fn person(user: UserId) -> String {
    format!("person:{user}")
}

fn key(act: Act, who: &str) -> String {
    format!("rate:{}:{who}", act.word())
}

fn granted(taken: Taken) -> Result<(), TooOften> {
    match taken {
        Taken::Granted => Ok(()),
        Taken::Refused { retry_after_ms } => {
            metrics::counter!("bulq_rate_limited_total").increment(1);
            Err(TooOften { retry_after_ms })
        }
    }
}
