use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use serde::Deserialize;
use skafu_events::{Envelope, StreamId};
use skafu_store::{EventStore, ViewStore};
use skafu_views::{ProjectView, View};

use super::hints::Hints;
use super::projector::{Project, Projector, log};

/// The part of an EventBridge event that a projector reads.
#[derive(Debug, Deserialize)]
struct BusEvent {
    detail: Envelope,
}

/// No view has that name.
#[derive(Debug, thiserror::Error)]
#[error("there is no view named {0}")]
pub struct UnknownView(pub String);

/// The handler of one view's queue.
pub struct Projections {
    projector: Box<dyn Project>,
}

/// One aggregate's part of a batch.
#[derive(Default)]
struct Group {
    hints: Hints,
    messages: Vec<String>,
}

impl Projections {
    /// The handler for the view of that name.
    pub fn new(
        view: &str,
        events: Arc<dyn EventStore>,
        rows: Arc<dyn ViewStore>,
    ) -> Result<Self, UnknownView> {
        match view {
            ProjectView::NAME => {
                Ok(Self { projector: Box::new(Projector::<ProjectView>::new(events, rows)) })
            }
            other => Err(UnknownView(other.to_owned())),
        }
    }

    /// Applies a batch, one write per aggregate. The answer names the messages to deliver again.
    pub async fn handle(&self, batch: SqsEvent) -> SqsBatchResponse {
        let mut failed: Vec<String> = Vec::new();
        let mut groups: BTreeMap<StreamId, Group> = BTreeMap::new();
        for message in batch.records {
            let id = message.message_id.unwrap_or_default();
            match read(message.body.as_deref().unwrap_or_default()) {
                Ok((stream, event)) => {
                    let group = groups.entry(stream).or_default();
                    group.hints.add(event);
                    group.messages.push(id);
                }
                Err(reason) => {
                    // Received too often, it ends in the dead-letter queue.
                    tracing::error!(view = self.projector.view(), message = id, reason, "not an event");
                    failed.push(id);
                }
            }
        }
        for (stream, group) in groups {
            match self.projector.project(&stream, &group.hints).await {
                Ok(outcome) => {
                    tracing::debug!(view = self.projector.view(), %stream, ?outcome, "projected");
                }
                Err(error) => {
                    log(self.projector.view(), &stream, &error);
                    failed.extend(group.messages);
                }
            }
        }
        let mut response = SqsBatchResponse::default();
        response.batch_item_failures = failed
            .into_iter()
            .map(|id| {
                let mut failure = BatchItemFailure::default();
                failure.item_identifier = id;
                failure
            })
            .collect();
        response
    }
}

fn read(body: &str) -> Result<(StreamId, Envelope), String> {
    let event: BusEvent = serde_json::from_str(body).map_err(|error| error.to_string())?;
    let stream = event.detail.stream().map_err(|error| error.to_string())?;
    Ok((stream, event.detail))
}
