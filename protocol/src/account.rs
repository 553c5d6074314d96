//! Accounts: register, log in, and everything about me.

use crate::group::MemberRole;
use crate::thread::Receipt;
use bulq_domain::{Currency, GroupId, Money, ProductId, Quantity, RunId, Seq, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// 3–50 of `a-z 0-9 _ -`; compared in lower case.
    pub username: String,
    /// 1–100 characters.
    pub name: String,
    /// 8–128 characters of any kind.
    pub password: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Login {
    pub username: String,
    pub password: String,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Refresh {
    pub refresh_token: String,
}

/// A login that is not kept in a cookie.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Tokens {
    pub access_token: String,
    pub refresh_token: String,
    /// Always `bearer`.
    pub token_type: String,
    /// Seconds until the access token expires.
    pub expires_in: u64,
    pub user: Me,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Me {
    pub id: UserId,
    pub username: String,
    pub name: String,
    pub is_admin: bool,
    pub language: Language,
    pub theme: Theme,
    pub created_at: DateTime<Utc>,
}

/// In which language somebody reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    En,
    Ru,
    Sr,
}

/// How somebody likes their screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// As the device has it.
    #[default]
    System,
    Light,
    Dark,
}

/// What of me is changed; what is absent stays.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PatchMe {
    /// Needs the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Needs the password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// The current one; for a new name or username.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<Theme>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    pub current_password: String,
    /// 8–128 characters of any kind, none of the most common.
    pub new_password: String,
}

/// Erasing an account needs its password.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct EraseMe {
    pub password: String,
}

/// A login.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct LoginSession {
    pub id: Uuid,
    pub kind: LoginKind,
    /// What the device called itself.
    pub user_agent: Option<String>,
    pub created_at: DateTime<Utc>,
    /// To a few minutes.
    pub last_seen_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// The one that asks.
    pub current: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum LoginKind {
    Cookie,
    Token,
}

/// How much I took part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Stats {
    /// Runs I took part in, and of these those that I led, helped with, and that were completed.
    pub runs: u64,
    pub led: u64,
    pub helped: u64,
    pub completed: u64,
    /// Bids I have placed and not taken back.
    pub bids: u64,
    /// What I owed for goods and costs in runs that are over, by currency.
    pub spent: Vec<Amount>,
    /// How much less my goods of completed runs cost than at the last prices seen in the same store before, by currency;
    /// negative if they cost more.
    pub saved: Vec<Amount>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Amount {
    pub currency: Currency,
    pub amount: Money,
}

/// Everything that is kept about me.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Export {
    pub exported_at: DateTime<Utc>,
    pub me: Me,
    pub stats: Stats,
    pub sessions: Vec<LoginSession>,
    pub groups: Vec<ExportedGroup>,
    pub runs: Vec<ExportedRun>,
    pub bids: Vec<ExportedBid>,
    /// What I did, as it stands in the logs of the runs.
    pub events: Vec<ExportedEvent>,
    pub notifications: Vec<ExportedNote>,
    /// What I said in the threads of runs.
    pub messages: Vec<ExportedMessage>,
    /// The receipts I added.
    pub receipts: Vec<ExportedReceipt>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ExportedReceipt {
    #[serde(flatten)]
    pub receipt: Receipt,
    /// Where its content is in the ZIP, once for all receipts that have the same.
    pub file: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ExportedGroup {
    pub id: GroupId,
    pub name: String,
    pub currency: String,
    pub role: MemberRole,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ExportedRun {
    pub id: RunId,
    pub group_id: GroupId,
    pub store: String,
    pub state: String,
    pub led: bool,
    pub helped: bool,
    pub created_at: DateTime<Utc>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ExportedBid {
    pub run_id: RunId,
    pub product_id: ProductId,
    pub product: String,
    pub min: Quantity,
    pub quantity: Quantity,
    pub max: Quantity,
    pub interested_only: bool,
    pub comment: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ExportedEvent {
    pub run_id: RunId,
    pub seq: Seq,
    pub at: DateTime<Utc>,
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub event: serde_json::Value,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ExportedNote {
    pub run_id: RunId,
    pub kind: String,
    #[cfg_attr(feature = "schema", schema(value_type = Object))]
    pub body: serde_json::Value,
    pub at: DateTime<Utc>,
    pub read_at: Option<DateTime<Utc>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ExportedMessage {
    pub id: Uuid,
    pub run_id: RunId,
    pub text: String,
    pub created_at: DateTime<Utc>,
}

/// A one-time ticket for the live connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct WsTicket {
    pub ticket: String,
    /// Seconds until it expires.
    pub expires_in: u64,
}
