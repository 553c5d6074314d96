//! The real server, over real sockets, on both databases: one story per file.
//!
//! Every story starts the `bulq` binary on a free port with a database of its own. When a story ends, the server is
//! stopped and `bulq verify` replays every log.

#![expect(clippy::unwrap_used, reason = "a test states what it expects")]

mod support;

mod admin;
mod all_goes_well;
mod authority;
mod away_and_back;
mod cancelling;
mod catalogue;
mod chaos;
mod command_ids;
mod database_faults;
mod deadline;
mod everybody_bids_at_once;
mod exporting;
mod families_and_prices;
mod groups;
mod handover;
mod inputs_at_the_limit;
mod kills;
mod leaving;
mod leaving_in_every_state;
mod lists;
mod not_all_found;
mod notifications;
mod packs_and_gaps;
mod planning;
mod races;
mod removed_member;
mod settling_up;
mod shortages;
mod slow_readers;
mod starting_up;
mod strangers;
mod surpluses;
mod thread;
mod two_shoppers;
