//! Everything one commit writes, as rows per table: each row at most once, whatever happened to it within the batch.

mod notices;

use super::{Change, CommandRow, CommitError};
use crate::projection::{Projection, RunColumns, hex_opt};
pub(super) use notices::Notices;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use uuid::Uuid;

#[derive(Default)]
pub(super) struct Batch {
    /// Runs that begin with this batch.
    pub(super) created: Vec<NewRun>,
    /// Runs that were there before.
    pub(super) advanced: Vec<Advance>,
    pub(super) events: Vec<LogRow>,
    pub(super) commands: Vec<AskedRow>,
    pub(super) projection: Projection,
    pub(super) turns: Vec<Turn>,
    pub(super) notices: Notices,
}

/// What a run's row must say before the batch; zeros for "no row".
#[derive(Clone, Copy, Debug)]
pub(super) struct Expectation {
    pub(super) run_id: Uuid,
    pub(super) epoch: i64,
    pub(super) seq: i64,
}

#[derive(Serialize)]
pub(super) struct NewRun {
    #[serde(with = "uuid::serde::simple")]
    pub(super) run_id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    pub(super) group_id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    pub(super) store_id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    pub(super) leader_id: Uuid,
    pub(super) state: &'static str,
    pub(super) seq: i64,
    pub(super) epoch: i64,
    pub(super) comment: Option<String>,
    pub(super) planned_on: Option<String>,
    pub(super) bidding_deadline_at: Option<i64>,
    pub(super) auto_confirm: bool,
    pub(super) shortage_policy: &'static str,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
}

/// None leaves a column; the `_set` flags tell "cleared" from "left".
#[derive(Serialize)]
pub(super) struct Advance {
    #[serde(with = "uuid::serde::simple")]
    pub(super) run_id: Uuid,
    pub(super) expected_epoch: i64,
    pub(super) expected_seq: i64,
    pub(super) epoch: i64,
    pub(super) seq: i64,
    pub(super) state: Option<&'static str>,
    #[serde(serialize_with = "hex_opt")]
    pub(super) leader_id: Option<Uuid>,
    pub(super) comment_set: bool,
    pub(super) comment: Option<String>,
    pub(super) planned_on_set: bool,
    pub(super) planned_on: Option<String>,
    pub(super) deadline_set: bool,
    pub(super) bidding_deadline_at: Option<i64>,
    pub(super) updated_at: Option<i64>,
}

impl Advance {
    /// There is more to it than that the run has moved on.
    pub(super) const fn changes_details(&self) -> bool {
        self.state.is_some()
            || self.leader_id.is_some()
            || self.comment_set
            || self.planned_on_set
            || self.deadline_set
    }
}

/// What rarely changes about a run; as with [`Advance`].
#[derive(Serialize)]
pub(super) struct Turn {
    #[serde(with = "uuid::serde::simple")]
    run_id: Uuid,
    handover_set: bool,
    #[serde(serialize_with = "hex_opt")]
    handover_to: Option<Uuid>,
    active_at: Option<i64>,
}

#[derive(Serialize)]
pub(super) struct LogRow {
    #[serde(with = "uuid::serde::simple")]
    pub(super) run_id: Uuid,
    pub(super) seq: i64,
    #[serde(serialize_with = "hex_opt")]
    pub(super) command_id: Option<Uuid>,
    #[serde(serialize_with = "hex_opt")]
    pub(super) actor_id: Option<Uuid>,
    pub(super) at: i64,
    pub(super) kind: &'static str,
    pub(super) body: Arc<str>,
    pub(super) epoch: i64,
}

#[derive(Serialize)]
pub(super) struct AskedRow {
    #[serde(with = "uuid::serde::simple")]
    pub(super) run_id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    pub(super) command_id: Uuid,
    #[serde(with = "uuid::serde::simple")]
    pub(super) actor_id: Uuid,
    pub(super) fingerprint: i64,
    pub(super) first_seq: i64,
    pub(super) seq: i64,
    pub(super) outcome: Option<String>,
}

/// Where a run is before the batch and after its changes so far.
struct Span {
    expected: Expectation,
    epoch: i64,
    seq: i64,
    last_at: Option<i64>,
}

impl Batch {
    pub(super) fn of(changes: &[Change]) -> Result<Self, CommitError> {
        let mut batch = Self::default();
        let mut spans = BTreeMap::new();
        let mut asked = BTreeSet::new();
        for change in changes {
            follow(&mut spans, change)?;
            batch.log(change);
            batch.notices.add(change);
            if let Some(command) = &change.command {
                batch.ask(change.run_id, command, &mut asked)?;
            }
        }
        for span in spans.into_values() {
            batch.move_run(span);
        }
        Ok(batch)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.created.is_empty() && self.advanced.is_empty()
    }

    /// There is more in it than people, products and bids.
    pub(super) fn is_more_than_bids(&self) -> bool {
        !self.turns.is_empty()
            || !self.notices.is_empty()
            || !self.projection.goods.is_empty()
            || !self.projection.books.is_empty()
    }

    pub(super) fn expectations(&self) -> impl Iterator<Item = Expectation> + '_ {
        let new = self.created.iter().map(|run| Expectation { run_id: run.run_id, epoch: 0, seq: 0 });
        let known = self.advanced.iter().map(|run| Expectation {
            run_id: run.run_id,
            epoch: run.expected_epoch,
            seq: run.expected_seq,
        });
        new.chain(known)
    }

    pub(super) fn command_ids(&self) -> impl Iterator<Item = (Uuid, Uuid)> + '_ {
        self.commands.iter().map(|c| (c.run_id, c.command_id))
    }

    fn log(&mut self, change: &Change) {
        for event in &change.events {
            self.projection.project(change.run_id, event);
            self.events.push(LogRow {
                run_id: change.run_id,
                seq: event.seq,
                command_id: event.command_id,
                actor_id: event.actor_id,
                at: event.at,
                kind: event.kind,
                body: event.body.clone(),
                epoch: change.epoch,
            });
        }
    }

    fn ask(
        &mut self,
        run: Uuid,
        command: &CommandRow,
        asked: &mut BTreeSet<(Uuid, Uuid)>,
    ) -> Result<(), CommitError> {
        let command_id = command.command_id;
        if !asked.insert((run, command_id)) {
            return Err(CommitError::DuplicateCommand { run, command_id });
        }
        self.commands.push(AskedRow {
            run_id: run,
            command_id,
            actor_id: command.actor_id,
            fingerprint: command.fingerprint,
            first_seq: command.first_seq,
            seq: command.seq,
            outcome: command.outcome.clone(),
        });
        Ok(())
    }

    fn move_run(&mut self, span: Span) {
        let columns = self.projection.take_run(span.expected.run_id);
        self.turns.extend(Turn::from(&span, &columns));
        match NewRun::from(&span, &columns) {
            Some(run) => self.created.push(run),
            None => self.advanced.push(Advance::from(&span, columns)),
        }
    }
}

/// Refuses changes of a run that leave a hole.
fn follow(spans: &mut BTreeMap<Uuid, Span>, change: &Change) -> Result<(), CommitError> {
    let expected =
        Expectation { run_id: change.run_id, epoch: change.expected_epoch, seq: change.first_seq - 1 };
    let span = spans.entry(change.run_id).or_insert(Span {
        expected,
        epoch: change.expected_epoch,
        seq: expected.seq,
        last_at: None,
    });
    let seqs = change.events.iter().map(|event| event.seq);
    let gapless = span.epoch == change.expected_epoch
        && span.seq + 1 == change.first_seq
        && seqs.eq(change.first_seq..=change.last_seq);
    if !gapless {
        let reason = format!("the changes of run {} do not follow one another", change.run_id);
        return Err(CommitError::Rejected { reason });
    }
    span.epoch = change.epoch;
    span.seq = change.last_seq;
    span.last_at = change.events.last().map(|event| event.at).or(span.last_at);
    Ok(())
}

impl NewRun {
    /// None for a run that was there before.
    fn from(span: &Span, columns: &RunColumns) -> Option<Self> {
        let origin = columns.origin.as_ref()?;
        Some(Self {
            run_id: span.expected.run_id,
            group_id: origin.group_id,
            store_id: origin.store_id,
            leader_id: columns.leader_id?,
            state: columns.state?,
            seq: span.seq,
            epoch: span.epoch,
            comment: columns.comment.clone().flatten(),
            planned_on: columns.planned_on.clone().flatten(),
            bidding_deadline_at: columns.bidding_deadline_at.flatten(),
            auto_confirm: origin.auto_confirm,
            shortage_policy: origin.shortage_policy,
            created_at: origin.at,
            updated_at: span.last_at.unwrap_or(origin.at),
        })
    }
}

impl Turn {
    const fn from(span: &Span, columns: &RunColumns) -> Option<Self> {
        if columns.handover_to.is_none() && columns.active_at.is_none() {
            return None;
        }
        Some(Self {
            run_id: span.expected.run_id,
            handover_set: columns.handover_to.is_some(),
            handover_to: columns.handover_to.flatten(),
            active_at: columns.active_at,
        })
    }
}

impl Advance {
    fn from(span: &Span, columns: RunColumns) -> Self {
        Self {
            run_id: span.expected.run_id,
            expected_epoch: span.expected.epoch,
            expected_seq: span.expected.seq,
            epoch: span.epoch,
            seq: span.seq,
            state: columns.state,
            leader_id: columns.leader_id,
            comment_set: columns.comment.is_some(),
            comment: columns.comment.flatten(),
            planned_on_set: columns.planned_on.is_some(),
            planned_on: columns.planned_on.flatten(),
            deadline_set: columns.bidding_deadline_at.is_some(),
            bidding_deadline_at: columns.bidding_deadline_at.flatten(),
            updated_at: span.last_at,
        }
    }
}
