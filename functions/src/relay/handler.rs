use std::collections::HashSet;
use std::sync::Arc;

use aws_lambda_events::dynamodb::{Event, EventRecord};
use aws_lambda_events::streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse};
use skafu_events::{Commit, Envelope, StreamId};
use skafu_store::{DecodeError, decode_commit};

use super::{BusEntry, EventPublisher};

/// The most entries one request to the bus may hold.
const MAX_ENTRIES: usize = 10;
/// The most bytes they may have together; the bus itself takes 256 KiB.
const MAX_REQUEST_BYTES: usize = 240 * 1024;

/// The handler: the only publisher of domain events.
pub struct Relay {
    bus: Arc<dyn EventPublisher>,
}

/// One event of the batch, and the record it came in.
struct Pending<'a> {
    record: usize,
    stream: &'a StreamId,
    entry: BusEntry,
    bytes: usize,
}

impl Relay {
    /// A relay to one bus.
    pub fn new(bus: Arc<dyn EventPublisher>) -> Self {
        Self { bus }
    }

    /// Publishes the events of a batch of stream records, each aggregate's in order.
    ///
    /// After a record of an aggregate that cannot be read, and after a request with an entry of it that the
    /// bus does not take, nothing more of the same aggregate is sent. The answer names the first record to
    /// be delivered again; what is then published twice carries the same event id.
    pub async fn handle(&self, batch: Event) -> DynamoDbEventResponse {
        let mut failed: Option<usize> = None;
        let mut commits: Vec<(usize, Commit)> = Vec::new();
        let mut unreadable: HashSet<StreamId> = HashSet::new();
        for (at, record) in batch.records.iter().enumerate() {
            match commit(record) {
                Ok(Some(commit)) if !unreadable.contains(&commit.stream) => commits.push((at, commit)),
                Ok(_) => {}
                Err(error) => {
                    // Retried a few times in vain, it ends in the stream's failure queue, for people to see.
                    let keys = &record.change.keys;
                    tracing::error!(error = &error as &dyn std::error::Error, ?keys, "not a commit");
                    failed = failed.or(Some(at));
                    unreadable.extend(stream(record));
                }
            }
        }
        let pending: Vec<Pending<'_>> =
            commits.iter().flat_map(|(at, commit)| entries(*at, commit)).collect();
        let mut stopped: HashSet<&StreamId> = HashSet::new();
        for chunk in requests(&pending) {
            let chunk: Vec<_> = chunk.iter().filter(|pending| !stopped.contains(pending.stream)).collect();
            for (pending, taken) in chunk.iter().zip(self.publish(&chunk).await) {
                if !taken {
                    stopped.insert(pending.stream);
                    failed = Some(failed.map_or(pending.record, |first| first.min(pending.record)));
                }
            }
        }
        let item_identifier = failed.and_then(|at| batch.records[at].change.sequence_number.clone());
        let mut response = DynamoDbEventResponse::default();
        if item_identifier.is_some() {
            let mut failure = DynamoDbBatchItemFailure::default();
            failure.item_identifier = item_identifier;
            response.batch_item_failures.push(failure);
        }
        response
    }

    async fn publish(&self, chunk: &[&Pending<'_>]) -> Vec<bool> {
        let entries: Vec<_> = chunk.iter().map(|pending| pending.entry.clone()).collect();
        if entries.is_empty() {
            return Vec::new();
        }
        match self.bus.publish(&entries).await {
            Ok(taken) if taken.len() == entries.len() => taken,
            Ok(_) => vec![false; entries.len()],
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the bus took nothing: will retry");
                vec![false; entries.len()]
            }
        }
    }
}

/// The stream a record belongs to, by its key.
fn stream(record: &EventRecord) -> Option<StreamId> {
    match record.change.keys.get("PK") {
        Some(serde_dynamo::AttributeValue::S(key)) => key.parse().ok(),
        _ => None,
    }
}

/// The commit a record brings, if it is one to publish.
fn commit(record: &EventRecord) -> Result<Option<Commit>, DecodeError> {
    let sort = record.change.keys.get("SK");
    if !matches!(sort, Some(serde_dynamo::AttributeValue::S(key)) if key.starts_with("EVENT#")) {
        return Ok(None);
    }
    if record.event_name != "INSERT" {
        // History was tampered with: say so, and never tell others the altered story.
        tracing::error!(event = record.event_name, keys = ?record.change.keys, "a commit was changed or removed");
        return Ok(None);
    }
    decode_commit(record.change.new_image.clone()).map(Some)
}

/// The events in requests that the bus takes.
fn requests<'a>(pending: &'a [Pending<'a>]) -> Vec<&'a [Pending<'a>]> {
    let (mut requests, mut start, mut bytes) = (Vec::new(), 0, 0);
    for (at, next) in pending.iter().enumerate() {
        if at > start && (at - start == MAX_ENTRIES || bytes + next.bytes > MAX_REQUEST_BYTES) {
            requests.push(&pending[start..at]);
            (start, bytes) = (at, 0);
        }
        bytes += next.bytes;
    }
    requests.push(&pending[start..]);
    requests
}

/// What an entry weighs on the bus, near enough: its payload and what is around it.
fn weight(event: &Envelope) -> usize {
    const AROUND: usize = 1024;
    AROUND + event.data.to_string().len()
}

fn entries(record: usize, commit: &Commit) -> impl Iterator<Item = Pending<'_>> {
    commit.envelopes().map(move |envelope| Pending {
        record,
        stream: &commit.stream,
        bytes: weight(&envelope),
        entry: BusEntry {
            source: format!("skafu.{}", commit.stream.kind().context()),
            detail_type: envelope.event_type.clone(),
            time: envelope.timestamp,
            detail: envelope,
        },
    })
}
