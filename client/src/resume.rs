//! What to subscribe to, and which events are new: the cursor of one run as a state machine without IO.
//!
//! ```text
//!            Online                    subscribed(id)
//!  Offline ─────────▶ Joining{id} ─────────────────────▶ Live
//!     ▲                  ▲  ▲                              │
//!     └──── Offline ─────┘  └── a gap, or `reset` ─────────┘        `revoked`, refused ──▶ Ended
//! ```
//!
//! Invariants, whatever arrives in whatever order: events come out strictly +1 after the last event or
//! snapshot; nothing comes out before the first snapshot; whoever has come behind asks again, and a server that
//! cannot close the gap is left.

use crate::outcome::BUSY;
use bulq_domain::{RunId, Seq};
use bulq_protocol::RunView;
use bulq_protocol::live::{ClientFrame, ServerFrame, Snapshot, Topic};
use bulq_protocol::wire::EventEnvelope;

/// After this many joins in a row that brought nothing, the cursor is dropped and a snapshot is asked for.
const JOINS_BEFORE_SNAPSHOT: u32 = 3;
/// After this many the connection is given up.
const JOINS_BEFORE_RECONNECT: u32 = 6;

/// What happened to the connection.
#[derive(Clone, Debug)]
pub enum Input {
    /// A new connection is open.
    Online,
    /// The connection is gone.
    Offline,
    /// A frame arrived; those that are not about this run change nothing.
    Frame(Box<ServerFrame>),
}

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
pub enum Output {
    /// Send this.
    Subscribe(ClientFrame),
    /// Begin anew from this.
    Snapshot(Box<RunView>),
    /// The next event: fold it.
    Event(Box<EventEnvelope>),
    /// Nothing of this run will come any more.
    Ended { reason: String },
    /// This connection makes no sense: drop it and open another one.
    Reconnect { reason: String },
}

/// The cursor. It numbers its subscriptions with even ids; odd ones are free for commands.
#[derive(Clone, Debug)]
pub struct Resume {
    topic: Topic,
    phase: Phase,
    /// The last seq that came out; none before the first snapshot and after a reset.
    seq: Option<Seq>,
    /// The highest seq that was heard of; above `seq` something is missing.
    heard: Seq,
    last_id: u64,
    fruitless: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Offline,
    Joining { id: u64 },
    Live,
    Ended,
}

impl Resume {
    #[must_use]
    pub fn new(run: RunId) -> Self {
        let topic = Topic::Run(run);
        Self { topic, phase: Phase::Offline, seq: None, heard: 0, last_id: 0, fruitless: 0 }
    }

    /// The last seq that came out.
    #[must_use]
    pub fn seq(&self) -> Option<Seq> {
        self.seq
    }

    /// Subscribed, and nothing known to be missing.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.phase == Phase::Live
    }

    /// A subscription waits for its answer.
    #[must_use]
    pub fn is_joining(&self) -> bool {
        matches!(self.phase, Phase::Joining { .. })
    }

    #[must_use]
    pub fn is_ended(&self) -> bool {
        self.phase == Phase::Ended
    }

    /// What follows from `input`, in this order.
    pub fn on(&mut self, input: Input) -> Vec<Output> {
        let mut out = Vec::new();
        match input {
            _ if self.phase == Phase::Ended => {}
            Input::Online => {
                self.fruitless = 0;
                self.join(&mut out);
            }
            Input::Offline => self.phase = Phase::Offline,
            Input::Frame(_) if self.phase == Phase::Offline => {}
            Input::Frame(frame) => self.on_frame(*frame, &mut out),
        }
        out
    }

    fn on_frame(&mut self, frame: ServerFrame, out: &mut Vec<Output>) {
        match frame {
            ServerFrame::Subscribed { id, seq, snapshot, events, .. }
                if self.phase == (Phase::Joining { id }) =>
            {
                self.on_subscribed(seq, snapshot, events.unwrap_or_default(), out);
            }
            ServerFrame::Events { topic, events } if topic == self.topic => self.on_events(events, out),
            ServerFrame::Reset { topic, .. } if topic == self.topic => {
                self.seq = None;
                self.heard = 0;
                self.join(out);
            }
            ServerFrame::Revoked { topic, reason } if topic == self.topic => self.end(reason, out),
            ServerFrame::Rejected { id, code, .. } if self.phase == (Phase::Joining { id }) => {
                match code.as_str() {
                    BUSY => self.leave("the server is too busy to subscribe", out),
                    _ => self.end(code, out),
                }
            }
            ServerFrame::Unknown { id, .. } if self.phase == (Phase::Joining { id }) => {
                self.leave("the server does not know yet", out);
            }
            _ => {}
        }
    }

    fn on_subscribed(
        &mut self,
        seq: Seq,
        snapshot: Option<Snapshot>,
        missed: Vec<EventEnvelope>,
        out: &mut Vec<Output>,
    ) {
        self.phase = Phase::Live;
        match snapshot {
            Some(Snapshot::Run(view)) => {
                self.seq = Some(view.seq);
                self.fruitless = 0;
                out.push(Output::Snapshot(view));
            }
            Some(_) => return self.give_up("a snapshot of something else", out),
            None => {}
        }
        self.heard = self.heard.max(seq);
        missed.into_iter().for_each(|event| self.take(event, out));
        self.rejoin_if_behind(out);
    }

    fn on_events(&mut self, events: Vec<serde_json::Value>, out: &mut Vec<Output>) {
        for event in events {
            match serde_json::from_value(event) {
                Ok(event) => self.take(event, out),
                Err(e) => return self.give_up(&format!("an event that cannot be read: {e}"), out),
            }
        }
        if self.phase == Phase::Live {
            self.rejoin_if_behind(out);
        }
    }

    /// The one place where events come out: the next one does, an old one does not, a later one leaves a gap.
    fn take(&mut self, event: EventEnvelope, out: &mut Vec<Output>) {
        self.heard = self.heard.max(event.seq);
        if self.seq.is_some_and(|seq| event.seq == seq + 1) {
            self.seq = Some(event.seq);
            self.fruitless = 0;
            out.push(Output::Event(Box::new(event)));
        }
    }

    fn rejoin_if_behind(&mut self, out: &mut Vec<Output>) {
        if self.seq.is_none_or(|seq| seq < self.heard) {
            self.join(out);
        }
    }

    fn join(&mut self, out: &mut Vec<Output>) {
        self.fruitless += 1;
        if self.fruitless > JOINS_BEFORE_RECONNECT {
            return self.give_up("the server leaves a gap", out);
        }
        if self.fruitless > JOINS_BEFORE_SNAPSHOT {
            self.seq = None;
            self.heard = 0;
        }
        self.last_id += 2;
        let id = self.last_id;
        self.phase = Phase::Joining { id };
        out.push(Output::Subscribe(ClientFrame::Subscribe { id, topic: self.topic, after: self.seq }));
    }

    fn end(&mut self, reason: String, out: &mut Vec<Output>) {
        self.phase = Phase::Ended;
        out.push(Output::Ended { reason });
    }

    /// The next connection begins with a snapshot: whatever confused this one is left behind.
    fn give_up(&mut self, reason: &str, out: &mut Vec<Output>) {
        self.seq = None;
        self.heard = 0;
        self.leave(reason, out);
    }

    fn leave(&mut self, reason: &str, out: &mut Vec<Output>) {
        self.phase = Phase::Offline;
        out.push(Output::Reconnect { reason: reason.to_owned() });
    }
}
