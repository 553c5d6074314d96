//! Creating a run, listing runs, and what a command answers.

use crate::wire::EventEnvelope;
use bulq_domain::{Comment, GroupId, RunId, Seq, State, StoreId, UserId};
use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateRun {
    pub store_id: StoreId,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<Comment>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned_on: Option<NaiveDate>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bidding_deadline: Option<DateTime<Utc>>,
    #[serde(default)]
    pub auto_confirm: bool,
}

/// What every command on a run answers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Committed {
    pub run_id: RunId,
    pub seq: Seq,
    /// What the command caused, as in the log; empty if it changed nothing.
    pub events: Vec<EventEnvelope>,
}

/// A run in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct RunSummary {
    pub id: RunId,
    pub group_id: GroupId,
    pub store_id: StoreId,
    pub store_name: String,
    pub leader_id: UserId,
    pub state: State,
    pub seq: Seq,
    pub comment: Option<String>,
    pub planned_on: Option<NaiveDate>,
    pub participants: u64,
    pub created_at: DateTime<Utc>,
}
