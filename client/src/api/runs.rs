//! Runs: create, look, ask.

use super::{Page, paged};
use crate::backoff::Backoff;
use crate::commands::{self, Route};
use crate::{Client, ClientError, Outcome, RawResponse};
use bulq_domain::{Command, CommandId, GroupId, RunId, Seq, State};
use bulq_protocol::RunView;
use bulq_protocol::list::Listing;
use bulq_protocol::run::{Committed, CreateRun, RunSummary};
use bulq_protocol::view::PlanView;
use bulq_protocol::wire::EventEnvelope;
use reqwest::Method;

impl Client {
    /// Whoever creates a run leads it. The answer has the run's id and its first events.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn create_run(&self, group: GroupId, run: &CreateRun) -> Result<Committed, ClientError> {
        self.send(Method::POST, &format!("/groups/{group}/runs"), run).await
    }

    /// The runs of a group, in one state if given.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn runs_of(
        &self,
        group: GroupId,
        state: Option<State>,
        page: &Page,
    ) -> Result<Listing<RunSummary>, ClientError> {
        let state = state.map(State::as_str);
        self.get(&paged(&format!("/groups/{group}/runs"), page, &[("state", state)])).await
    }

    /// # Errors
    /// See [`ClientError`].
    pub async fn run(&self, run: RunId) -> Result<RunView, ClientError> {
        self.get(&format!("/runs/{run}")).await
    }

    /// # Errors
    /// See [`ClientError`].
    pub async fn plan(&self, run: RunId) -> Result<PlanView, ClientError> {
        self.get(&format!("/runs/{run}/plan")).await
    }

    /// The log behind `after`, at most `limit` events.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn run_events(
        &self,
        run: RunId,
        after: Seq,
        limit: Option<u32>,
    ) -> Result<Listing<EventEnvelope>, ClientError> {
        let after = after.to_string();
        let page = Page { cursor: None, limit };
        self.get(&paged(&format!("/runs/{run}/events"), &page, &[("after", Some(&after))])).await
    }

    /// The whole log behind `after`, page by page.
    ///
    /// # Errors
    /// See [`ClientError`].
    pub async fn whole_log(&self, run: RunId, after: Seq) -> Result<Vec<EventEnvelope>, ClientError> {
        let mut log: Vec<EventEnvelope> = Vec::new();
        loop {
            let last = log.last().map_or(after, |event| event.seq);
            let page = self.run_events(run, last, Some(100)).await?;
            if page.items.is_empty() {
                return Ok(log);
            }
            log.extend(page.items);
        }
    }

    /// Asks something of a run, once, with a new id.
    pub async fn command(&self, run: RunId, command: &Command) -> Outcome {
        self.command_with_id(run, commands::new_id(), command).await
    }

    /// Asks something of a run, once, with this id.
    pub async fn command_with_id(&self, run: RunId, id: CommandId, command: &Command) -> Outcome {
        match self.command_raw(run, id, command).await {
            Ok(answer) => Outcome::of_response(&answer),
            Err(_) => Outcome::Unknown,
        }
    }

    /// Asks until the outcome is known, always with the same id.
    pub async fn command_until_known(&self, run: RunId, id: CommandId, command: &Command) -> Outcome {
        let mut backoff = Backoff::default();
        loop {
            match self.command_with_id(run, id, command).await {
                Outcome::Unknown => tokio::time::sleep(backoff.next_wait()).await,
                known => return known,
            }
        }
    }

    /// The answer to a command as it came.
    ///
    /// # Errors
    /// [`ClientError::Transport`] without an answer.
    pub async fn command_raw(
        &self,
        run: RunId,
        id: CommandId,
        command: &Command,
    ) -> Result<RawResponse, ClientError> {
        let Route { method, path, body } = commands::route(run, command);
        self.call_once(method, &path, body, id).await
    }
}
