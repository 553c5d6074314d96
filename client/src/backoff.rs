//! How long to wait before trying again: longer each time, never all at once.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(5);

/// Exponential with full jitter: the n-th wait is anything up to 100 ms × 2ⁿ, at most 5 s.
#[derive(Debug, Default)]
pub struct Backoff {
    attempts: u32,
}

impl Backoff {
    /// The next wait.
    pub fn next_wait(&mut self) -> Duration {
        let ceiling = FIRST.saturating_mul(1 << self.attempts.min(10)).min(LONGEST);
        self.attempts = self.attempts.saturating_add(1);
        ceiling.mul_f64(rand::random_range(0.0..=1.0))
    }

    /// It worked: begin with short waits again.
    pub fn reset(&mut self) {
        self.attempts = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_stay_below_the_longest() {
        let mut backoff = Backoff::default();

        assert!(backoff.next_wait() <= FIRST);
        assert!((0..100).all(|_| backoff.next_wait() <= LONGEST));

        backoff.reset();
        assert!(backoff.next_wait() <= FIRST);
    }
}
