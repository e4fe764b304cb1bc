use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use crate::{DataRef, InvalidId, StreamId, Tenant, Timestamp};

/// One event as integrators receive it: the `detail` of an EventBridge event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope {
    /// Stable over every delivery: consumers may use it to drop duplicates.
    pub event_id: Uuid,
    /// PascalCase, past tense: `ProjectCreated`. Also the bus `DetailType`.
    pub event_type: String,
    /// Schema version of `data`, from 1.
    pub event_version: u32,
    /// When the store accepted the command.
    pub timestamp: Timestamp,
    /// Follows one request through everything it touches.
    pub correlation_id: Uuid,
    /// The command that caused the event.
    pub causation_id: Uuid,
    /// `PROJECT#<id>`.
    pub aggregate_id: String,
    /// The event's place in its aggregate's history: 1, 2, 3 … without gaps.
    pub aggregate_version: u64,
    /// The payload; null where it is too large for the bus.
    pub data: Value,
    /// Where the payload is, if it is too large for the bus: the store has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_ref: Option<DataRef>,
    /// Who, where, and the commit the event belongs to.
    pub metadata: Metadata,
}

/// What is known about an event beside its payload.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// The tenant that owns the aggregate.
    pub tenant_id: Tenant,
    /// Who asked: the caller's `sub`, or `system:<name>`.
    pub user_id: String,
    /// Version of the first event of the commit this event was part of.
    pub commit_version: u64,
    /// How many events that commit holds. A consumer that has seen fewer has seen half a command.
    pub commit_size: u64,
    /// What else travelled along with the command.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl Envelope {
    /// The stream the event belongs to.
    pub fn stream(&self) -> Result<StreamId, InvalidId> {
        format!("{}/{}", self.metadata.tenant_id, self.aggregate_id).parse()
    }

    /// The aggregate's version once the whole commit is applied.
    pub fn commit_end(&self) -> u64 {
        (self.metadata.commit_version + self.metadata.commit_size).saturating_sub(1)
    }
}
