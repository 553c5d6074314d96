//! Creating a run: what its first event needs to know.

use super::{Edge, context};
use crate::http::problem::Failure;
use bulq_actors::{Answer, Who};
use bulq_domain::{CommandId, GroupId, NewRun, RunId};
use bulq_protocol::run::CreateRun;
use bulq_storage::{catalogue, groups, runs};
use sha2::{Digest, Sha256};
use uuid::Uuid;

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
        let run = run_id(who, group, command_id);
        let new = self.facts(group, new).await?;
        let context = context(who, command_id, None, None);
        Ok(self.live().create_run(run, new, context).await?)
    }

    async fn facts(&self, group: GroupId, new: CreateRun) -> Result<NewRun, Failure> {
        let limit = self.limits().live_runs_per_group;
        if runs::live_run_count(self.db(), group.0).await? >= i64::from(limit) {
            let detail = format!("a group has at most {limit} live runs: complete or cancel one first");
            return Err(Failure::conflict("TOO_MANY_RUNS", detail));
        }
        let found = groups::group(self.db(), group.0).await?.ok_or_else(|| Failure::not_found("group"))?;
        let Some(store) = catalogue::store(self.db(), new.store_id.0).await? else {
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
        })
    }
}

/// With a command id the run's id follows from it: asking twice cannot make two runs.
fn run_id(who: &Who, group: GroupId, command_id: Option<CommandId>) -> RunId {
    let Some(CommandId(key)) = command_id else { return RunId(Uuid::now_v7()) };
    let parts = [who.user.0, group.0, key];
    let digest = parts.iter().fold(Sha256::new(), |hash, part| hash.chain_update(part.as_bytes())).finalize();
    let bytes = digest.first_chunk::<16>().copied().unwrap_or_default();
    RunId(uuid::Builder::from_custom_bytes(bytes).into_uuid())
}
