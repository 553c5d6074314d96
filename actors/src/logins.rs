//! What all worker threads have to know of people's logins: which have just ended, and how many sockets somebody has.

use bulq_domain::UserId;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use uuid::Uuid;

/// A handshake that began before its login ended is over by then.
const REMEMBERED: Duration = Duration::from_secs(60);

/// Names a socket within the process.
pub type Seat = u64;

/// Logins that ended a moment ago. A socket that is just being opened looks here after it can be reached by the order to
/// close: either the order reaches it, or it finds itself here.
#[derive(Debug, Default)]
pub struct Ended {
    at: Mutex<HashMap<Uuid, Instant>>,
    count: AtomicU64,
}

impl Ended {
    pub fn note(&self, login: Uuid, now: Instant) {
        let mut ended = held(&self.at);
        ended.retain(|_, at| now.duration_since(*at) < REMEMBERED);
        ended.insert(login, now);
        self.count.fetch_add(1, Ordering::Release);
    }

    /// How many have ended so far: while it stays, there is no need to ask about one.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Acquire)
    }

    #[must_use]
    pub fn has(&self, login: Uuid) -> bool {
        held(&self.at).contains_key(&login)
    }
}

/// The sockets of each person, oldest first.
#[derive(Debug, Default)]
pub struct Crowd(Mutex<Seats>);

#[derive(Debug, Default)]
struct Seats {
    last: Seat,
    taken: HashMap<UserId, VecDeque<Seat>>,
}

impl Crowd {
    /// A seat, and the one that has to be given up for it when there are more than `most`: the oldest.
    pub fn enter(&self, user: UserId, most: Option<usize>) -> (Seat, Option<Seat>) {
        let mut seats = held(&self.0);
        seats.last += 1;
        let seat = seats.last;
        let taken = seats.taken.entry(user).or_default();
        taken.push_back(seat);
        let oldest = most.filter(|most| taken.len() > *most).and_then(|_| taken.pop_front());
        (seat, oldest)
    }

    /// How many sockets there are.
    #[must_use]
    pub fn len(&self) -> usize {
        held(&self.0).taken.values().map(VecDeque::len).sum()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn leave(&self, user: UserId, seat: Seat) {
        let mut seats = held(&self.0);
        let Some(taken) = seats.taken.get_mut(&user) else { return };
        taken.retain(|other| *other != seat);
        if taken.is_empty() {
            seats.taken.remove(&user);
        }
    }
}

fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_gives_way() {
        let (crowd, user) = (Crowd::default(), UserId(Uuid::from_u128(1)));

        let (first, _) = crowd.enter(user, Some(2));
        let (second, none) = crowd.enter(user, Some(2));
        let (_, given_up) = crowd.enter(user, Some(2));

        assert_eq!((none, given_up), (None, Some(first)));
        crowd.leave(user, first);
        crowd.leave(user, second);
        assert_eq!(crowd.enter(user, Some(2)).1, None);
    }

    #[test]
    fn an_ended_login_is_remembered_for_a_minute() {
        let (ended, now) = (Ended::default(), Instant::now());
        let [old, new] = [1, 2].map(Uuid::from_u128);

        ended.note(old, now);
        assert!(ended.has(old) && !ended.has(new));
        ended.note(new, now + REMEMBERED);

        assert!(ended.has(new) && !ended.has(old));
    }
}
