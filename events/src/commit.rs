use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{Envelope, Metadata, StreamId, Timestamp};

/// Namespace of event ids; any fixed value serves.
const EVENT_IDS: Uuid = Uuid::from_u128(0x6f1d_5cc1_27a4_4f0c_9b6e_0a6f_3b1e_c2d7);

/// The id of the event at `version` of `stream`.
///
/// A version of a stream is written once, so stream and version name the event for ever: an event
/// published twice carries the same id, without anyone having to remember it.
pub fn event_id(stream: &StreamId, version: u64) -> Uuid {
    Uuid::new_v5(&EVENT_IDS, format!("{stream}#{version}").as_bytes())
}

/// One event as it is stored inside its commit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedEvent {
    /// See [`event_id`].
    pub event_id: Uuid,
    /// PascalCase, past tense: `ProjectCreated`.
    pub event_type: String,
    /// Schema version of `data`, from 1.
    pub event_version: u32,
    /// The payload; null where it is kept outside and was not fetched.
    pub data: Value,
    /// Where the payload is, if it was too large to stand in the commit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_ref: Option<DataRef>,
}

/// A payload kept outside its commit, by its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DataRef {
    /// SHA-256 (hex) of the payload's JSON.
    pub sha256: String,
    /// Bytes of the payload's JSON.
    pub size: u64,
}

/// What one accepted command did to one aggregate: the unit of writing, reading and publishing.
#[derive(Debug, Clone, PartialEq)]
pub struct Commit {
    /// The aggregate's stream.
    pub stream: StreamId,
    /// Version of the first event; the first event of a stream has version 1.
    pub first_version: u64,
    /// One to a hundred events, in order.
    pub events: Vec<RecordedEvent>,
    /// The command that caused it: the `causationId` of its events.
    pub command_id: Uuid,
    /// SHA-256 (hex) of the command's body: tells a retry from another command under the same id.
    pub body_hash: String,
    /// Follows one request through every aggregate, log line and event it touches.
    pub correlation_id: Uuid,
    /// Who asked: the caller's `sub`, or `system:<name>`.
    pub user_id: String,
    /// When the store accepted it, by the server's clock.
    pub timestamp: Timestamp,
    /// Room for what travels along, such as a `traceparent`. Never personal data.
    pub metadata: Map<String, Value>,
}

impl Commit {
    /// Version of the last event: the aggregate's version once this commit is written.
    pub fn last_version(&self) -> u64 {
        self.first_version + self.events.len() as u64 - 1
    }

    /// The events as they are published, in order.
    pub fn envelopes(&self) -> impl Iterator<Item = Envelope> + '_ {
        self.events.iter().zip(self.first_version..).map(|(event, version)| Envelope {
            event_id: event.event_id,
            event_type: event.event_type.clone(),
            event_version: event.event_version,
            timestamp: self.timestamp,
            correlation_id: self.correlation_id,
            causation_id: self.command_id,
            aggregate_id: self.stream.aggregate_id(),
            aggregate_version: version,
            data: if event.data_ref.is_some() { Value::Null } else { event.data.clone() },
            data_ref: event.data_ref.clone(),
            metadata: Metadata {
                tenant_id: self.stream.tenant().clone(),
                user_id: self.user_id.clone(),
                commit_version: self.first_version,
                commit_size: self.events.len() as u64,
                extra: self.metadata.clone(),
            },
        })
    }
}
