//! Creating a run: what its first event needs to know.

use super::{Edge, context};
use crate::http::problem::Failure;
use bulq_actors::{Answer, Who};
use bulq_domain::{CommandId, GroupId, NewRun, RunId};
use bulq_protocol::run::CreateRun;
use bulq_storage::{catalogue, groups, runs};
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

/// Runs of one group are created one after the other, so that its limit holds. Groups share a few turns. Between
/// several servers on one database the limit may be passed by one run each.
#[derive(Default)]
pub(super) struct NewRuns([Mutex<()>; 32]);

impl NewRuns {
    async fn turn(&self, group: GroupId) -> MutexGuard<'_, ()> {
        let stripe = usize::from(group.0.as_bytes()[15]) % self.0.len();
        self.0[stripe].lock().await
    }
}

impl Edge {
    /// Any member of the group may; whoever does leads the run.
    ///
    /// # Errors
    /// A [`Failure`] naming what is unknown or full.
    pub async fn create_run(
        &self,
        who: &Who,
        group: GroupId,
        new: CreateRun,
        command_id: Option<CommandId>,
    ) -> Result<Answer, Failure> {
        self.member(who, group).await?;
        let (edge, who) = (self.clone(), who.clone());
        // In a task of its own: a caller who hangs up must not let the next one in while this one is under way.
        let creating = tokio::spawn(async move { edge.create_alone(&who, group, new, command_id).await });
        creating.await.map_err(|error| Failure::fault(&error))?
    }

    async fn create_alone(
        &self,
        who: &Who,
        group: GroupId,
        new: CreateRun,
        command_id: Option<CommandId>,
    ) -> Result<Answer, Failure> {
        let _turn = self.0.new_runs.turn(group).await;
        let run = run_id(who, group, command_id);
        let asked_before = runs::group_of_run(self.db(), run.0).await?.is_some();
        if !asked_before {
            self.room_for_another(group).await?;
        }
        let new = self.facts(group, new).await?;
        let context = context(who, command_id, None, None);
        Ok(self.live().create_run(run, new, context).await?)
    }

    async fn room_for_another(&self, group: GroupId) -> Result<(), Failure> {
        let limit = self.limits().live_runs_per_group;
        if runs::live_run_count(self.db(), group.0).await? < i64::from(limit) {
            return Ok(());
        }
        let detail = format!("a group has at most {limit} live runs: complete or cancel one first");
        Err(Failure::conflict("TOO_MANY_RUNS", detail))
    }

    async fn facts(&self, group: GroupId, new: CreateRun) -> Result<NewRun, Failure> {
        let found = groups::group(self.db(), group.0).await?.ok_or_else(|| Failure::not_found("group"))?;
        if found.disabled_at.is_some() {
            let detail = "an admin of the server has disabled this group: it begins no runs";
            return Err(Failure::conflict("GROUP_DISABLED", detail.to_owned()));
        }
        let Some(store) = catalogue::store(self.db(), new.store_id.0).await?.filter(is_there) else {
            return Err(Failure::field("store_id", "NOT_FOUND", "there is no such store"));
        };
        let currency = found.currency.parse().map_err(|error| Failure::fault(&error))?;
        Ok(NewRun {
            group_id: group,
            store_id: new.store_id,
            store_name: store.name.into(),
            currency,
            comment: new.comment,
            planned_on: new.planned_on,
            bidding_deadline: new.bidding_deadline,
            auto_confirm: new.auto_confirm,
            shortage_policy: found.shortage_policy.parse().map_err(|error: String| Failure::fault(&error))?,
            costs: serde_json::from_str(&found.default_costs).map_err(|error| Failure::fault(&error))?,
        })
    }
}

/// One that was merged into another, or is disabled, stays for the runs of before.
const fn is_there(store: &catalogue::Store) -> bool {
    store.merged_into.is_none() && store.disabled_at.is_none()
}

/// With a command id the run's id follows from it: asking twice cannot make two runs.
fn run_id(who: &Who, group: GroupId, command_id: Option<CommandId>) -> RunId {
    let Some(CommandId(key)) = command_id else { return RunId(Uuid::now_v7()) };
    let parts = [who.user.0, group.0, key];
    let digest = parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part.as_bytes())).finalize();
    let bytes = digest.first_chunk::<16>().copied().unwrap_or_default();
    RunId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}
