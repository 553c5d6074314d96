//! What a thread's hub and a session both touch: where the socket stands in its runs, and its writer. So a frame goes
//! from the hub to the socket without a message in between.

use crate::cursor::{Cursor, Output};
use crate::writer::Writer;
use bulq_domain::RunId;
use bulq_protocol::wire::Frame;
use bytes::Bytes;
use std::cell::RefCell;
use std::rc::Rc;

pub(crate) struct Screen {
    pub(crate) writer: Rc<Writer>,
    pub(super) runs: RefCell<Vec<Subscription>>,
}

pub(super) struct Subscription {
    pub(super) run: RunId,
    pub(super) cursor: Cursor<Frame>,
    /// The question that is open: an answer to an older one is for nobody.
    pub(super) token: u64,
    /// The client's id of the subscribe frame, until it is answered.
    pub(super) unanswered: Option<u64>,
}

/// What came of handing a frame to a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Handed {
    /// Written, held until the screen is level, or known already.
    Over,
    /// Something before it is missing: the session has to ask for it.
    Gap,
    /// The client does not read.
    Full,
}

impl Screen {
    pub(super) fn new(writer: Rc<Writer>) -> Self {
        Self { writer, runs: RefCell::default() }
    }

    /// `bytes`: the frame as it goes over the wire.
    pub(crate) fn hand(&self, frame: &Frame, bytes: &Bytes) -> Handed {
        if self.writer.is_full() {
            return Handed::Full;
        }
        let mut runs = self.runs.borrow_mut();
        let Some(subscription) = runs.iter_mut().find(|s| s.run == frame.run()) else { return Handed::Over };
        if subscription.cursor.misses_something_before(frame) {
            return Handed::Gap;
        }
        if let Some(Output::Send(_)) = subscription.cursor.on_frame(frame.clone()) {
            self.writer.push(bytes.clone());
        }
        Handed::Over
    }
}
