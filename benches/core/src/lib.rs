//! What the core costs: timed with criterion (`benches/core.rs`), and counted in instructions and allocations
//! (`bulq-counts`), which come out the same every time.
//!
//! | file | what it holds |
//! |---|---|
//! | [`stage`] | runs of a given size, before and after shopping |
//! | [`paths`] | what is measured: from a frame that comes in to the frames that go out |
//! | [`counting`] | instructions under callgrind, allocations in this process |
//! | [`baseline`] | what it came to when it was last looked at, and what grew since |
//!
//! The machines between a run and its screens are compiled from their own files: the crate they live in brings a web
//! server and two databases along, and an optimised build of those takes minutes.

pub mod baseline;
pub mod counting;
pub mod paths;
pub mod stage;

#[path = "../../../actors/src/batcher.rs"]
pub mod batcher;
#[path = "../../../actors/src/cursor.rs"]
pub mod cursor;
#[path = "../../../actors/src/pacing.rs"]
pub mod pacing;
