use serde::{Deserialize, Serialize};
use skafu_events::StreamId;

/// The most aggregates one note may name: as many as one request for rows.
pub const MAX_NOTED: usize = 100;

/// What one batch of the relay held: a message of the queue that the sweep reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SweepNote {
    /// One per aggregate, at most [`MAX_NOTED`].
    pub commits: Vec<Noted>,
}

/// How far an aggregate had come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Noted {
    /// The aggregate's stream.
    pub stream: StreamId,
    /// The version after its last commit of the batch.
    pub version: u64,
    /// Whether an execution may have to follow what the batch held.
    #[serde(rename = "callsForSaga", alias = "created")]
    pub calls_for_saga: bool,
}

impl SweepNote {
    /// As many notes as it takes.
    pub fn of(noted: Vec<Noted>) -> Vec<Self> {
        noted.chunks(MAX_NOTED).map(|commits| Self { commits: commits.to_vec() }).collect()
    }
}
