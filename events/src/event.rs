use std::borrow::Cow;

use serde::Serialize;
use serde::de::{DeserializeOwned, Error as _};
use serde_json::Value;

use crate::AggregateKind;
use crate::tagged::Tagged;

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

/// One step in the evolution of an event's schema: turns a payload of version `from` into one of the
/// next version. What is stored is never rewritten; it is read through every step that came after it.
#[derive(Debug, Clone, Copy)]
pub struct Upcaster {
    /// The event's type.
    pub event_type: &'static str,
    /// The version it reads; it makes the next one.
    pub from: u32,
    /// The step itself. It must accept every payload that was ever stored with that version.
    pub step: fn(Value) -> Value,
}

/// The events of one context, as an enum with one variant per event type.
///
/// Implementors are adjacently tagged (`eventType`, `data`), so the variant's name *is* the type.
pub trait DomainEvent: Serialize + DeserializeOwned + Clone + Send + Sync {
    /// The kind of aggregate whose stream holds these events.
    const KIND: AggregateKind;

    /// Every step from an old schema version to the next. A type without steps is at version 1.
    const UPCASTERS: &'static [Upcaster] = &[];

    /// The schema version new events of that type are written with.
    fn current_version(event_type: &str) -> u32 {
        let steps = Self::UPCASTERS.iter().filter(|step| step.event_type == event_type);
        steps.map(|step| step.from + 1).max().unwrap_or(1)
    }

    /// The event's type, schema version and payload, as they are stored and published.
    fn encode(&self) -> Result<(String, u32, Value), serde_json::Error> {
        let mut tagged = serde_json::to_value(self)?;
        let mut take = |name| tagged.get_mut(name).map(Value::take);
        let data = take("data").unwrap_or_default();
        let event_type = match take("eventType") {
            Some(Value::String(event_type)) => event_type,
            _ => String::new(),
        };
        let version = Self::current_version(&event_type);
        Ok((event_type, version, data))
    }

    /// Reads a stored or published event back, whatever version it was written with.
    fn decode(event_type: &str, event_version: u32, data: &Value) -> Result<Self, UnknownEvent> {
        let unknown = |source| UnknownEvent { event_type: event_type.to_owned(), event_version, source };
        let current = Self::current_version(event_type);
        if event_version == 0 || event_version > current {
            return Err(unknown(serde_json::Error::custom("the version is not one this code knows")));
        }
        let mut data = Cow::Borrowed(data);
        for version in event_version..current {
            let step = Self::UPCASTERS.iter().find(|it| it.event_type == event_type && it.from == version);
            let missing = || unknown(serde_json::Error::custom("there is no step to the next version"));
            data = Cow::Owned((step.ok_or_else(missing)?.step)(data.into_owned()));
        }
        Self::deserialize(Tagged::new(event_type, &data)).map_err(unknown)
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    /// A context whose one event has been through two changes.
    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    #[serde(tag = "eventType", content = "data")]
    enum ParcelEvent {
        ParcelSent { to: Address, grams: u32 },
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Address {
        city: String,
    }

    impl DomainEvent for ParcelEvent {
        const KIND: AggregateKind = AggregateKind::Project;
        const UPCASTERS: &'static [Upcaster] = &[
            // Version 1 had kilograms.
            Upcaster {
                event_type: "ParcelSent",
                from: 1,
                step: |old| json!({ "to": old["to"], "grams": old["kg"].as_f64().unwrap_or_default() as u32 * 1000 }),
            },
            // Version 2 had a city's name for an address.
            Upcaster {
                event_type: "ParcelSent",
                from: 2,
                step: |old| json!({ "to": { "city": old["to"] }, "grams": old["grams"] }),
            },
        ];
    }

    fn sent() -> ParcelEvent {
        ParcelEvent::ParcelSent { to: Address { city: "Graz".to_owned() }, grams: 2000 }
    }

    #[test]
    fn every_version_ever_stored_is_read_as_the_current_one() {
        let versions = [
            (1, json!({ "to": "Graz", "kg": 2.0 })),
            (2, json!({ "to": "Graz", "grams": 2000 })),
            (3, json!({ "to": { "city": "Graz" }, "grams": 2000 })),
        ];
        for (version, stored) in versions {
            assert_eq!(
                ParcelEvent::decode("ParcelSent", version, &stored).unwrap(),
                sent(),
                "version {version}"
            );
        }
    }

    #[test]
    fn new_events_are_written_with_the_current_version() {
        let (event_type, version, data) = sent().encode().unwrap();
        assert_eq!((event_type.as_str(), version), ("ParcelSent", 3));
        assert_eq!(data, json!({ "to": { "city": "Graz" }, "grams": 2000 }));
    }

    #[test]
    fn a_version_of_the_future_is_refused_instead_of_guessed() {
        for version in [0, 4] {
            assert!(ParcelEvent::decode("ParcelSent", version, &json!({ "to": "Graz" })).is_err());
        }
    }
}
