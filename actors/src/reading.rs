//! The reading half of a socket: what of its bytes is a message, and what ends the connection. What the messages say is
//! not known here.
//!
//! actix decodes frames, but looks at one only when all of it is there, at a text only when it is whole, and puts no
//! bound on what it waits for. [`Guard`] looks at the bytes before that.

mod guard;

pub use guard::Guard;

use actix_http::ws::Item;
use actix_web_actors::ws::{Message, ProtocolError};
use bytes::Bytes;
use bytestring::ByteString;
use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;
use tokio::time::Instant;

/// The largest message a client may send.
pub const MESSAGE_BYTES: usize = 64 * 1024;
/// A close frame takes 123 bytes of reason.
const REASON_BYTES: usize = 120;

/// What came of a frame.
#[derive(Debug)]
pub enum Heard {
    Text(ByteString),
    Binary(Bytes),
    /// To be answered with the same bytes.
    Ping(Bytes),
    /// For nobody: a pong, a part of a message.
    Nothing,
    /// To be answered with the same code.
    Goodbye(Option<u16>),
    Broken(Broken),
}

/// Why a connection cannot go on, for its close frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    pub code: u16,
    pub reason: String,
}

/// What of the bytes no decoder has to look at any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    TooBig,
    LongControl,
    NotUtf8,
}

/// What the two ends of a reading tell each other.
#[derive(Debug, Default)]
struct Notes {
    fault: Cell<Option<Fault>>,
    /// Frames that were handed on and not heard yet.
    unheard: Cell<usize>,
    /// Nothing more is read before.
    paused_until: Cell<Option<Instant>>,
}

/// Puts messages together.
#[derive(Debug)]
pub struct Reading {
    notes: Rc<Notes>,
    /// A message that comes in parts.
    parts: Vec<u8>,
    is_text: bool,
}

impl Reading {
    /// Of the bytes that come over `stream`; the guard is what the decoder has to read from.
    pub fn new<S>(stream: S) -> (Guard<S>, Self) {
        let notes = Rc::<Notes>::default();
        (Guard::new(stream, notes.clone()), Self { notes, parts: Vec::new(), is_text: false })
    }

    /// What the client sends from now on waits in the kernel for so long, and when that is full, at the client. What was read
    /// already is heard.
    pub fn pause(&self, pause: Duration) {
        self.notes.paused_until.set(Some(Instant::now() + pause));
    }

    pub fn heard(&mut self, message: Result<Message, ProtocolError>) -> Heard {
        self.notes.unheard.update(|frames| frames.saturating_sub(1));
        match message {
            Ok(Message::Text(text)) => Heard::Text(text),
            Ok(Message::Binary(bytes)) => Heard::Binary(bytes),
            Ok(Message::Ping(bytes)) => Heard::Ping(bytes),
            Ok(Message::Pong(_) | Message::Nop) => Heard::Nothing,
            Ok(Message::Close(reason)) => Heard::Goodbye(reason.map(|reason| reason.code.into())),
            Ok(Message::Continuation(part)) => self.part(part),
            Err(error) => Heard::Broken(broken(1002, &error.to_string())),
        }
    }

    /// Why the bytes ended, if that was not the client's doing.
    #[must_use]
    pub fn fault(&self) -> Option<Broken> {
        Some(match self.notes.fault.get()? {
            Fault::TooBig => broken(1009, "a message holds at most 64 KiB"),
            Fault::LongControl => broken(1002, "a control frame holds at most 125 bytes"),
            Fault::NotUtf8 => broken(1007, "text is UTF-8"),
        })
    }

    fn part(&mut self, part: Item) -> Heard {
        let (bytes, is_last) = match part {
            Item::FirstText(bytes) => {
                self.is_text = true;
                (bytes, false)
            }
            Item::FirstBinary(bytes) => {
                self.is_text = false;
                (bytes, false)
            }
            Item::Continue(bytes) => (bytes, false),
            Item::Last(bytes) => (bytes, true),
        };
        self.parts.extend_from_slice(&bytes);
        if !is_last {
            return Heard::Nothing;
        }
        let whole = Bytes::from(std::mem::take(&mut self.parts));
        if !self.is_text {
            return Heard::Binary(whole);
        }
        match ByteString::try_from(whole) {
            Ok(text) => Heard::Text(text),
            Err(_) => Heard::Broken(broken(1007, "text is UTF-8")),
        }
    }
}

fn broken(code: u16, reason: &str) -> Broken {
    Broken { code, reason: short(reason) }
}

/// As much of a reason as a close frame takes.
#[must_use]
pub fn short(reason: &str) -> String {
    let fits = |(at, c): &(usize, char)| at + c.len_utf8() <= REASON_BYTES;
    reason.char_indices().take_while(fits).map(|(_, c)| c).collect()
}
