//! Tests of the rules, in one program: that links once.
#![expect(clippy::unwrap_used, reason = "a test states what it expects")]

mod cast;
mod corners;
mod lives;
mod properties;
mod walkthroughs;
mod world;
