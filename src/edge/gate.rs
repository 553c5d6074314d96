//! The edge as live sessions see it.

use super::{Edge, context, fault};
use crate::security::limits::{Act, TooOften};
use bulq_actors::{BoxFuture, GateError, Gatekeeper, Who};
use bulq_domain::{Command, CommandId, Context, GroupId, RunId, State};
use bulq_protocol::live::{GroupSnapshot, UserSnapshot};
use bulq_storage::{Page, groups, notifications, runs};

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
        let counted = self.0.counts.person_now(Act::of(command), who.user)?;
        Some(counted.map(|()| context(who, command_id, product, person)).map_err(too_often))
    }

    fn context<'a>(
        &'a self,
        who: &'a Who,
        run: RunId,
        command: &'a Command,
        command_id: Option<CommandId>,
    ) -> BoxFuture<'a, Result<Context, GateError>> {
        Box::pin(async move {
            self.0.counts.person(Act::of(command), who.user).await.map_err(too_often)?;
            self.context_of(who, run, command, command_id).await
        })
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

    fn user_snapshot<'a>(&'a self, who: &'a Who) -> BoxFuture<'a, Result<String, GateError>> {
        Box::pin(async move {
            let unread = notifications::unread_count(self.db(), who.user.0).await.map_err(fault)?;
            let snapshot = UserSnapshot { unread: unread.unsigned_abs() };
            Ok(serde_json::to_string(&snapshot).expect("a snapshot is plain data"))
        })
    }
}

const fn too_often(TooOften { retry_after_ms }: TooOften) -> GateError {
    GateError::TooOften { retry_after_ms }
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
