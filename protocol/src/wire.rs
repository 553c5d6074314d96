//! Events as bytes. An event is written once, when it is decided; log, answers and frames share the text.

use bulq_domain::{CommandId, Event, Recorded, RunId, Seq, UserId};
use bytestring::ByteString;
use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::fmt::Write as _;
use std::sync::Arc;
use uuid::Uuid;

/// An event as everybody sees it: `{"seq":…,"at":…,"by":…,"command_id":…,"type":…,…}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct EventEnvelope {
    pub seq: Seq,
    pub at: DateTime<Utc>,
    /// Absent when the run moved by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command_id: Option<CommandId>,
    #[serde(flatten)]
    pub event: Event,
}

impl From<EventEnvelope> for Recorded {
    fn from(envelope: EventEnvelope) -> Self {
        let EventEnvelope { seq, at, by, command_id, event } = envelope;
        Self { seq, at, by, command_id, event }
    }
}

/// RFC 3339, UTC, microseconds, `Z`.
#[must_use]
pub fn time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// The text stored in the log: the event alone, its name in `type`.
#[must_use]
pub fn event_body(event: &Event) -> Arc<str> {
    serde_json::to_string(event).expect("events are plain data").into()
}

/// The text everybody sees, from the columns of the log. `body` is the text of [`event_body`].
#[must_use]
pub fn envelope(
    seq: Seq,
    at: DateTime<Utc>,
    by: Option<UserId>,
    command_id: Option<CommandId>,
    body: &str,
) -> Arc<str> {
    let mut text = String::with_capacity(body.len() + 160);
    write!(text, r#"{{"seq":{seq},"at":"{}","#, time(at)).expect("writing to a string cannot fail");
    push_id(&mut text, r#""by":""#, by.map(|id| id.0));
    push_id(&mut text, r#""command_id":""#, command_id.map(|id| id.0));
    text.push_str(&body[1..]);
    text.into()
}

fn push_id(text: &mut String, name: &str, id: Option<Uuid>) {
    let Some(id) = id else { return };
    text.push_str(name);
    text.push_str(id.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
    text.push_str("\",");
}

/// Events of one run in a row, framed for the live connection. Cheap to clone; the bytes are shared.
#[derive(Clone, Debug)]
pub struct Frame(Arc<FrameParts>);

#[derive(Debug)]
struct FrameParts {
    run: RunId,
    first: Seq,
    last: Seq,
    /// Where the first event begins in the text.
    head: usize,
    text: ByteString,
}

const FRAME_END: &str = "]}";

impl Frame {
    /// Frames `events`, whose seqs are `first`, `first + 1`, …
    #[must_use]
    pub fn new<'a>(run: RunId, first: Seq, events: impl ExactSizeIterator<Item = &'a str>) -> Self {
        let last = first + events.len() as Seq - 1;
        let mut text = String::with_capacity(512);
        write!(text, r#"{{"type":"events","topic":"run:{run}","events":["#)
            .expect("writing to a string cannot fail");
        let head = text.len();
        push_joined(&mut text, events);
        text.push_str(FRAME_END);
        Self(Arc::new(FrameParts { run, first, last, head, text: text.into() }))
    }

    /// Frames of one run that follow on each other, as one. None if there are none.
    #[must_use]
    pub fn merge(frames: &[Self]) -> Option<Self> {
        let [first, rest @ ..] = frames else { return None };
        let Some(last) = rest.last() else { return Some(first.clone()) };
        let length = frames.iter().map(|frame| frame.0.text.len()).sum();
        let mut text = String::with_capacity(length);
        text.push_str(&first.0.text[..first.0.text.len() - FRAME_END.len()]);
        for frame in rest {
            text.push(',');
            text.push_str(&frame.0.text[frame.0.head..frame.0.text.len() - FRAME_END.len()]);
        }
        text.push_str(FRAME_END);
        let (run, head) = (first.0.run, first.0.head);
        Some(Self(Arc::new(FrameParts {
            run,
            first: first.first(),
            last: last.last(),
            head,
            text: text.into(),
        })))
    }

    #[must_use]
    pub fn run(&self) -> RunId {
        self.0.run
    }

    #[must_use]
    pub fn first(&self) -> Seq {
        self.0.first
    }

    #[must_use]
    pub fn last(&self) -> Seq {
        self.0.last
    }

    #[must_use]
    pub fn text(&self) -> &ByteString {
        &self.0.text
    }
}

/// `[…,…]` from texts that are JSON already.
#[must_use]
pub fn json_array<'a>(items: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::from("[");
    push_joined(&mut text, items);
    text.push(']');
    text
}

fn push_joined<'a>(text: &mut String, items: impl Iterator<Item = &'a str>) {
    for (i, item) in items.enumerate() {
        if i > 0 {
            text.push(',');
        }
        text.push_str(item);
    }
}

/// The answer to a committed command over HTTP, around events that are JSON already.
#[must_use]
pub fn committed_body<'a>(run: RunId, seq: Seq, events: impl Iterator<Item = &'a str>) -> String {
    let mut text = format!(r#"{{"run_id":"{run}","seq":{seq},"events":["#);
    push_joined(&mut text, events);
    text.push_str("]}");
    text
}

/// JSON that somebody else has checked, as it is.
#[must_use]
pub fn raw(text: String) -> Box<RawValue> {
    RawValue::from_string(text).expect("the text was written by serde_json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_envelope_written_by_hand_is_the_one_serde_reads() {
        let recorded = EventEnvelope {
            seq: 7,
            at: "2026-11-21T07:18:35.000120Z".parse().expect("a time"),
            by: Some(UserId(Uuid::from_u128(1))),
            command_id: Some(CommandId(Uuid::from_u128(2))),
            event: Event::ReadySet { user_id: UserId(Uuid::from_u128(1)), ready: true },
        };
        let EventEnvelope { seq, at, by, command_id, event } = recorded.clone();

        let text = envelope(seq, at, by, command_id, &event_body(&event));

        assert_eq!(serde_json::from_str::<EventEnvelope>(&text).expect("readable"), recorded);
        assert!(text.contains(r#""at":"2026-11-21T07:18:35.000120Z""#), "{text}");
        assert!(envelope(seq, at, None, None, &event_body(&event)).starts_with(r#"{"seq":7,"at""#));
    }
}
