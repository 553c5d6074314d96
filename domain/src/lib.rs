//! The rules of a run, and nothing else.
//!
//! ```text
//! Command ──decide──▶ Vec<Event> ──apply──▶ Run
//!            └──────▶ Rejection
//! ```
//!
//! | file | what it holds |
//! |---|---|
//! | [`quantity`], [`money`], [`ids`] | the values everything is counted in |
//! | [`command`], [`event`], [`rejection`] | what is asked, what happened, why not |
//! | [`state`], [`guard`] | the states of a run, and who may do what in each |
//! | [`plan`] | what the run would buy right now |
//! | [`shortage`], [`apportion`], [`settlement`] | who gets how much of too little, who owes what for it, who pays whom |
//! | [`run`] | the aggregate: `decide` is a table of contents, its arms live in the phases' files |
//!
//! This crate does no IO, reads no clock, uses no randomness and no floating point. Time, identity and
//! catalogue facts come in with the command. `apply` cannot fail, and replaying a log gives the live state.

pub mod apportion;
pub mod command;
pub mod event;
pub mod guard;
pub mod ids;
pub mod money;
pub mod plan;
pub mod quantity;
pub mod rejection;
pub mod run;
pub mod settlement;
pub mod shortage;
pub mod state;
pub mod text;

pub use command::{Command, CommandKind, Context, NewRun};
pub use event::{Event, Recorded};
pub use guard::Role;
pub use ids::{CommandId, GroupId, ProductId, RunId, Seq, StoreId, UserId};
pub use money::{Currency, Money};
pub use plan::Plan;
pub use quantity::{Quantity, Total};
pub use rejection::{Code, Rejection};
pub use run::{Bid, Line, Participant, Product, Run};
pub use settlement::Transfer;
pub use shortage::ShortagePolicy;
pub use state::State;
pub use text::{Comment, Label, Reason};

/// Points in time are UTC with microseconds: the finest both databases keep.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
