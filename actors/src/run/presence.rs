//! Who has the run open now.

use super::messages::Viewers;
use bulq_domain::{RunId, UserId};
use bulq_protocol::live::{self, ServerFrame, Topic};
use bytestring::ByteString;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// At most one presence frame in this time.
pub(super) const PACE: Duration = Duration::from_secs(1);

#[derive(Default)]
pub(super) struct Presence {
    by_hub: BTreeMap<usize, BTreeSet<UserId>>,
    due: bool,
}

impl Presence {
    /// Returns whether a frame has to be sent after [`PACE`]; false while one is due already.
    pub(super) fn set(&mut self, viewers: Viewers) -> bool {
        let Viewers { hub, users, stirred } = viewers;
        let before =
            if users.is_empty() { self.by_hub.remove(&hub) } else { self.by_hub.insert(hub, users.clone()) };
        let changed = before.unwrap_or_default() != users;
        if self.due || !(stirred || changed) {
            return false;
        }
        self.due = true;
        true
    }

    pub(super) fn frame(&mut self, run: RunId) -> ByteString {
        self.due = false;
        let viewers: BTreeSet<UserId> = self.by_hub.values().flatten().copied().collect();
        let viewers = viewers.into_iter().collect();
        live::json(&ServerFrame::Presence { topic: Topic::Run(run), viewers }).into()
    }
}
