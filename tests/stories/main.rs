//! The real server, over real sockets, on both databases: one story per file.
//!
//! Every story starts the `bulq` binary on a free port with a database of its own. When a story ends, the server is
//! stopped and `bulq verify` replays every log.

#![expect(clippy::unwrap_used, reason = "a test states what it expects")]

mod support;

mod away_and_back;
mod cancelling;
mod command_ids;
mod database_faults;
mod everybody_bids_at_once;
mod inputs_at_the_limit;
mod kills;
mod leaving;
mod packs_and_gaps;
mod planning_goes_well;
mod removed_member;
mod slow_readers;
mod starting_up;
mod strangers;
