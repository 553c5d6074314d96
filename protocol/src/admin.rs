//! What the admins of the server see and do.

use bulq_domain::{Currency, GroupId, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AdminUser {
    pub id: UserId,
    pub username: String,
    pub name: String,
    pub is_admin: bool,
    pub disabled: bool,
    pub created_at: DateTime<Utc>,
}

/// What is given is set.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PatchUser {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// 1–100 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Nobody logs in as a disabled user, and all their logins end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_admin: Option<bool>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AdminGroup {
    pub id: GroupId,
    pub name: String,
    pub currency: Currency,
    pub members: u64,
    pub live_runs: u64,
    pub disabled: bool,
    pub created_at: DateTime<Utc>,
}

/// What is given is set.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PatchAdminGroup {
    /// 2–100 characters of any script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Nobody joins a disabled group, and it begins no runs; what it has goes on to its end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

/// Of a product or store. What is given is set.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PatchThing {
    /// Whether somebody has looked at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
    /// Nobody finds what is disabled, and no run begins to name it; those that do go on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled: Option<bool>,
}

/// What it is the same as; that one stays.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Merge {
    pub into: Uuid,
}

/// Whether people may make accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Registration {
    pub open: bool,
}

/// Something an admin did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct AdminLogEntry {
    pub id: Uuid,
    pub admin_id: UserId,
    pub admin_name: String,
    /// Such as `merge` or `disable`.
    pub action: String,
    /// The kind of what it was done to: `user`, `group`, `product`, `store` or `server`.
    pub target: String,
    pub target_id: Option<Uuid>,
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub detail: Value,
    pub at: DateTime<Utc>,
}

/// How this server is doing now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ServerStatus {
    pub version: String,
    pub runs_in_memory: u64,
    pub sockets: u64,
    /// Decided, but not durable yet: what waits for the database.
    pub undurable_bytes: u64,
    pub database_up: bool,
    pub draining: bool,
}
