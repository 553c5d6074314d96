//! What is known of sessions for a minute, so that not every request asks the database.
//!
//! Ending a session overwrites what is remembered, and a look-up that was under way meanwhile never overwrites that: a
//! login that ended stays ended. What ended through this server it knows by itself, whatever the shared memory has lost.

use bulq_actors::Who;
use bulq_domain::UserId;
use bulq_storage::accounts::SessionKind;
use bulq_storage::memory::Memory;
use moka::sync::Cache;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

const REMEMBERED: Duration = Duration::from_secs(60);
/// Longer than anything that was found before the end is remembered.
const END_REMEMBERED: Duration = Duration::from_secs(150);
const MOST: u64 = 100_000;

/// A session as it was found.
#[derive(Clone)]
pub(super) struct Known {
    pub(super) who: Who,
    pub(super) kind: SessionKind,
    pub(super) expires_at: i64,
}

/// The same as it is kept; none of it is a secret.
#[derive(Serialize, Deserialize)]
struct Kept {
    user: UserId,
    name: Arc<str>,
    kind: SessionKind,
    expires_at: i64,
}

pub(super) struct Remembered {
    memory: Arc<dyn Memory>,
    /// What ended here a moment ago.
    ended: Cache<Uuid, ()>,
    /// Which session a cookie's secret belongs to, by its hash. This never changes.
    cookies: Cache<Vec<u8>, Uuid>,
}

impl Remembered {
    pub(super) fn new(memory: Arc<dyn Memory>) -> Self {
        Self {
            memory,
            ended: Cache::builder().max_capacity(MOST).time_to_live(END_REMEMBERED).build(),
            cookies: Cache::builder().max_capacity(MOST).time_to_live(REMEMBERED).build(),
        }
    }

    /// `None` if nothing is remembered, `Some(None)` if the session is not good.
    pub(super) async fn session(&self, id: Uuid) -> Option<Option<Known>> {
        if self.ended.contains_key(&id) {
            return Some(None);
        }
        let kept = self.memory.get(&key(id)).await.ok()??;
        read(id, &kept)
    }

    /// Remembers what was found unless something newer is known; returns what counts.
    pub(super) async fn found(&self, id: Uuid, found: Option<Known>) -> Option<Known> {
        let kept = self.memory.put_new(&key(id), write(found.as_ref()), REMEMBERED).await;
        let counts = kept.ok().and_then(|kept| read(id, &kept)).unwrap_or(found);
        counts.filter(|_| !self.ended.contains_key(&id))
    }

    pub(super) fn ended_here(&self, id: Uuid) {
        self.ended.insert(id, ());
    }

    /// Tells the other servers.
    pub(super) async fn ended_everywhere(&self, id: Uuid) {
        // Away: then the others find out when what they remember is a minute old.
        let _ = self.memory.put(&key(id), write(None), END_REMEMBERED).await;
    }

    /// It is still good, but something about it or its person has changed.
    pub(super) async fn changed(&self, id: Uuid) {
        // Away: then what has changed is seen a minute later.
        let _ = self.memory.remove(&key(id)).await;
    }

    pub(super) fn cookie(&self, hash: &[u8]) -> Option<Uuid> {
        self.cookies.get(hash)
    }

    pub(super) fn put_cookie(&self, hash: Vec<u8>, session: Uuid) {
        self.cookies.insert(hash, session);
    }
}

fn key(id: Uuid) -> String {
    format!("session:{id}")
}

/// `null` for a session that is not good.
fn write(known: Option<&Known>) -> Vec<u8> {
    let kept = known.map(|Known { who, kind, expires_at }| Kept {
        user: who.user,
        name: who.name.clone(),
        kind: *kind,
        expires_at: *expires_at,
    });
    serde_json::to_vec(&kept).expect("plain values make JSON")
}

/// None for what this server does not understand: then the database is asked.
fn read(session: Uuid, kept: &[u8]) -> Option<Option<Known>> {
    let kept: Option<Kept> = serde_json::from_slice(kept).ok()?;
    Some(kept.map(|Kept { user, name, kind, expires_at }| Known {
        who: Who { user, name, session },
        kind,
        expires_at,
    }))
}
