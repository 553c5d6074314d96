//! Everything that is alive: runs, the sockets watching them, and the way to the database.
//!
//! ```text
//!  socket ─▶ Session ─┐                                  ┌─▶ Hub (one per worker thread) ─▶ Sessions
//!                     ├─▶ Directory ─▶ Run ─▶ Persistence ┤
//!  HTTP ─▶ Live ──────┘                 ◀── committed ────┘
//! ```
//!
//! | file | what it holds |
//! |---|---|
//! | [`live`] | the handle the edge holds: start, command, read, drain |
//! | [`directory`] | which runs are in memory |
//! | `homes` | on which thread a run lives |
//! | [`run`] | one run: decides at once, shows nothing before it is durable |
//! | [`batcher`], [`persistence`] | natural group commit: whatever came during a commit is the next batch |
//! | [`cursor`], [`session`] | one socket: what it has seen, what it still has to see |
//! | [`roster`], [`hub`] | who listens to what on one worker thread |
//! | [`logins`] | logins that ended, and how many sockets somebody has open |
//! | [`pacing`] | how often a crowded room is written to |
//! | [`outbox`] | telling live runs who joined and left |
//! | [`gatekeeper`] | what a session asks the edge |
//! | [`reading`], [`writer`] | the two halves of a socket: bytes to messages, frames to bytes |
//! | [`transport`] | the socket under a session |
//!
//! The only crate that knows actix. [`batcher::Batcher`], [`cursor::Cursor`] and [`pacing::Pacer`] are plain state machines; the
//! actors around them only translate messages. No queue here is without a bound; where a mailbox can be full,
//! the policy stands beside the send.

pub mod batcher;
pub mod budget;
pub mod cursor;
pub mod deadlines;
pub mod directory;
pub mod gatekeeper;
mod homes;
pub mod hub;
pub mod live;
pub mod logins;
pub mod outbox;
pub mod pacing;
pub mod persistence;
pub mod reading;
pub mod roster;
pub mod run;
pub mod session;
pub mod transport;
pub mod writer;

pub use gatekeeper::{BoxFuture, GateError, Gatekeeper, Who};
pub use hub::HubHandle;
pub use live::{Answer, Clock, Live, LiveConfig, LiveStats, Refusal, Viewed};
pub use session::upgrade;
