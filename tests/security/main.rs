//! Who may come in, how far, and what must never get out: the real server over real sockets, on both databases.

#![expect(clippy::unwrap_used, reason = "a test states what it expects")]

#[expect(dead_code, unused_imports, reason = "shared with the stories, which need all of it")]
#[path = "../stories/support/mod.rs"]
mod support;

mod accounts;
mod browsers;
mod ended_logins;
mod erasure;
mod frames;
mod ids;
mod injection;
mod json;
mod leaks;
mod limits;
mod numbers;
mod passwords;
mod production;
mod redis;
mod requests;
mod revoked;
mod tickets;
mod tokens;
