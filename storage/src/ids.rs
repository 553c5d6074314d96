//! Ids of rows that follow from something else.

use uuid::{Timestamp, Uuid};

/// An id that sorts by time, and at one time by `place`.
pub(crate) fn id_at(at_micros: i64, place: usize) -> Uuid {
    let micros = u64::try_from(at_micros).unwrap_or(0);
    let nanos = (micros % 1_000_000) as u32 * 1000;
    Uuid::new_v7(Timestamp::from_unix_time(micros / 1_000_000, nanos, (place & 0xFFFF) as u128, 16))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_time_and_then_by_place() {
        let ids = [id_at(5_000, 7), id_at(5_999, 8), id_at(5_999, 300), id_at(6_000, 0)];

        assert!(ids.is_sorted(), "{ids:?}");
    }
}
