//! Nobody waits twice for what does not answer: after the first failure everybody is told at once, until it answers again.

use super::Away;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// The longest anybody waits.
pub(super) const PATIENCE: Duration = Duration::from_millis(200);
const _: () = assert!(PATIENCE.as_millis() <= 250, "a Redis that hangs slows nothing by more than that");
/// How often what is away is asked whether it is back.
const ASK_EVERY: Duration = Duration::from_millis(500);

#[derive(Clone, Default)]
pub(super) struct Breaker {
    broken: Arc<AtomicBool>,
}

impl Breaker {
    pub(super) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Acquire)
    }

    /// Does `work`, unless it is known to be in vain. The first failure makes `probe` be asked until it succeeds.
    pub(super) async fn guard<T, E: std::fmt::Display>(
        &self,
        work: impl Future<Output = Result<T, E>>,
        probe: impl AsyncProbe,
    ) -> Result<T, Away> {
        if self.is_broken() {
            return Err(Away);
        }
        let why = match tokio::time::timeout(PATIENCE, work).await {
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(error)) => error.to_string(),
            Err(_) => "no answer in time".to_owned(),
        };
        if !self.broken.swap(true, Ordering::AcqRel) {
            tracing::warn!(why, "Redis is away: going on without it");
            tokio::spawn(self.clone().heal(probe));
        }
        Err(Away)
    }

    async fn heal(self, probe: impl AsyncProbe) {
        loop {
            tokio::time::sleep(ASK_EVERY).await;
            if matches!(tokio::time::timeout(PATIENCE, probe.ask()).await, Ok(true)) {
                break;
            }
        }
        self.broken.store(false, Ordering::Release);
        tracing::info!("Redis is back");
    }
}

/// Whether it answers.
pub(super) trait AsyncProbe: Send + 'static {
    fn ask(&self) -> impl Future<Output = bool> + Send;
}
