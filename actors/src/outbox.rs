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
use std::collections::HashSet;
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
        let mut round = Round::default();
        for row in outbox::pending(self.live.db(), ROWS).await? {
            if !round.may_tell(&row) {
                continue;
            }
            if self.deliver(&row).await? {
                outbox::done(self.live.db(), row.id).await?;
            } else {
                outbox::failed(self.live.db(), row.id).await?;
                round.hold_back(&row);
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

/// One pass over the waiting rows. What is said of somebody is told in the order in which it happened: who left and came
/// back would stay outside for good if a run that was busy heard of the leaving last.
#[derive(Default)]
struct Round {
    held_back: HashSet<(Uuid, Uuid)>,
}

impl Round {
    fn may_tell(&self, row: &Pending) -> bool {
        !self.held_back.contains(&whose(row))
    }

    fn hold_back(&mut self, row: &Pending) {
        self.held_back.insert(whose(row));
    }
}

fn whose(row: &Pending) -> (Uuid, Uuid) {
    (row.message.group_id, row.message.user_id)
}

/// The same for the same row and run, different for any other.
fn command_id(row: Uuid, run: Uuid) -> CommandId {
    CommandId(Uuid::from_u128(row.as_u128() ^ run.as_u128()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(group: u128, user: u128, change: Change) -> Pending {
        let (group_id, user_id) = (Uuid::from_u128(group), Uuid::from_u128(user));
        let message = MembershipChanged { group_id, user_id, name: "Ana".to_owned(), change };
        Pending { id: Uuid::now_v7(), message, created_at: 0, attempts: 0 }
    }

    #[test]
    fn coming_back_waits_for_the_leaving_that_could_not_be_told() {
        let mut round = Round::default();
        round.hold_back(&row(1, 1, Change::Left));
        assert!(!round.may_tell(&row(1, 1, Change::Returned)));
        assert!(round.may_tell(&row(1, 2, Change::Returned)), "somebody else");
        assert!(round.may_tell(&row(2, 1, Change::Returned)), "in another group");
    }
}
