use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures::StreamExt;
use serde::Deserialize;
use skafu_events::{Envelope, StreamId};
use skafu_store::Consistency;

use super::error::ProjectError;
use super::hints::Hints;
use super::outcome::{Outcome, Tally};
use super::parking::park_unfoldable;
use super::port::{Gate, Project};
use crate::metrics::{Metrics, NoMetrics};
use crate::{Clock, SystemClock};

/// The part of an EventBridge event that a projector reads.
#[derive(Debug, Deserialize)]
struct BusEvent {
    detail: Envelope,
}

/// The handler of one view's queue.
pub struct Projections {
    projector: Arc<dyn Project>,
    clock: Arc<dyn Clock>,
    metrics: Arc<dyn Metrics>,
    tally: Mutex<Tally>,
}

/// One aggregate's part of a batch.
#[derive(Default)]
struct Group {
    hints: Hints,
    messages: Vec<String>,
    receives: u32,
}

impl Projections {
    /// The handler that feeds a view by its projector.
    pub fn new(projector: Arc<dyn Project>) -> Self {
        let (clock, metrics) = (Arc::new(SystemClock), Arc::new(NoMetrics));
        Self { projector, clock, metrics, tally: Mutex::default() }
    }

    /// Tells the time by another clock.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Reports what becomes of batches.
    pub fn with_metrics(mut self, metrics: Arc<dyn Metrics>) -> Self {
        self.metrics = metrics;
        self
    }

    /// What has become of all batches so far.
    pub fn tally(&self) -> Tally {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Applies a batch: one read for all aggregates of it, and one write for each. The answer names the
    /// messages to deliver again.
    pub async fn handle(&self, batch: SqsEvent) -> SqsBatchResponse {
        let (groups, mut failed) = self.group(batch);
        let streams: Vec<StreamId> = groups.keys().cloned().collect();
        let gates = self.gates(&streams).await;
        let work = groups.into_iter().zip(gates).map(|((stream, group), gate)| async move {
            let answer = self.one(&stream, &group, gate).await;
            (group.messages, answer)
        });
        let done: Vec<_> =
            futures::stream::iter(work).buffer_unordered(self.projector.at_once()).collect().await;
        let mut tally = Tally::default();
        tally.undecodable = failed.len() as u64;
        for (messages, outcome) in done {
            match outcome {
                Some(outcome) => tally.count(outcome),
                None => {
                    tally.failed += 1;
                    failed.extend(messages);
                }
            }
        }
        self.report(&tally);
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

    /// The batch by aggregate, and the messages that are no events.
    fn group(&self, batch: SqsEvent) -> (BTreeMap<StreamId, Group>, Vec<String>) {
        let mut failed: Vec<String> = Vec::new();
        let mut groups: BTreeMap<StreamId, Group> = BTreeMap::new();
        for message in batch.records {
            let receives = receives(&message);
            let id = message.message_id.unwrap_or_default();
            match read(message.body.as_deref().unwrap_or_default()) {
                Ok((stream, _)) if !self.projector.kinds().contains(&stream.kind()) => {}
                Ok((stream, event)) => {
                    let group = groups.entry(stream).or_default();
                    group.hints.add(event);
                    group.messages.push(id);
                    group.receives = group.receives.max(receives);
                }
                Err(reason) => {
                    // Received too often, it ends in the dead-letter queue.
                    tracing::error!(view = self.projector.view(), message = id, reason, "not an event");
                    failed.push(id);
                }
            }
        }
        (groups, failed)
    }

    async fn gates(&self, streams: &[StreamId]) -> Vec<Gate> {
        match self.projector.gates(streams, Consistency::Eventual).await {
            Ok(rows) => rows.into_iter().map(Gate::Read).collect(),
            Err(error) => {
                tracing::warn!(error = &error as &dyn Error, "the rows will be read one by one");
                vec![Gate::Unknown; streams.len()]
            }
        }
    }

    /// What became of one aggregate; none: its messages must be delivered again.
    async fn one(&self, stream: &StreamId, group: &Group, gate: Gate) -> Option<Outcome> {
        let error = match self.projector.project(stream, &group.hints, gate).await {
            Ok(outcome) => return Some(outcome),
            Err(error) => error,
        };
        let view = self.projector.view();
        let error = match error {
            ProjectError::Unfoldable(why) => {
                let now = self.clock.now();
                match park_unfoldable(&*self.projector, stream, &why, group.receives, now).await {
                    Ok(true) => {
                        self.metrics.count("Parked", view, 1);
                        return Some(Outcome::Parked);
                    }
                    Ok(false) => why.into(),
                    Err(error) => error,
                }
            }
            error => error,
        };
        tracing::warn!(view, %stream, error = &error as &dyn Error, "the events will be delivered again");
        None
    }

    fn report(&self, tally: &Tally) {
        let view = self.projector.view();
        for outcome in Outcome::ALL {
            self.metrics.count(outcome.metric(), view, tally.of(outcome));
        }
        self.metrics.count("Undecodable", view, tally.undecodable);
        self.metrics.count("Failed", view, tally.failed);
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).add(tally);
    }
}

/// How often the queue has handed the message out, this time included.
fn receives(message: &SqsMessage) -> u32 {
    message.attributes.get("ApproximateReceiveCount").and_then(|count| count.parse().ok()).unwrap_or(1)
}

fn read(body: &str) -> Result<(StreamId, Envelope), String> {
    let event: BusEvent = serde_json::from_str(body).map_err(|error| error.to_string())?;
    let stream = event.detail.stream().map_err(|error| error.to_string())?;
    Ok((stream, event.detail))
}
