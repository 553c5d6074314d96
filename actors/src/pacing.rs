//! How often a room is written to, as a plain state machine.
//!
//! Showing something to a thousand screens is a thousand small writes, and a small write costs the same whatever it
//! carries. So after a frame a room rests for as long as its writes take, and three times as long after a frame of several
//! events, which is the sign of a busy room; what becomes durable meanwhile goes out as one frame. Once a frame is full, waiting
//! for more would save little: it goes out as soon as the one before is written. A quiet room never waits, a small one does not
//! rest at all.

use bulq_domain::RunId;
use bulq_protocol::wire::Frame;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// Nobody waits longer than this.
const LONGEST: Duration = Duration::from_millis(50);
/// Timers are no finer than this: a shorter rest is none.
const SHORTEST: Duration = Duration::from_millis(1);
/// With so many bytes a frame is full: some ten events, over which the cost of a write is spread thin.
const FULL: usize = 4 * 1024;

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
    /// When the last frame is on its way to everybody.
    written_at: Instant,
    /// When the rest after it is over.
    open_at: Instant,
    waiting: Vec<Frame>,
    /// Of what waits.
    bytes: usize,
}

impl Pacer {
    /// A frame for a room that takes so long to be written to on this thread.
    pub fn on_frame(&mut self, frame: Frame, writing: Duration, now: Instant) -> Paced {
        let run = frame.run();
        if rest_after(&frame, writing) < SHORTEST && !self.0.contains_key(&run) {
            return Paced::Now(frame);
        }
        let flow = self.0.entry(run).or_insert_with(|| Flow::at(now));
        if flow.waiting.is_empty() && flow.open_at <= now {
            flow.rest(&frame, writing, now);
            return Paced::Now(frame);
        }
        let (first, was_full) = (flow.waiting.is_empty(), flow.is_full());
        flow.push(frame);
        match flow.take_due(writing, now) {
            Some(frame) => Paced::Now(frame),
            None if first || flow.is_full() != was_full => Paced::After(flow.due_at().duration_since(now)),
            None => Paced::Waits,
        }
    }

    /// What waits for this room, as one frame, if it is time.
    pub fn due(&mut self, run: RunId, writing: Duration, now: Instant) -> Option<Frame> {
        self.0.get_mut(&run)?.take_due(writing, now)
    }

    /// What waits for this room, as one frame.
    pub fn at_once(&mut self, run: RunId, writing: Duration, now: Instant) -> Option<Frame> {
        self.0.get_mut(&run)?.take(writing, now)
    }

    /// Forgets rooms that are quiet.
    pub fn tidy(&mut self, now: Instant) {
        self.0.retain(|_, flow| !flow.waiting.is_empty() || flow.open_at > now);
    }
}

impl Flow {
    fn at(now: Instant) -> Self {
        Self { written_at: now, open_at: now, waiting: Vec::new(), bytes: 0 }
    }

    fn push(&mut self, frame: Frame) {
        self.bytes += frame.text().len();
        self.waiting.push(frame);
    }

    fn is_full(&self) -> bool {
        self.bytes >= FULL
    }

    fn due_at(&self) -> Instant {
        if self.is_full() { self.written_at } else { self.open_at }
    }

    fn take_due(&mut self, writing: Duration, now: Instant) -> Option<Frame> {
        if self.due_at() <= now { self.take(writing, now) } else { None }
    }

    fn take(&mut self, writing: Duration, now: Instant) -> Option<Frame> {
        let frame = Frame::merge(&std::mem::take(&mut self.waiting))?;
        self.bytes = 0;
        self.rest(&frame, writing, now);
        Some(frame)
    }

    /// After this frame, which goes out now.
    fn rest(&mut self, frame: &Frame, writing: Duration, now: Instant) {
        self.written_at = now + writing.min(LONGEST);
        self.open_at = now + rest_after(frame, writing);
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
    fn a_full_frame_waits_no_longer_than_the_one_before_is_written() {
        let (mut pacer, run, now) = (Pacer::default(), RunId(Uuid::from_u128(1)), Instant::now());
        let (writing, half) = (Duration::from_millis(6), Duration::from_millis(3));
        let long = format!("\"{}\"", "x".repeat(FULL / 2));

        assert!(matches!(pacer.on_frame(frame(1, &["1", "2"]), writing, now), Paced::Now(_)));
        assert!(
            matches!(pacer.on_frame(frame(3, &[&long]), writing, now), Paced::After(rest) if rest == 3 * writing)
        );
        assert!(matches!(pacer.on_frame(frame(4, &["4"]), writing, now + half), Paced::Waits));
        assert!(
            matches!(pacer.on_frame(frame(5, &[&long]), writing, now + half), Paced::After(rest) if rest == half),
            "it is full now, and the one before is being written"
        );
        assert!(matches!(pacer.on_frame(frame(6, &["6"]), writing, now + half), Paced::Waits));
        let full = pacer.due(run, writing, now + writing).expect("it is written");
        assert_eq!((full.first(), full.last()), (3, 6));

        let written = now + 2 * writing;
        assert!(matches!(pacer.on_frame(frame(7, &["7"]), writing, written), Paced::After(_)));
        let Paced::Now(full) = pacer.on_frame(frame(8, &[&long, &long]), writing, written) else {
            panic!("nothing is being written, and it is full");
        };
        assert_eq!((full.first(), full.last()), (7, 9));
    }

    #[test]
    fn a_timer_of_before_does_not_cut_a_rest_short_but_who_must_not_wait_does() {
        let (mut pacer, run, now) = (Pacer::default(), RunId(Uuid::from_u128(1)), Instant::now());
        let writing = Duration::from_millis(6);

        assert!(matches!(pacer.on_frame(frame(1, &["1", "2"]), writing, now), Paced::Now(_)));
        assert!(matches!(pacer.on_frame(frame(3, &["3"]), writing, now), Paced::After(_)));

        assert!(pacer.due(run, writing, now + writing).is_none());
        let forced = pacer.at_once(run, writing, now + writing).expect("a frame waits");
        assert_eq!((forced.first(), forced.last()), (3, 3));
        assert!(pacer.at_once(run, writing, now + writing).is_none());
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
