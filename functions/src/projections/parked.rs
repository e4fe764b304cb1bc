use serde::{Deserialize, Serialize};
use skafu_events::{Envelope, Timestamp};
use uuid::Uuid;

/// Why nothing more is shown of an aggregate in a view, kept with its row until somebody releases it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Parked {
    /// The aggregate's stream.
    pub stream: String,
    /// What the fold said.
    pub error: String,
    /// The version that is shown: the end of the last commit that could be folded.
    pub shown: u64,
    /// The event it could not take.
    pub event: EventRef,
    /// When it was parked.
    pub at: Timestamp,
    /// How often its messages had been received by then.
    pub receives: u32,
}

/// Which event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventRef {
    /// The same in every delivery.
    pub event_id: Uuid,
    /// PascalCase, past tense.
    pub event_type: String,
    /// The schema of its payload.
    pub event_version: u32,
    /// Its place in the aggregate's history.
    pub aggregate_version: u64,
}

impl From<&Envelope> for EventRef {
    fn from(event: &Envelope) -> Self {
        Self {
            event_id: event.event_id,
            event_type: event.event_type.clone(),
            event_version: event.event_version,
            aggregate_version: event.aggregate_version,
        }
    }
}
