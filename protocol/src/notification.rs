//! What somebody was told.

use bulq_domain::run::NoticeKind;
use bulq_domain::{GroupId, RunId, Seq, State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What happened in one run within a few minutes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Notification {
    pub id: Uuid,
    pub run_id: RunId,
    pub group_id: GroupId,
    pub store_name: String,
    /// Of the last event in it.
    pub kind: NoticeKind,
    /// The state the run entered by it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<State>,
    pub seq: Seq,
    /// How many events are in it; the counts of what is unread add up to the unread count.
    pub count: u64,
    pub read: bool,
    /// When its first event was.
    pub created_at: DateTime<Utc>,
    pub updated_at: DateTime<Utc>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UnreadCount {
    pub unread: u64,
}
