//! How often a room is written to, as a plain state machine.
//!
//! Showing something to a thousand screens is a thousand small writes, and a small write costs the same whatever it
//! carries. So after a frame a room rests for as long as its writes take, and three times as long after a frame of several
//! events, which is the sign of a busy room; what becomes durable meanwhile goes out as one frame. A quiet room never
//! waits, a small one does not rest at all.

use bulq_domain::RunId;
use bulq_protocol::wire::Frame;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Nobody waits longer than this.
const LONGEST: Duration = Duration::from_millis(50);
/// Timers are no finer than this: a shorter rest is none.
const SHORTEST: Duration = Duration::from_millis(1);

/// What to do with a frame.
#[derive(Debug)]
pub enum Paced {
    Now(Frame),
    /// It goes out with [`Pacer::due`], to be called after this time.
    After(Duration),
    /// It goes out with what is waiting already.
    Waits,
}

#[derive(Debug, Default)]
pub struct Pacer(HashMap<RunId, Flow>);

#[derive(Debug)]
struct Flow {
    open_at: Instant,
    waiting: Vec<Frame>,
}

impl Pacer {
    /// A frame for a room that takes so long to be written to on this thread.
    pub fn on_frame(&mut self, frame: Frame, writing: Duration, now: Instant) -> Paced {
        let rest = rest_after(&frame, writing);
        if rest < SHORTEST && !self.0.contains_key(&frame.run()) {
            return Paced::Now(frame);
        }
        let flow = self.0.entry(frame.run()).or_insert_with(|| Flow { open_at: now, waiting: Vec::new() });
        if flow.waiting.is_empty() && flow.open_at <= now {
            flow.open_at = now + rest;
            return Paced::Now(frame);
        }
        flow.waiting.push(frame);
        if flow.waiting.len() == 1 {
            Paced::After(flow.open_at.saturating_duration_since(now))
        } else {
            Paced::Waits
        }
    }

    /// What waits for this room, as one frame.
    pub fn due(&mut self, run: RunId, writing: Duration, now: Instant) -> Option<Frame> {
        let flow = self.0.get_mut(&run)?;
        let frame = Frame::merge(&std::mem::take(&mut flow.waiting))?;
        flow.open_at = now + rest_after(&frame, writing);
        Some(frame)
    }

    /// Forgets rooms that are quiet.
    pub fn tidy(&mut self, now: Instant) {
        self.0.retain(|_, flow| !flow.waiting.is_empty() || flow.open_at > now);
    }
}

fn rest_after(frame: &Frame, writing: Duration) -> Duration {
    let busy = if frame.last() > frame.first() { 3 } else { 1 };
    writing.saturating_mul(busy).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn frame(first: u64, events: &[&str]) -> Frame {
        Frame::new(RunId(Uuid::from_u128(1)), first, events.iter().copied())
    }

    #[test]
    fn a_quiet_room_never_waits_and_a_busy_one_is_written_to_less_often() {
        let (mut pacer, run, now) = (Pacer::default(), RunId(Uuid::from_u128(1)), Instant::now());
        let writing = Duration::from_millis(5);

        assert!(matches!(pacer.on_frame(frame(1, &["1"]), writing, now), Paced::Now(_)));
        assert!(
            matches!(pacer.on_frame(frame(2, &["2"]), writing, now), Paced::After(rest) if rest == writing)
        );
        assert!(matches!(pacer.on_frame(frame(3, &["3", "4"]), writing, now), Paced::Waits));
        let later = now + writing;
        let merged = pacer.due(run, writing, later).expect("two frames wait");

        assert_eq!((merged.first(), merged.last()), (2, 4));
        assert!(merged.text().ends_with(r#""events":[2,3,4]}"#), "{}", merged.text());
        assert!(pacer.due(run, writing, later).is_none());
        pacer.tidy(later + LONGEST);
        assert!(matches!(pacer.on_frame(frame(5, &["5"]), writing, later + LONGEST), Paced::Now(_)));
    }

    #[test]
    fn a_small_room_hardly_rests() {
        let (mut pacer, now) = (Pacer::default(), Instant::now());

        for seq in 1..10 {
            let writing = Duration::from_micros(400);
            assert!(matches!(pacer.on_frame(frame(seq, &["x"]), writing, now), Paced::Now(_)));
        }
    }
}
