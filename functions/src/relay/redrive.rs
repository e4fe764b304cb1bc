use std::sync::Arc;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use skafu_events::{Commit, StreamId};
use skafu_store::{Chain, EventStore, StoreError};

use super::offer::{MAX_ENTRIES, MAX_REQUEST_BYTES, offer};
use super::{BusEntry, EventPublisher, UnpublishedKey};
use crate::chunks::chunks;

/// Why a message's commits were not published. Received too often, it ends in the dead-letter queue.
#[derive(Debug, thiserror::Error)]
enum RedriveError {
    #[error("the message names no commits")]
    Unreadable(#[source] serde_json::Error),
    #[error("the record is no commit's")]
    NoCommit,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the stream {stream} ends at version {found}, before version {wanted}")]
    Behind { stream: StreamId, found: u64, wanted: u64 },
    #[error("the bus did not take {0} events")]
    Refused(usize),
}

/// The handler of the queue of unpublished keys.
pub struct Redrive {
    events: Arc<dyn EventStore>,
    bus: Arc<dyn EventPublisher>,
}

impl Redrive {
    /// Publishes on `bus` what `events` hold.
    pub fn new(events: Arc<dyn EventStore>, bus: Arc<dyn EventPublisher>) -> Self {
        Self { events, bus }
    }

    /// Publishes the commits that a batch of [`UnpublishedKey`]s names, each aggregate's events in order and
    /// under the ids they always have. The answer names the messages to deliver again.
    pub async fn handle(&self, batch: SqsEvent) -> SqsBatchResponse {
        let mut response = SqsBatchResponse::default();
        for message in batch.records {
            let id = message.message_id.unwrap_or_default();
            if let Err(error) = self.one(message.body.as_deref().unwrap_or_default()).await {
                tracing::error!(
                    message = id,
                    error = %Chain(&error),
                    "not published again"
                );
                response.add_failure(id);
            }
        }
        response
    }

    async fn one(&self, body: &str) -> Result<(), RedriveError> {
        let (stream, from, to) = match serde_json::from_str(body).map_err(RedriveError::Unreadable)? {
            UnpublishedKey::Commits { stream, from_version, to_version } => {
                (stream, from_version, to_version)
            }
            UnpublishedKey::Record { .. } => return Err(RedriveError::NoCommit),
        };
        let mut commits = self.events.load_after(&stream, from.saturating_sub(1)).await?;
        let found = commits.last().map_or(0, Commit::last_version);
        if found < to {
            return Err(RedriveError::Behind { stream, found, wanted: to });
        }
        commits.retain(|commit| commit.first_version <= to);
        self.publish(&commits).await
    }

    async fn publish(&self, commits: &[Commit]) -> Result<(), RedriveError> {
        let entries: Vec<BusEntry> = commits.iter().flat_map(BusEntry::of).collect();
        for request in chunks(&entries, MAX_ENTRIES, MAX_REQUEST_BYTES, BusEntry::weight) {
            let refused = offer(&*self.bus, request).await.refused;
            if !refused.is_empty() {
                return Err(RedriveError::Refused(refused.len()));
            }
        }
        Ok(())
    }
}
