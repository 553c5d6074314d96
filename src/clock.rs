//! The one place that reads the clock. Points in time have microseconds, the finest both databases keep.

use bulq_domain::Timestamp;
use chrono::{DateTime, SubsecRound};

#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the edge: here the clock is read")]
pub fn now() -> Timestamp {
    chrono::Utc::now().trunc_subsecs(6)
}

/// Microseconds since 1970, as stored.
#[must_use]
pub fn micros() -> i64 {
    now().timestamp_micros()
}

/// A stored point in time.
#[must_use]
pub fn stored(micros: i64) -> Timestamp {
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// When an id was made, to the millisecond: our ids (UUIDv7) begin with it.
#[must_use]
pub fn of_id(id: uuid::Uuid) -> Timestamp {
    let millis = id.as_u128() >> 80;
    i64::try_from(millis).ok().and_then(DateTime::from_timestamp_millis).unwrap_or_default()
}
