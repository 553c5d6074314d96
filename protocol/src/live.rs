//! The live connection: frames, topics, close codes.

use crate::group::MemberRole;
use crate::run::RunSummary;
use crate::thread::RunMessage;
use crate::view::RunView;
use crate::wire::EventEnvelope;
use bulq_domain::run::NoticeKind;
use bulq_domain::{Command, CommandId, GroupId, Rejection, RunId, Seq, State, UserId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::value::RawValue;
use uuid::Uuid;

/// What can be listened to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Topic {
    /// The events of one run: gapless, resumable.
    Run(RunId),
    /// What happens in a group: runs created, states, members. A hint; the snapshot is the truth.
    Group(GroupId),
    /// What concerns me alone.
    User,
}

impl std::fmt::Display for Topic {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Run(id) => write!(f, "run:{id}"),
            Self::Group(id) => write!(f, "group:{id}"),
            Self::User => f.write_str("user"),
        }
    }
}

impl std::str::FromStr for Topic {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unknown = || format!("{text:?} is not a topic: run:<id>, group:<id> or user");
        match text.split_once(':') {
            Some(("run", id)) => id.parse().map(Self::Run).map_err(|_| unknown()),
            Some(("group", id)) => id.parse().map(Self::Group).map_err(|_| unknown()),
            None if text == "user" => Ok(Self::User),
            _ => Err(unknown()),
        }
    }
}

impl Serialize for Topic {
    fn serialize<S: Serializer>(&self, output: S) -> Result<S::Ok, S::Error> {
        output.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Topic {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(input)?.parse().map_err(de::Error::custom)
    }
}

/// What a client says. `id` is the client's own and comes back in the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ClientFrame {
    Subscribe { id: u64, topic: Topic, after: Option<Seq> },
    Unsubscribe { id: u64, topic: Topic },
    Command { id: u64, run: RunId, command_id: Option<CommandId>, command: Command },
    Ping { id: u64 },
}

/// Why a frame could not be understood; with the frame's id where it could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// Not a frame at all: the connection is closed with [`close::PROTOCOL`].
    Protocol(String),
    /// A frame with an id whose content is wrong: answered with `rejected`.
    Invalid { id: u64, detail: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFrame<'a> {
    #[serde(rename = "type", borrow)]
    kind: std::borrow::Cow<'a, str>,
    #[serde(default)]
    id: Option<u64>,
    #[serde(default, borrow)]
    topic: Option<std::borrow::Cow<'a, str>>,
    #[serde(default)]
    after: Option<Seq>,
    #[serde(default, borrow)]
    run: Option<std::borrow::Cow<'a, str>>,
    #[serde(default, borrow)]
    command_id: Option<std::borrow::Cow<'a, str>>,
    #[serde(default, borrow)]
    command: Option<&'a RawValue>,
}

impl ClientFrame {
    /// # Errors
    /// [`FrameError`]: close, or reject this one frame.
    pub fn from_json(text: &str) -> Result<Self, FrameError> {
        let raw: RawFrame<'_> =
            serde_json::from_str(text).map_err(|e| FrameError::Protocol(e.to_string()))?;
        let id = raw.id.ok_or_else(|| FrameError::Protocol("missing field `id`".to_owned()))?;
        let invalid = |detail: String| FrameError::Invalid { id, detail };
        match &*raw.kind {
            "subscribe" => Ok(Self::Subscribe { id, topic: raw.topic(id)?, after: raw.after }),
            "unsubscribe" => Ok(Self::Unsubscribe { id, topic: raw.topic(id)? }),
            "ping" => Ok(Self::Ping { id }),
            "command" => {
                let run = raw.run.as_deref().ok_or_else(|| invalid("missing field `run`".to_owned()))?;
                let run = run.parse().map_err(|_| invalid("`run` is not a UUID".to_owned()))?;
                let command_id = raw.command_id.as_deref().map(str::parse).transpose();
                let command_id = command_id.map_err(|_| invalid("`command_id` is not a UUID".to_owned()))?;
                let command = raw.command.ok_or_else(|| invalid("missing field `command`".to_owned()))?;
                let command = Command::from_json(command.get()).map_err(|e| invalid(e.to_string()))?;
                Ok(Self::Command { id, run, command_id, command })
            }
            other => Err(FrameError::Protocol(format!(
                "{other:?} is not a frame: subscribe, unsubscribe, command or ping"
            ))),
        }
    }

    /// The frame as text.
    #[must_use]
    pub fn to_json(&self) -> String {
        match self {
            Self::Subscribe { id, topic, after: Some(after) } => {
                format!(r#"{{"type":"subscribe","id":{id},"topic":"{topic}","after":{after}}}"#)
            }
            Self::Subscribe { id, topic, after: None } => {
                format!(r#"{{"type":"subscribe","id":{id},"topic":"{topic}"}}"#)
            }
            Self::Unsubscribe { id, topic } => {
                format!(r#"{{"type":"unsubscribe","id":{id},"topic":"{topic}"}}"#)
            }
            Self::Ping { id } => format!(r#"{{"type":"ping","id":{id}}}"#),
            Self::Command { id, run, command_id, command } => {
                let command = serde_json::to_string(command).expect("commands are plain data");
                let command_id = command_id.map(|id| format!(r#""command_id":"{id}","#)).unwrap_or_default();
                format!(r#"{{"type":"command","id":{id},"run":"{run}",{command_id}"command":{command}}}"#)
            }
        }
    }
}

impl RawFrame<'_> {
    fn topic(&self, id: u64) -> Result<Topic, FrameError> {
        let Some(topic) = self.topic.as_deref() else {
            return Err(FrameError::Invalid { id, detail: "missing field `topic`".to_owned() });
        };
        topic.parse().map_err(|detail| FrameError::Invalid { id, detail })
    }
}

/// What the server says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ServerFrame {
    Welcome {
        session: Uuid,
        user: UserId,
        server_time: DateTime<Utc>,
        heartbeat_s: u64,
    },
    /// With `snapshot`: start from it. With `events`: exactly the missed ones.
    Subscribed {
        id: u64,
        #[cfg_attr(feature = "schema", schema(value_type = String, example = "run:01890a5d-ac96-774b-bcce-b302099a8057"))]
        topic: Topic,
        seq: Seq,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        snapshot: Option<Snapshot>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        events: Option<Vec<EventEnvelope>>,
    },
    Unsubscribed {
        id: u64,
    },
    /// Events of a run in a row. What one command or one instant caused comes as one frame.
    Events {
        #[cfg_attr(feature = "schema", schema(value_type = String))]
        topic: Topic,
        #[cfg_attr(feature = "schema", schema(value_type = Vec<EventEnvelope>))]
        events: Vec<serde_json::Value>,
    },
    /// Who has the run open now.
    Presence {
        #[cfg_attr(feature = "schema", schema(value_type = String))]
        topic: Topic,
        viewers: Vec<UserId>,
    },
    /// Somebody said something about the run. No part of its log: whoever was away reads the list of messages.
    Message {
        #[cfg_attr(feature = "schema", schema(value_type = String))]
        topic: Topic,
        message: RunMessage,
    },
    Committed {
        id: u64,
        run: RunId,
        seq: Seq,
    },
    Rejected {
        id: u64,
        code: String,
        detail: String,
        #[serde(flatten)]
        facts: serde_json::Map<String, serde_json::Value>,
    },
    /// The outcome is not known yet: ask again with the same command id.
    Unknown {
        id: u64,
        retry_after_ms: u64,
        /// `BUSY` if it was not even tried.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        code: Option<String>,
    },
    Pong {
        id: u64,
    },
    /// What was shown of this topic is no longer good: take a fresh snapshot.
    Reset {
        #[cfg_attr(feature = "schema", schema(value_type = String))]
        topic: Topic,
        reason: String,
    },
    /// Nothing of this topic will be shown any more.
    Revoked {
        #[cfg_attr(feature = "schema", schema(value_type = String))]
        topic: Topic,
        reason: String,
    },
}

/// What a topic's snapshot is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Snapshot {
    Run(Box<RunView>),
    Group(GroupSnapshot),
    User(UserSnapshot),
}

/// Where a group stands: its live runs and how many members it has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct GroupSnapshot {
    pub group_id: GroupId,
    pub members: u64,
    pub runs: Vec<RunSummary>,
}

/// What waits for me.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct UserSnapshot {
    pub unread: u64,
}

/// What a group's topic tells; hints, without a seq of their own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum GroupEvent {
    RunChanged {
        run_id: RunId,
        state: State,
        seq: Seq,
    },
    MemberJoined {
        user_id: UserId,
    },
    MemberLeft {
        user_id: UserId,
    },
    RoleChanged {
        user_id: UserId,
        role: MemberRole,
    },
    /// Its name, its policy or whether one can join.
    GroupChanged,
}

/// What my own topic tells; hints, without a seq of their own. What is told is in the list of notifications.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum UserEvent {
    /// One more is unread.
    Notified { run_id: RunId, kind: NoticeKind, seq: Seq },
}

/// `subscribed` around a snapshot or events that are JSON already.
#[must_use]
pub fn subscribed(id: u64, topic: Topic, seq: Seq, field: &str, json: &str) -> String {
    format!(r#"{{"type":"subscribed","id":{id},"topic":"{topic}","seq":{seq},"{field}":{json}}}"#)
}

/// `committed`, written by hand: it is the most frequent answer.
#[must_use]
pub fn committed(id: u64, run: RunId, seq: Seq) -> String {
    format!(r#"{{"type":"committed","id":{id},"run":"{run}","seq":{seq}}}"#)
}

/// `rejected` with the facts of a rejection.
#[must_use]
pub fn rejected(id: u64, rejection: &Rejection) -> String {
    let frame = ServerFrame::Rejected {
        id,
        code: rejection.code.as_str().to_owned(),
        detail: rejection.detail.clone(),
        facts: rejection.facts.clone().into_iter().collect(),
    };
    json(&frame)
}

/// Any frame as text.
#[must_use]
pub fn json(frame: &ServerFrame) -> String {
    serde_json::to_string(frame).expect("frames are plain data")
}

/// Close codes.
pub mod close {
    /// The server is going away; reconnect after the jitter given in the reason.
    pub const GOING_AWAY: u16 = 1001;
    /// Not authenticated.
    pub const UNAUTHENTICATED: u16 = 4001;
    /// Not allowed.
    pub const FORBIDDEN: u16 = 4003;
    /// Read too slowly: reconnect and resume.
    pub const TOO_SLOW: u16 = 4008;
    /// Replaced, or the session was revoked.
    pub const REVOKED: u16 = 4009;
    /// Not a frame of this protocol; the reason says what was wrong.
    pub const PROTOCOL: u16 = 4010;
    /// Too many frames.
    pub const TOO_MANY_FRAMES: u16 = 4029;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_as_they_are_written() {
        let run = RunId(Uuid::from_u128(5));
        let command = Command::from_json(r#"{"type":"set_ready","ready":true}"#).expect("a command");
        for frame in [
            ClientFrame::Subscribe { id: 1, topic: Topic::Run(run), after: Some(123) },
            ClientFrame::Subscribe { id: 2, topic: Topic::User, after: None },
            ClientFrame::Unsubscribe { id: 3, topic: Topic::Run(run) },
            ClientFrame::Command { id: 4, run, command_id: Some(CommandId(Uuid::from_u128(6))), command },
            ClientFrame::Ping { id: u64::MAX },
        ] {
            assert_eq!(ClientFrame::from_json(&frame.to_json()), Ok(frame));
        }
    }

    #[test]
    fn what_is_no_frame_closes_and_what_is_a_wrong_frame_is_rejected() {
        for text in [
            "",
            "[]",
            "{}",
            "null",
            r#"{"type":"subscribe"}"#,
            r#"{"type":"dance","id":1}"#,
            r#"{"type":"ping","id":-1}"#,
        ] {
            assert!(matches!(ClientFrame::from_json(text), Err(FrameError::Protocol(_))), "{text}");
        }
        for text in [
            r#"{"type":"subscribe","id":7}"#,
            r#"{"type":"subscribe","id":7,"topic":"run:x"}"#,
            r#"{"type":"command","id":7,"run":"x","command":{"type":"open"}}"#,
            r#"{"type":"command","id":7,"run":"01890a5d-ac96-774b-bcce-b302099a8057","command":{"type":"dance"}}"#,
        ] {
            assert!(matches!(ClientFrame::from_json(text), Err(FrameError::Invalid { id: 7, .. })), "{text}");
        }
    }
}
