//! The Rust SDK of Bulq: HTTP, and a live run that heals itself.
//!
//! ```no_run
//! # async fn demo() -> Result<(), bulq_client::ClientError> {
//! use bulq_client::{Client, LiveRun, commands};
//!
//! let client = Client::new("http://127.0.0.1:8080")?;
//! client.login("anna", "bulq-demo").await?;
//! let group = &client.groups(&Default::default()).await?.items[0];
//! let run = &client.runs_of(group.id, None, &Default::default()).await?.items[0];
//!
//! let live = LiveRun::open(&client, run.id).await?;
//! let rice = live.view().products[0].product_id;
//! live.command_until_known(commands::bid(rice, "2.5".parse().expect("a quantity"))).await;
//! let view = live.wait_for(|view| view.seq > run.seq).await?;
//! # let _ = view; Ok(()) }
//! ```
//!
//! | file | what it holds |
//! |---|---|
//! | [`http`] | [`Client`]: address, login, and how a request becomes an answer |
//! | `api/` | the routes, one file per area, as methods of [`Client`] |
//! | [`commands`], [`outcome`] | what can be asked of a run, where it goes over HTTP, and the three things a client learns |
//! | [`socket`] | [`LiveSocket`]: one live connection, frame by frame |
//! | [`resume`], [`pending`] | what to subscribe to and what was answered, as state machines without IO |
//! | [`live`] | [`LiveRun`]: a run on a screen; connects, folds, reconnects, resumes |
//!
//! A command is committed, rejected or unknown; nothing else. Unknown is asked again with the same id.
//! No queue in here is unbounded, and nothing polls. Addresses are `http://`: TLS is for the proxy in front.

mod api;
pub mod backoff;
pub mod commands;
pub mod error;
pub mod http;
pub mod live;
pub mod outcome;
pub mod pending;
pub mod resume;
pub mod socket;

pub use api::{ExportFormat, Page};
pub use error::ClientError;
pub use http::{Client, RawResponse};
pub use live::{Heard, LiveRun, Status};
pub use outcome::{Outcome, Refused};
pub use socket::LiveSocket;

pub use bulq_domain as domain;
pub use bulq_protocol as protocol;
