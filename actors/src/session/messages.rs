//! What a session can be told.

use crate::live::Refusal;
use crate::run::Shown;
use actix::prelude::*;
use bulq_domain::{RunId, Seq};
use bulq_protocol::live::Topic;
use bytestring::ByteString;
use std::sync::Arc;

/// Ping the client. Comes from the hub: a timer in every session would cost each of its turns.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Beat;

/// Something of this run could not be handed over: look for it.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Nudge(pub RunId);

/// Send this text.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Say(pub ByteString);

/// Nothing of this topic comes any more.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Revoke(pub Topic);

/// Close the socket.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Shut {
    pub code: u16,
    pub reason: String,
}

/// What became of a command.
#[derive(Message)]
#[rtype(result = "()")]
pub struct Answered {
    pub id: u64,
    pub run: RunId,
    pub outcome: Result<Seq, Refusal>,
}

/// What a run says to [`CatchUp`].
#[derive(Message)]
#[rtype(result = "()")]
pub struct CaughtUp {
    pub run: RunId,
    /// That of the question.
    pub token: u64,
    pub missed: Result<Missed, Refusal>,
}

/// What a socket has missed.
pub enum Missed {
    /// Too much to send it event by event, or everything.
    Snapshot(Arc<Shown>),
    /// The missed events as a JSON array; the last one is `seq`.
    Events { seq: Seq, json: String },
}
