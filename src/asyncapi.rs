//! The AsyncAPI 3 document of the live connection, from the types of its frames.

use crate::openapi::Schemas;
use bulq_domain::Command;
use bulq_protocol::live::{GroupEvent, ServerFrame, UserEvent};
use bulq_protocol::wire::EventEnvelope;
use serde_json::{Map, Value, json};

#[must_use]
pub fn document() -> Value {
    let mut schemas = Schemas::default();
    let command = schemas.reference::<Command>();
    let event = schemas.reference::<EventEnvelope>();
    schemas.reference::<GroupEvent>();
    schemas.reference::<UserEvent>();
    let from_server = server_frames(&schemas.whole::<ServerFrame>(), &event);
    let from_client = client_frames(&command);
    let messages: Map<String, Value> = from_server.iter().chain(&from_client).map(message).collect();
    let channel: Map<String, Value> = messages
        .keys()
        .map(|name| (name.clone(), json!({ "$ref": format!("#/components/messages/{name}") })))
        .collect();
    json!({
        "asyncapi": "3.0.0",
        "info": {
            "title": "Bulq, live",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
        },
        "channels": { "live": { "address": "/api/v1/ws", "messages": channel } },
        "operations": {
            "say": operation("receive", &from_client),
            "hear": operation("send", &from_server),
        },
        "components": { "messages": messages, "schemas": schemas.into_components() },
    })
}

const DESCRIPTION: &str = "One WebSocket, text frames, one JSON object each. `subscribe` with `after` resumes: exactly \
the missed events come, or a snapshot. Events of a run come in the order of their seq, each once, without a gap. \
Close codes: 1001 going away, 4001 not authenticated, 4003 not allowed, 4008 too slow (resume), 4009 login ended, \
4010 not this protocol, 4029 too many frames.";

type Frames = Vec<(String, Value)>;

fn operation(action: &str, frames: &Frames) -> Value {
    let messages: Vec<_> = frames
        .iter()
        .map(|(name, _)| json!({ "$ref": format!("#/channels/live/messages/{name}") }))
        .collect();
    json!({ "action": action, "channel": { "$ref": "#/channels/live" }, "messages": messages })
}

fn message((name, payload): &(String, Value)) -> (String, Value) {
    (name.clone(), json!({ "name": name, "contentType": "application/json", "payload": payload }))
}

/// One message per variant; what it is called stands in its `type`.
fn server_frames(schema: &Value, event: &Value) -> Frames {
    let variants = schema["oneOf"].as_array().cloned().unwrap_or_default();
    variants.into_iter().map(|variant| named(variant, event)).collect()
}

fn named(mut variant: Value, event: &Value) -> (String, Value) {
    let name = variant["properties"]["type"]["enum"][0].as_str().unwrap_or("frame").to_owned();
    if name == "events" {
        variant["properties"]["events"] = json!({ "type": "array", "items": event });
    }
    (name, variant)
}

fn client_frames(command: &Value) -> Frames {
    let (uuid, topic) = (
        json!({ "type": "string", "format": "uuid" }),
        json!({
            "type": "string", "pattern": "^(run:[0-9a-f-]{36}|group:[0-9a-f-]{36}|user)$",
        }),
    );
    let seq = json!({ "type": "integer", "minimum": 0, "description": "the last seq that was seen" });
    vec![
        frame("subscribe", &[("topic", &topic, true), ("after", &seq, false)]),
        frame("unsubscribe", &[("topic", &topic, true)]),
        frame("command", &[("run", &uuid, true), ("command_id", &uuid, false), ("command", command, true)]),
        frame("ping", &[]),
    ]
}

fn frame(name: &str, fields: &[(&str, &Value, bool)]) -> (String, Value) {
    let id = json!({ "type": "integer", "minimum": 0, "description": "comes back in the answer" });
    let mut properties = Map::from_iter([
        ("type".to_owned(), json!({ "type": "string", "const": name })),
        ("id".to_owned(), id),
    ]);
    let mut required = vec!["type", "id"];
    for (field, schema, needed) in fields {
        properties.insert((*field).to_owned(), (*schema).clone());
        if *needed {
            required.push(field);
        }
    }
    let schema = json!({
        "type": "object", "additionalProperties": false, "required": required, "properties": properties,
    });
    (name.to_owned(), schema)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_golden_file_is_what_the_frames_are() {
        crate::golden::compare("docs/api/asyncapi.json", &document());
    }

    #[test]
    fn every_frame_has_a_name_and_every_reference_leads_somewhere() {
        let document = document();

        assert!(document["components"]["messages"]["frame"].is_null(), "a frame without a type");
        assert!(document["components"]["messages"]["subscribed"].is_object());
        crate::golden::every_reference_leads_somewhere(&document);
    }
}
