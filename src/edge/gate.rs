//! The edge as live sessions see it.

use super::{Edge, context, fault};
use bulq_actors::{BoxFuture, GateError, Gatekeeper, Who};
use bulq_domain::{Command, CommandId, Context, GroupId, RunId, State};
use bulq_protocol::live::{GroupSnapshot, UserSnapshot};
use bulq_storage::{Page, groups, runs};

impl Gatekeeper for Edge {
    fn admit<'a>(&'a self, who: &'a Who, run: RunId) -> BoxFuture<'a, Result<(), GateError>> {
        Box::pin(Self::admit(self, who, run))
    }

    fn admit_group<'a>(&'a self, who: &'a Who, group: GroupId) -> BoxFuture<'a, Result<(), GateError>> {
        Box::pin(async move { self.member(who, group).await.map(drop) })
    }

    fn context_now(
        &self,
        who: &Who,
        run: RunId,
        command: &Command,
        command_id: Option<CommandId>,
    ) -> Option<Result<Context, GateError>> {
        let known = &self.0.known;
        let group = known.group_now(run)?;
        // Somebody who is not a member is told why on the slow way.
        known.role_now(group, who.user)??;
        let (product, person) = command.names();
        let product = match product {
            Some(product) => Some(known.product_now(known.store_now(run)?, product)?),
            None => None,
        };
        let person = match person {
            Some(user) => known.person_now(group, user)?,
            None => None,
        };
        Some(Ok(context(who, command_id, product, person)))
    }

    fn context<'a>(
        &'a self,
        who: &'a Who,
        run: RunId,
        command: &'a Command,
        command_id: Option<CommandId>,
    ) -> BoxFuture<'a, Result<Context, GateError>> {
        Box::pin(self.context_of(who, run, command, command_id))
    }

    fn group_snapshot<'a>(
        &'a self,
        who: &'a Who,
        group: GroupId,
    ) -> BoxFuture<'a, Result<String, GateError>> {
        Box::pin(async move {
            self.member(who, group).await?;
            let snapshot = self.snapshot_of_group(group).await?;
            Ok(serde_json::to_string(&snapshot).expect("a snapshot is plain data"))
        })
    }

    fn user_snapshot<'a>(&'a self, _who: &'a Who) -> BoxFuture<'a, Result<String, GateError>> {
        // Notifications are stored with their events; counting them comes with their lists.
        let snapshot = serde_json::to_string(&UserSnapshot { unread: 0 }).expect("a snapshot is plain data");
        Box::pin(std::future::ready(Ok(snapshot)))
    }
}

impl Edge {
    async fn snapshot_of_group(&self, group: GroupId) -> Result<GroupSnapshot, GateError> {
        let members = groups::member_count(self.db(), group.0).await.map_err(fault)?;
        let mut live = Vec::new();
        for state in State::ALL.into_iter().filter(|state| state.is_live()) {
            let page = Page::first(Page::MAX);
            let rows = runs::runs_of_group(self.db(), group.0, Some(state), &page).await.map_err(fault)?;
            live.extend(rows.items.into_iter().map(crate::http::runs::summary));
        }
        Ok(GroupSnapshot { group_id: group, members: u64::try_from(members).unwrap_or(0), runs: live })
    }
}
