//! The edge of Bulq: server, HTTP, identity, configuration. `Server::build` is the place to start reading.
//!
//! | file | what it holds |
//! |---|---|
//! | [`server`] | the composition root: build, run, drain |
//! | [`config`], [`cli`] | what the server is told |
//! | [`http`] | the routes, one file per resource |
//! | [`contents`] | contents of files, by their hash |
//! | [`edge`] | from an identity to what a command needs |
//! | [`security`] | passwords, tokens, sessions, origins |
//! | [`openapi`], [`asyncapi`] | what describes the server to others |
//! | [`telemetry`] | logs and figures |
//! | [`demo`] | a believable world to look at |
//! | [`maintenance`] | migrate and verify |

mod assortment;
pub mod asyncapi;
mod catalogue;
pub mod cli;
pub mod clock;
pub mod config;
pub mod contents;
pub mod demo;
pub mod edge;
pub mod files;
#[cfg(test)]
mod golden;
pub mod http;
pub mod maintenance;
pub mod openapi;
pub mod say;
pub mod security;
pub mod server;
pub mod telemetry;

pub use config::Settings;
pub use server::Server;
