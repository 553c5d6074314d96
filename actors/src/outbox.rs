//! Telling live runs who joined and left. A row stays in the outbox until every live run of the group has taken
//! it in; a run takes the same row in once, however often it is told.

use crate::live::{Live, Refusal};
use crate::run::Membership;
use actix::ArbiterHandle;
use bulq_domain::event::Departure;
use bulq_domain::{CommandId, GroupId, RunId, UserId};
use bulq_protocol::live::GroupEvent;
use bulq_storage::outbox::{self, Change, MembershipChanged, Pending};
use bulq_storage::{StorageError, runs};
use std::time::Duration;
use uuid::Uuid;

/// Rows written by a crashed server, or left over after a failure, are found within this time.
const LOOK_EVERY: Duration = Duration::from_secs(5);
const ROWS: i64 = 100;

pub(crate) struct Outbox {
    live: Live,
}

impl Outbox {
    pub(crate) fn new(live: Live) -> Self {
        Self { live }
    }

    pub(crate) fn start_on(self, arbiter: &ArbiterHandle) {
        arbiter.spawn(self.run());
    }

    async fn run(self) {
        while !self.live.is_draining() {
            if let Err(error) = self.deliver_all().await {
                tracing::warn!(%error, "the outbox could not be worked off; it is tried again");
            }
            let _ = tokio::time::timeout(LOOK_EVERY, self.live.outbox_nudged()).await;
        }
    }

    async fn deliver_all(&self) -> Result<(), StorageError> {
        for row in outbox::pending(self.live.db(), ROWS).await? {
            if self.deliver(&row).await? {
                outbox::done(self.live.db(), row.id).await?;
            }
        }
        Ok(())
    }

    /// Returns whether every run has taken it in.
    async fn deliver(&self, row: &Pending) -> Result<bool, StorageError> {
        let MembershipChanged { group_id, user_id, change, .. } = &row.message;
        let (group, user) = (GroupId(*group_id), UserId(*user_id));
        let (change, event) = match change {
            Change::Left => (Membership::Gone(Departure::Left), GroupEvent::MemberLeft { user_id: user }),
            Change::Removed => {
                (Membership::Gone(Departure::Removed), GroupEvent::MemberLeft { user_id: user })
            }
            Change::Returned => (Membership::Back, GroupEvent::MemberJoined { user_id: user }),
        };
        if matches!(change, Membership::Gone(_)) {
            self.live.shut_out_of_group(group, user);
        }
        let mut all = true;
        for run in runs::live_run_ids_of_group(self.live.db(), *group_id).await? {
            let answer = self.live.membership(RunId(run), user, change, command_id(row.id, run)).await;
            if let Err(refusal @ (Refusal::Busy { .. } | Refusal::Unknown { .. })) = answer {
                tracing::warn!(run.id = %run, ?refusal, "a run could not be told of a change of membership yet");
                all = false;
            }
        }
        self.live.publish_group(group, &event);
        Ok(all)
    }
}

/// The same for the same row and run, different for any other.
fn command_id(row: Uuid, run: Uuid) -> CommandId {
    CommandId(Uuid::from_u128(row.as_u128() ^ run.as_u128()))
}
