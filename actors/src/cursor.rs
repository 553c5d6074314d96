//! What one socket has seen of one run, as a plain state machine.
//!
//! Joining, reconnecting and lagging are one path: ask the run for what is missing, hold what comes meanwhile,
//! send the missing, then what was held, then live. A frame that does not follow on what was sent is a gap, and
//! a gap is asked for; nothing is ever skipped or sent twice.

use bulq_domain::Seq;

/// A row of events with consecutive seqs.
pub trait Span: Clone {
    fn first(&self) -> Seq;
    fn last(&self) -> Seq;
}

impl Span for bulq_protocol::wire::Frame {
    fn first(&self) -> Seq {
        Self::first(self)
    }

    fn last(&self) -> Seq {
        Self::last(self)
    }
}

/// What the session has to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output<F> {
    /// Ask the run for everything after this seq, or for a snapshot.
    Ask { after: Option<Seq> },
    /// Send this frame.
    Send(F),
}

/// At most this many frames are held while asking; beyond it the cursor asks once more instead.
const HELD: usize = 64;

/// Where a socket stands in a run's log.
#[derive(Clone, Debug)]
pub struct Cursor<F> {
    seq: Seq,
    /// While asking: what came meanwhile.
    asking: Option<Held<F>>,
}

#[derive(Clone, Debug)]
struct Held<F> {
    frames: Vec<F>,
    overflowed: bool,
}

impl<F: Span> Cursor<F> {
    /// A new subscription, and what to ask for.
    #[must_use]
    pub fn subscribe(after: Option<Seq>) -> (Self, Output<F>) {
        let asking = Some(Held { frames: Vec::new(), overflowed: false });
        (Self { seq: after.unwrap_or(0), asking }, Output::Ask { after })
    }

    /// The last seq that was sent.
    #[must_use]
    pub fn seq(&self) -> Seq {
        self.seq
    }

    #[must_use]
    pub fn is_asking(&self) -> bool {
        self.asking.is_some()
    }

    /// The frame does not follow on what was sent, and nobody has asked for what lies between.
    #[must_use]
    pub fn misses_something_before(&self, frame: &F) -> bool {
        self.asking.is_none() && frame.first() > self.seq + 1
    }

    /// A frame came from the hub.
    pub fn on_frame(&mut self, frame: F) -> Option<Output<F>> {
        if let Some(held) = &mut self.asking {
            held.push(frame);
            return None;
        }
        if frame.last() <= self.seq {
            return None;
        }
        if frame.first() == self.seq + 1 {
            self.seq = frame.last();
            return Some(Output::Send(frame));
        }
        Some(self.ask_again(Some(frame)))
    }

    /// The run answered; what it sent reaches up to `seq` and goes out before these outputs.
    pub fn on_caught_up(&mut self, seq: Seq) -> Vec<Output<F>> {
        let Some(held) = self.asking.take() else { return Vec::new() };
        self.seq = seq;
        if held.overflowed {
            return vec![self.ask_again(None)];
        }
        let mut outputs = Vec::with_capacity(held.frames.len());
        for frame in held.frames {
            outputs.extend(self.on_frame(frame));
        }
        outputs
    }

    /// The hub could not hand over something: ask, in case nothing else comes.
    pub fn on_nudge(&mut self) -> Option<Output<F>> {
        self.asking.is_none().then(|| self.ask_again(None))
    }

    fn ask_again(&mut self, frame: Option<F>) -> Output<F> {
        self.asking = Some(Held { frames: frame.into_iter().collect(), overflowed: false });
        Output::Ask { after: Some(self.seq) }
    }
}

impl<F> Held<F> {
    fn push(&mut self, frame: F) {
        if self.frames.len() < HELD {
            self.frames.push(frame);
        } else {
            self.overflowed = true;
            self.frames.clear();
        }
    }
}
