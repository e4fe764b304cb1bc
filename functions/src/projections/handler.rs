use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use futures::StreamExt;
use serde::Deserialize;
use skafu_events::{Envelope, StreamId};
use skafu_store::{Chain, Consistency};

use super::error::ProjectError;
use super::feed::{Fed, Feed};
use super::hints::Hints;
use super::outcome::{Outcome, Tally};
use super::parking::park_unfoldable;
use super::port::Gate;
use crate::metrics::{Metrics, NoMetrics};
use crate::{Clock, SystemClock};

/// The part of an EventBridge event that a projector reads.
#[derive(Debug, Deserialize)]
struct BusEvent {
    detail: Envelope,
}

/// The handler of one view's queue.
pub struct Projections {
    feed: Arc<Feed>,
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

type Groups = BTreeMap<StreamId, Group>;

/// What became of one aggregate in one generation.
enum Done {
    /// Nothing more is to be done.
    Over(Outcome),
    /// Its messages must be delivered again.
    Again,
    /// That, and until then no other generation may show more than this one: else a view that is
    /// answered from it some day would go backwards.
    Held,
}

impl Projections {
    /// The handler that feeds a view.
    pub fn new(feed: Arc<Feed>) -> Self {
        let (clock, metrics) = (Arc::new(SystemClock), Arc::new(NoMetrics));
        Self { feed, clock, metrics, tally: Mutex::default() }
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

    /// Applies a batch to every generation that is fed: one read for all aggregates of it, and one write
    /// for each. The answer names the messages to deliver again.
    pub async fn handle(&self, batch: SqsEvent) -> SqsBatchResponse {
        let (mut groups, failed) = self.group(batch);
        let mut tally = Tally::default();
        tally.undecodable = failed.len() as u64;
        let mut failed: BTreeSet<String> = failed.into_iter().collect();
        match self.feed.fed(self.clock.now()).await {
            Ok(fed) => {
                // What happens between their writes must not be shown by the last alone.
                if fed.len() > 1 {
                    groups.values_mut().for_each(|it| it.hints = std::mem::take(&mut it.hints).no_further());
                }
                let again = self.every_generation(&fed, &groups, &mut tally).await;
                tally.failed = again.len() as u64;
                failed.extend(again.iter().flat_map(|stream| groups[stream].messages.iter().cloned()));
            }
            Err(error) => {
                let view = self.feed.view();
                tracing::error!(view, error = %Chain(&error), "all of it will be delivered again");
                tally.failed = groups.len() as u64;
                failed.extend(groups.into_values().flat_map(|group| group.messages));
            }
        }
        self.report(&tally);
        let mut response = SqsBatchResponse::default();
        failed.into_iter().for_each(|id| response.add_failure(id));
        response
    }

    /// The aggregates whose messages are to be delivered again.
    async fn every_generation(&self, fed: &[Fed], groups: &Groups, tally: &mut Tally) -> BTreeSet<StreamId> {
        let (mut again, mut held) = (BTreeSet::new(), BTreeSet::new());
        for fed in fed {
            let streams: Vec<StreamId> = groups.keys().filter(|it| !held.contains(*it)).cloned().collect();
            let gates = gates(fed, &streams).await;
            let work = streams.into_iter().zip(gates).map(|(stream, gate)| async {
                let done = self.one(fed, &stream, &groups[&stream], gate).await;
                (stream, done)
            });
            // Collected before the first await: a lazy iterator of references would not be `Send` there.
            let work: Vec<_> = work.collect();
            let at_once = fed.projector.at_once();
            let done: Vec<_> = futures::stream::iter(work).buffer_unordered(at_once).collect().await;
            for (stream, done) in done {
                match done {
                    Done::Over(outcome) if fed.is_active() => tally.count(outcome),
                    Done::Over(_) => {}
                    Done::Again => drop(again.insert(stream)),
                    Done::Held => {
                        again.insert(stream.clone());
                        held.insert(stream);
                    }
                }
            }
        }
        again
    }

    /// The batch by aggregate, and the messages that are no events.
    fn group(&self, batch: SqsEvent) -> (Groups, Vec<String>) {
        let mut failed: Vec<String> = Vec::new();
        let mut groups = Groups::new();
        for message in batch.records {
            let receives = receives(&message);
            let id = message.message_id.unwrap_or_default();
            match read(message.body.as_deref().unwrap_or_default()) {
                Ok((stream, _)) if !self.feed.kinds().contains(&stream.kind()) => {}
                Ok((stream, event)) => {
                    let group = groups.entry(stream).or_default();
                    group.hints.add(event);
                    group.messages.push(id);
                    group.receives = group.receives.max(receives);
                }
                Err(reason) => {
                    // Received too often, it ends in the dead-letter queue.
                    tracing::error!(view = self.feed.view(), message = id, reason, "not an event");
                    failed.push(id);
                }
            }
        }
        (groups, failed)
    }

    /// Brings one aggregate up to date in one generation.
    async fn one(&self, fed: &Fed, stream: &StreamId, group: &Group, gate: Gate) -> Done {
        let projector = &*fed.projector;
        let error = match projector.project(stream, &group.hints, gate).await {
            Ok(outcome) => return Done::Over(outcome),
            Err(error) => error,
        };
        let (view, generation) = (projector.view(), projector.generation());
        // What it cannot fold does not keep a generation from being shown that can.
        let (error, done) = match error {
            ProjectError::Unfoldable(why) => {
                let now = self.clock.now();
                match park_unfoldable(projector, stream, &why, group.receives, now).await {
                    Ok(true) => {
                        self.metrics.count("Parked", view, 1);
                        return Done::Over(Outcome::Parked);
                    }
                    Ok(false) => (why.into(), Done::Again),
                    Err(error) => (error, Done::Again),
                }
            }
            // Nobody looks at it, and its time will be over.
            ProjectError::Row(error) if fed.is_kept() => {
                tracing::error!(view, generation, %stream, %error, "an old row cannot be read: passed over");
                return Done::Over(Outcome::Parked);
            }
            error if fed.is_active() => (error, Done::Again),
            error => (error, Done::Held),
        };
        let error = Chain(&error);
        tracing::warn!(view, generation, %stream, %error, "the events will be delivered again");
        done
    }

    fn report(&self, tally: &Tally) {
        let view = self.feed.view();
        for outcome in Outcome::ALL {
            self.metrics.count(outcome.metric(), view, tally.of(outcome));
        }
        self.metrics.count("Undecodable", view, tally.undecodable);
        self.metrics.count("Failed", view, tally.failed);
        self.tally.lock().unwrap_or_else(PoisonError::into_inner).add(tally);
    }
}

async fn gates(fed: &Fed, streams: &[StreamId]) -> Vec<Gate> {
    match fed.projector.gates(streams, Consistency::Eventual).await {
        Ok(rows) => rows.into_iter().map(Gate::Read).collect(),
        Err(error) => {
            tracing::warn!(error = %Chain(&error), "the rows will be read one by one");
            vec![Gate::Unknown; streams.len()]
        }
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
