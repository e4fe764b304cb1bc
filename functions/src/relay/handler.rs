use skafu_store::Chain;
use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use skafu_events::{Commit, StreamId};

use super::batch::Batch;
use super::offer::{MAX_ENTRIES, MAX_REQUEST_BYTES, offer};
use super::unpublished::Unpublished;
use super::{BusEntry, EventPublisher};
use crate::chunks::chunks;
use crate::queues::{MessageQueue, QueueError, send_all};
use crate::saga::calls_for_saga;
use crate::sweep::{Noted, SweepNote};

/// Where the relay leaves word for others.
pub struct RelayQueues {
    /// Takes the keys of what could not be published; redrive publishes it.
    pub unpublished: Arc<dyn MessageQueue>,
    /// Takes a note of every batch, which it hands out when all of it should have been shown.
    pub sweep: Arc<dyn MessageQueue>,
}

/// The handler: the only publisher of domain events.
pub struct Relay {
    bus: Arc<dyn EventPublisher>,
    queues: RelayQueues,
}

/// One event of the batch, and the commit it belongs to.
struct Pending<'a> {
    record: usize,
    commit: &'a Commit,
    entry: BusEntry,
}

impl Relay {
    /// A relay to one bus.
    pub fn new(bus: Arc<dyn EventPublisher>, queues: RelayQueues) -> Self {
        Self { bus, queues }
    }

    /// Publishes the events of a batch of stream records, each aggregate's in order as long as the bus takes
    /// them at once: whoever needs the order goes by `aggregateVersion`.
    ///
    /// After a record of an aggregate that cannot be read, and after a request with an entry of it that the
    /// bus does not take in three tries, nothing more of the same aggregate is sent; its keys are queued
    /// instead. Only if a queue fails does the answer name a record: the first to be delivered again. What
    /// is then published twice carries the same event id.
    pub async fn handle(&self, batch: Event) -> DynamoDbEventResponse {
        let records = &batch.records;
        let mut unpublished = Unpublished::default();
        let read = Batch::read(records, &mut unpublished);
        // First of all: whatever becomes of this invocation from here on, the sweep looks after it.
        if let Err(error) = self.note(read.commits.iter().map(|(_, commit)| commit)).await {
            tracing::error!(error = %Chain(&error), "nobody would check: will be delivered again");
            return answer(records.first());
        }
        self.publish(&read, &mut unpublished).await;
        unpublished.extend(&read.commits);

        let mut failed = None;
        let first = unpublished.first_record();
        if let Err(error) = send_all(&*self.queues.unpublished, &unpublished.keys()).await {
            tracing::error!(
                error = %Chain(&error),
                "unpublished keys are lost: will be delivered again"
            );
            failed = first;
        }
        answer(failed.map(|at| &records[at]))
    }

    /// Publishes what is not held already, and holds what the bus does not take.
    async fn publish(&self, batch: &Batch, unpublished: &mut Unpublished) {
        let free = batch.commits.iter().zip(&batch.behind).filter(|(_, behind)| !**behind);
        let pending: Vec<Pending<'_>> = free
            .flat_map(|((record, commit), _)| {
                BusEntry::of(commit).map(|entry| Pending { record: *record, commit, entry })
            })
            .collect();
        let mut silent = false;
        let mut stopped = Unpublished::default();
        for request in chunks(&pending, MAX_ENTRIES, MAX_REQUEST_BYTES, |it| it.entry.weight()) {
            let request: Vec<&Pending<'_>> =
                request.iter().filter(|it| !stopped.holds(&it.commit.stream)).collect();
            let entries: Vec<BusEntry> = request.iter().map(|it| it.entry.clone()).collect();
            // A bus that does not answer three times is not asked for the rest: the time of one batch is short.
            let refused = if silent {
                (0..entries.len()).collect()
            } else {
                let offered = offer(&*self.bus, &entries).await;
                silent = offered.silent;
                offered.refused
            };
            for at in refused {
                let Pending { record, commit, .. } = request[at];
                stopped.hold(&commit.stream, *record, commit.first_version);
            }
        }
        unpublished.absorb(stopped);
    }

    /// Leaves word for the sweep: how far each aggregate of the batch has come.
    async fn note(&self, commits: impl Iterator<Item = &Commit>) -> Result<(), QueueError> {
        let mut streams: BTreeMap<&StreamId, (u64, bool)> = BTreeMap::new();
        for commit in commits {
            let (version, calls) = streams.entry(&commit.stream).or_default();
            *version = commit.last_version().max(*version);
            *calls |= commit.events.iter().any(|event| calls_for_saga(&event.event_type));
        }
        let noted = streams.into_iter().map(|(stream, (version, calls_for_saga))| Noted {
            stream: stream.clone(),
            version,
            calls_for_saga,
        });
        send_all(&*self.queues.sweep, &SweepNote::of(noted.collect())).await
    }
}

fn answer(again_from: Option<&EventRecord>) -> DynamoDbEventResponse {
    let mut response = DynamoDbEventResponse::default();
    if let Some(record) = again_from {
        let mut failure = DynamoDbBatchItemFailure::default();
        // Without a number it is the whole batch that is delivered again.
        failure.item_identifier = Some(record.change.sequence_number.clone().unwrap_or_default());
        response.batch_item_failures.push(failure);
    }
    response
}
