//! One-time tickets for the live connection, for clients that can neither send a header nor a cookie.

use bulq_actors::Who;
use bulq_domain::Timestamp;
use moka::sync::Cache;
use std::time::Duration;

pub const LIFE_S: u64 = 30;
const LIFE: Duration = Duration::from_secs(LIFE_S);

/// Bounded; the oldest give way. What has expired is forgotten in its own time.
#[derive(Clone)]
pub struct Tickets(Cache<Vec<u8>, Ticket>);

#[derive(Clone)]
struct Ticket {
    who: Who,
    issued_at: Timestamp,
}

impl Tickets {
    #[must_use]
    pub fn new() -> Self {
        Self(Cache::builder().max_capacity(100_000).time_to_live(LIFE).build())
    }

    #[must_use]
    pub fn issue(&self, who: Who, now: Timestamp) -> String {
        let ticket = super::random_secret();
        self.0.insert(super::hash(&ticket), Ticket { who, issued_at: now });
        ticket
    }

    /// Good once, and before its life is over.
    #[must_use]
    pub fn redeem(&self, ticket: &str, now: Timestamp) -> Option<Who> {
        let ticket = self.0.remove(&super::hash(ticket))?;
        let is_good = (now - ticket.issued_at).to_std().is_ok_and(|age| age < LIFE);
        is_good.then_some(ticket.who)
    }
}

impl Default for Tickets {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bulq_domain::UserId;
    use chrono::TimeDelta;
    use uuid::Uuid;

    fn somebody() -> Who {
        Who { user: UserId(Uuid::now_v7()), name: "Anna".into(), session: Uuid::now_v7() }
    }

    #[test]
    fn a_ticket_is_good_for_thirty_seconds() {
        let tickets = Tickets::new();
        let who = somebody();
        let issued = Timestamp::UNIX_EPOCH;
        let redeemed_after = |age| {
            let ticket = tickets.issue(who.clone(), issued);
            tickets.redeem(&ticket, issued + age).map(|who| who.session)
        };

        assert_eq!(redeemed_after(TimeDelta::microseconds(29_999_999)), Some(who.session));
        assert_eq!(redeemed_after(TimeDelta::seconds(30)), None);
        assert_eq!(redeemed_after(TimeDelta::hours(1)), None);
        assert_eq!(
            redeemed_after(TimeDelta::seconds(-1)),
            None,
            "a clock that was set back gives no more time"
        );
    }

    #[test]
    fn a_ticket_that_came_late_is_gone() {
        let tickets = Tickets::new();
        let who = somebody();
        let ticket = tickets.issue(who, Timestamp::UNIX_EPOCH);

        assert!(tickets.redeem(&ticket, Timestamp::UNIX_EPOCH + TimeDelta::seconds(31)).is_none());
        assert!(tickets.redeem(&ticket, Timestamp::UNIX_EPOCH).is_none());
    }
}
