//! Groups, members and invitations.

use bulq_domain::command::DefaultCost;
use bulq_domain::{Currency, GroupId, ShortagePolicy, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewGroup {
    /// 2–100 characters of any script.
    pub name: String,
    pub currency: Currency,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Group {
    pub id: GroupId,
    pub name: String,
    pub currency: Currency,
    /// My role in it.
    pub role: MemberRole,
    pub members: u64,
    /// Whether invitations are good now.
    pub joining_open: bool,
    /// An admin of the server lets nobody join, and no runs begin.
    #[serde(default)]
    pub disabled: bool,
    /// How a shortage is shared if the members do not settle it.
    pub shortage_policy: ShortagePolicy,
    /// What every run of the group begins with.
    pub default_costs: Vec<DefaultCost>,
    pub created_at: DateTime<Utc>,
}

/// What is given is set.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PatchGroup {
    /// 2–100 characters of any script.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joining_open: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shortage_policy: Option<ShortagePolicy>,
    /// At most 10; replaces all of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_costs: Option<Vec<DefaultCost>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MemberRole {
    Admin,
    Member,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Member {
    pub user_id: UserId,
    pub username: String,
    pub name: String,
    pub role: MemberRole,
    pub joined_at: DateTime<Utc>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct NewInvite {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<DateTime<Utc>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_uses: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Invite {
    pub id: Uuid,
    /// Shown once, when the invitation is made; only its hash is kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    pub expires_at: Option<DateTime<Utc>>,
    pub max_uses: Option<u32>,
    pub uses: u32,
    pub created_at: DateTime<Utc>,
}

/// What somebody with the link sees before logging in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct InvitePreview {
    pub group_name: String,
    pub members: u64,
    pub invited_by: String,
    /// False while the group takes nobody: the link may be good again later.
    pub joining_open: bool,
}

/// The role somebody is to have from now on.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct SetRole {
    pub role: MemberRole,
}
