use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::AggregateKind;

/// A stored event that this version of the code cannot read.
#[derive(Debug, thiserror::Error)]
#[error("{event_type} version {event_version} is not an event this code can read")]
pub struct UnknownEvent {
    /// The event's type as stored.
    pub event_type: String,
    /// Its schema version as stored.
    pub event_version: u32,
    /// What the decoder said.
    #[source]
    pub source: serde_json::Error,
}

/// The events of one context, as an enum with one variant per event type.
///
/// Implementors are adjacently tagged (`eventType`, `data`), so the variant's name *is* the type.
pub trait DomainEvent: Serialize + DeserializeOwned + Clone + Send + Sync {
    /// The kind of aggregate whose stream holds these events.
    const KIND: AggregateKind;

    /// The schema version new events of this type are written with.
    fn event_version(&self) -> u32 {
        1
    }

    /// The event's type and payload, as they are stored and published.
    fn encode(&self) -> Result<(String, Value), serde_json::Error> {
        let mut tagged = serde_json::to_value(self)?;
        let data = tagged.get_mut("data").map(Value::take).unwrap_or_default();
        let event_type = tagged.get("eventType").and_then(Value::as_str).unwrap_or_default().to_owned();
        Ok((event_type, data))
    }

    /// Reads a stored or published event back.
    fn decode(event_type: &str, event_version: u32, data: &Value) -> Result<Self, UnknownEvent> {
        serde_json::from_value(json!({ "eventType": event_type, "data": data }))
            .map_err(|source| UnknownEvent { event_type: event_type.to_owned(), event_version, source })
    }
}
