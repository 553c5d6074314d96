//! When to send: as fast as answers come, or at a rate.

use super::Failure;
use super::meter::Tally;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tokio::sync::Notify;

/// A sender that is this far behind its rate ends the measurement: the rate is more than the server takes.
const BEHIND: usize = 100_000;
/// Timers wake to the millisecond; the rest is spun away, on a core that has nothing else to do.
const TIMER: Duration = Duration::from_millis(2);

/// The instants at which one sender is meant to send.
#[derive(Debug)]
pub(super) struct Due {
    at_a_rate: bool,
    instants: RefCell<VecDeque<Instant>>,
    more: Notify,
    tally: Rc<Tally>,
}

impl Due {
    /// One for each sender. With a rate they take turns.
    pub(super) fn for_senders(count: usize, rate: Option<f64>, tally: &Rc<Tally>) -> Vec<Rc<Self>> {
        let one = |_| Self {
            at_a_rate: rate.is_some(),
            instants: RefCell::default(),
            more: Notify::new(),
            tally: tally.clone(),
        };
        let all: Vec<_> = (0..count).map(one).map(Rc::new).collect();
        if let Some(rate) = rate {
            tally.spawn(keep(rate, all.clone()));
        }
        all
    }

    /// When the next thing was meant to be sent: without a rate, now.
    pub(super) fn take(&self) -> Option<Instant> {
        if !self.at_a_rate {
            return Some(Instant::now());
        }
        let at = self.instants.borrow_mut().pop_front()?;
        self.tally.sent(at);
        Some(at)
    }

    /// Waits until there is something to take that was not there before; without a rate, for ever.
    pub(super) async fn more(&self) {
        if self.at_a_rate { self.more.notified().await } else { std::future::pending().await }
    }

    fn push(&self, at: Instant) -> bool {
        let mut instants = self.instants.borrow_mut();
        instants.push_back(at);
        self.more.notify_one();
        instants.len() <= BEHIND
    }
}

async fn keep(rate: f64, senders: Vec<Rc<Due>>) -> Result<(), Failure> {
    let begin = Instant::now();
    for n in 0u32.. {
        let at = begin + Duration::from_secs_f64(f64::from(n) / rate);
        until(at).await;
        if !senders[n as usize % senders.len()].push(at) {
            return Err("the rate is more than the server takes".into());
        }
    }
    Ok(())
}

async fn until(at: Instant) {
    if let Some(ahead) = at.checked_duration_since(Instant::now() + TIMER) {
        tokio::time::sleep(ahead).await;
    }
    while Instant::now() < at {
        tokio::task::yield_now().await;
    }
}
