//! The layout of a commit's item. By hand, for every command reads and writes it.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Map, Value};
use skafu_events::{Commit, DataRef, RecordedEvent};

use super::attributes::{Item, items, number, parsed, text};
use crate::DecodeError;

/// What the sort keys of commits begin with.
pub(super) const EVENT_PREFIX: &str = "EVENT#";

/// The sort key of a stream's snapshot: after every commit.
pub(super) const SNAPSHOT_KEY: &str = "SNAPSHOT";

/// The sort key of the commit whose first event has this version. Ten digits sort as numbers do.
pub(super) fn event_key(first_version: u64) -> String {
    format!("{EVENT_PREFIX}{first_version:010}")
}

/// What an event has for a payload in the table.
pub(super) enum Content {
    /// The payload as JSON text.
    Inside(String),
    /// Where it is kept instead.
    Outside(DataRef),
}

/// A commit as an item of the event table: what a stream record's image of it holds.
pub fn encode_commit(commit: &Commit) -> Result<HashMap<String, AttributeValue>, serde_dynamo::Error> {
    let content = |event: &RecordedEvent| match &event.data_ref {
        None => Content::Inside(event.data.to_string()),
        Some(reference) => Content::Outside(reference.clone()),
    };
    encode(commit, commit.events.iter().map(content))
}

/// The same with contents of its events, one each, in order.
pub(super) fn encode(
    commit: &Commit,
    contents: impl IntoIterator<Item = Content>,
) -> Result<Item, serde_dynamo::Error> {
    let text = |text: String| AttributeValue::S(text);
    let events = commit.events.iter().zip(contents).map(|(event, content)| event_value(event, content));
    let mut item = Item::with_capacity(10);
    let mut put = |name: &str, value| item.insert(name.to_owned(), value);
    put("PK", text(commit.stream.to_string()));
    put("SK", text(event_key(commit.first_version)));
    put("events", AttributeValue::L(events.collect()));
    put("aggregateVersion", AttributeValue::N(commit.last_version().to_string()));
    put("commandId", text(commit.command_id.to_string()));
    put("bodyHash", text(commit.body_hash.clone()));
    put("correlationId", text(commit.correlation_id.to_string()));
    put("userId", text(commit.user_id.clone()));
    put("timestamp", text(commit.timestamp.to_string()));
    if !commit.metadata.is_empty() {
        put("metadata", serde_dynamo::to_attribute_value(&commit.metadata)?);
    }
    Ok(item)
}

fn event_value(event: &RecordedEvent, content: Content) -> AttributeValue {
    let mut map = Item::with_capacity(4);
    let mut put = |name: &str, value| map.insert(name.to_owned(), value);
    put("eventId", AttributeValue::S(event.event_id.to_string()));
    put("eventType", AttributeValue::S(event.event_type.clone()));
    put("eventVersion", AttributeValue::N(event.event_version.to_string()));
    match content {
        Content::Inside(json) => put("data", AttributeValue::S(json)),
        Content::Outside(DataRef { sha256, size }) => {
            let (sha256, size) = (AttributeValue::S(sha256), AttributeValue::N(size.to_string()));
            let reference = Item::from([("sha256".to_owned(), sha256), ("size".to_owned(), size)]);
            put("dataRef", AttributeValue::M(reference))
        }
    };
    AttributeValue::M(map)
}

/// Reads a commit from an item of the event table, or from a stream record's image of one.
pub fn decode_commit(item: impl Into<HashMap<String, AttributeValue>>) -> Result<Commit, DecodeError> {
    let mut item = item.into();
    let first_version = text(&mut item, "SK")?
        .strip_prefix(EVENT_PREFIX)
        .and_then(|digits| digits.parse().ok())
        .ok_or(DecodeError::Inconsistent("its sort key is not that of a commit"))?;
    let events = items(&mut item, "events")?;
    let commit = Commit {
        stream: parsed(&item, "PK")?,
        first_version,
        events: events.into_iter().map(event).collect::<Result<_, _>>()?,
        command_id: parsed(&item, "commandId")?,
        body_hash: text(&mut item, "bodyHash")?,
        correlation_id: parsed(&item, "correlationId")?,
        user_id: text(&mut item, "userId")?,
        timestamp: parsed(&item, "timestamp")?,
        metadata: match item.remove("metadata") {
            Some(metadata) => serde_dynamo::from_attribute_value(metadata)?,
            None => Map::new(),
        },
    };
    let last_version: u64 = number(&item, "aggregateVersion")?;
    if commit.events.is_empty() || commit.first_version == 0 || commit.last_version() != last_version {
        return Err(DecodeError::Inconsistent("its versions do not fit its events"));
    }
    Ok(commit)
}

fn event(mut map: Item) -> Result<RecordedEvent, DecodeError> {
    let data_ref = match map.remove("dataRef") {
        Some(AttributeValue::M(mut at)) => {
            Some(DataRef { sha256: text(&mut at, "sha256")?, size: number(&at, "size")? })
        }
        Some(_) => return Err(DecodeError::Attribute("dataRef")),
        None => None,
    };
    let data = match &data_ref {
        Some(_) => Value::Null,
        None => serde_json::from_str(&text(&mut map, "data")?).map_err(DecodeError::Payload)?,
    };
    Ok(RecordedEvent {
        event_id: parsed(&map, "eventId")?,
        event_type: text(&mut map, "eventType")?,
        event_version: number(&map, "eventVersion")?,
        data,
        data_ref,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use skafu_events::{StreamId, event_id};
    use uuid::Uuid;

    use super::*;

    fn commit(data: Vec<Value>) -> Commit {
        let stream: StreamId = "acme/PROJECT#1".parse().unwrap();
        let event = |(version, data)| RecordedEvent {
            event_id: event_id(&stream, version),
            event_type: "ProjectUpdated".to_owned(),
            event_version: 2,
            data,
            data_ref: None,
        };
        Commit {
            first_version: 7,
            events: (7..).zip(data).map(event).collect(),
            command_id: Uuid::from_u128(1),
            body_hash: "9f86d081884c7d65".to_owned(),
            correlation_id: Uuid::from_u128(2),
            user_id: "alice".to_owned(),
            timestamp: "2025-01-18T10:30:00.123Z".parse().unwrap(),
            metadata: Map::new(),
            stream,
        }
    }

    fn round_trip(commit: &Commit) -> Commit {
        decode_commit(encode_commit(commit).unwrap()).unwrap()
    }

    /// Finite numbers from all over their range.
    fn numbers() -> impl Iterator<Item = f64> {
        let next = |bits: &u64| Some(bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
        std::iter::successors(Some(42), next).map(f64::from_bits).filter(|it| it.is_finite()).take(10_000)
    }

    #[test]
    fn a_payload_is_kept_as_json_text_and_read_back_exactly() {
        let payloads = vec![
            json!({ "z": 1, "a": { "c": null, "b": [] }, "": "", "empty": {}, "list": [[], "", null, false] }),
            json!({ "least": i64::MIN, "most": u64::MAX, "tiny": 5e-324, "huge": f64::MAX, "zero": -0.0, "one": 1.0 }),
            json!("päckchen 📦 \u{0} \u{7f} \u{2028} \" \\ / \u{10ffff}"),
            Value::Null,
            numbers().map(Value::from).collect(),
        ];
        let commit = commit(payloads);
        let read = round_trip(&commit);
        assert_eq!(read, commit);
        for (read, written) in read.events.iter().zip(&commit.events) {
            // Maps are equal in any order; their texts are not.
            assert_eq!(read.data.to_string(), written.data.to_string());
        }
        let item = encode_commit(&commit).unwrap();
        let first = item["events"].as_l().unwrap()[0].as_m().unwrap();
        assert_eq!(first["data"].as_s().unwrap(), &commit.events[0].data.to_string());
    }

    #[test]
    fn a_payload_kept_outside_leaves_a_reference_in_its_place() {
        let mut commit = commit(vec![Value::Null, json!(1)]);
        commit.events[0].data_ref = Some(DataRef { sha256: "ab".repeat(32), size: 200_000 });
        assert_eq!(round_trip(&commit), commit);
        let item = encode_commit(&commit).unwrap();
        assert!(!item["events"].as_l().unwrap()[0].as_m().unwrap().contains_key("data"));
    }

    #[test]
    fn what_travels_along_is_read_back() {
        let mut commit = commit(vec![json!({})]);
        assert!(!encode_commit(&commit).unwrap().contains_key("metadata"), "nothing costs nothing");
        commit.metadata.insert("traceparent".to_owned(), json!("00-1-2-01"));
        assert_eq!(round_trip(&commit), commit);
    }

    #[test]
    fn what_is_missing_or_wrong_is_told() {
        let sound = encode_commit(&commit(vec![json!(1)])).unwrap();
        for name in sound.keys() {
            for damage in [None, Some(AttributeValue::Bool(true)), Some(AttributeValue::S("?".to_owned()))] {
                let mut item = sound.clone();
                match damage {
                    Some(AttributeValue::S(_)) if ["bodyHash", "userId"].contains(&name.as_str()) => continue,
                    Some(damage) => drop(item.insert(name.clone(), damage)),
                    None => drop(item.remove(name)),
                }
                let error = decode_commit(item).unwrap_err();
                assert!(error.to_string().contains(name) || name == "SK", "{name}: {error}");
            }
        }
        let mut torn = sound;
        let AttributeValue::L(events) = torn.get_mut("events").unwrap() else { panic!("a list") };
        let AttributeValue::M(event) = &mut events[0] else { panic!("a map") };
        event.insert("data".to_owned(), AttributeValue::S("{\"n\":".to_owned()));
        assert!(matches!(decode_commit(torn), Err(DecodeError::Payload(_))));
    }
}
