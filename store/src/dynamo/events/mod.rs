//! The event store on DynamoDB: one item per commit.

mod append;
mod load;
mod page;
mod payload;
mod reason;
mod scan;
mod snapshot;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::ConsumedCapacity;
use skafu_events::{Commit, StreamId};

use crate::meter::{Consumed, LogMeter, Meter};
use crate::{
    Append, Consistency, EventStore, History, PayloadStore, ScanPage, ScanPosition, Segment, Snapshot,
    StoreError, TransactionError,
};

/// How many streams an instance remembers the last snapshot of.
const KNOWN_SNAPSHOTS: usize = 10_000;

/// The event store on DynamoDB.
#[derive(Clone)]
pub struct DynamoEventStore {
    client: Client,
    table: String,
    payloads: Option<Arc<dyn PayloadStore>>,
    meter: Arc<dyn Meter>,
    /// Versions of the last snapshots seen: a warm instance need not read what they stand for.
    known: Arc<Mutex<HashMap<StreamId, u64>>>,
    page_size: Option<i32>,
}

impl DynamoEventStore {
    /// A store on an existing table. Commits whose payloads do not fit into an item are refused.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self {
            client,
            table: table.into(),
            payloads: None,
            meter: Arc::new(LogMeter),
            known: Arc::default(),
            page_size: None,
        }
    }

    /// The same store, which keeps large payloads there.
    #[must_use]
    pub fn with_payloads(self, payloads: Arc<dyn PayloadStore>) -> Self {
        Self { payloads: Some(payloads), ..self }
    }

    /// The same store, which reports what requests cost there.
    #[must_use]
    pub fn with_meter(self, meter: Arc<dyn Meter>) -> Self {
        Self { meter, ..self }
    }

    /// The same store, which asks for at most this many items at a time. For tests of paging.
    #[must_use]
    pub fn with_page_size(self, items: i32) -> Self {
        Self { page_size: Some(items), ..self }
    }

    fn consumed(&self, operation: &'static str, capacity: &[ConsumedCapacity]) {
        let units = capacity.iter().filter_map(ConsumedCapacity::capacity_units).sum();
        self.meter.consumed(Consumed { operation, units });
    }

    fn known_snapshot(&self, stream: &StreamId) -> Option<u64> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).get(stream).copied()
    }

    fn learn_snapshot(&self, stream: &StreamId, version: u64) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // Full: forgetting all costs each stream one dearer read.
        if known.len() >= KNOWN_SNAPSHOTS {
            known.clear();
        }
        known.insert(stream.clone(), version);
    }
}

#[async_trait]
impl EventStore for DynamoEventStore {
    async fn load(&self, stream: &StreamId, consistency: Consistency) -> Result<History, StoreError> {
        let commits = self.contiguous(stream, 0, consistency).await?;
        Ok(History::new(stream.clone(), None, commits))
    }

    async fn load_latest(
        &self,
        stream: &StreamId,
        consistency: Consistency,
        schema: &str,
    ) -> Result<History, StoreError> {
        self.latest(stream, consistency, schema).await
    }

    async fn load_after(&self, stream: &StreamId, version: u64) -> Result<Vec<Commit>, StoreError> {
        self.contiguous(stream, version, Consistency::Strong).await
    }

    async fn page_before(
        &self,
        stream: &StreamId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Commit>, StoreError> {
        self.page_of_commits(stream, before, limit).await
    }

    async fn append_all(&self, appends: Vec<Append<'_>>) -> Result<Vec<Commit>, TransactionError> {
        self.write(appends).await
    }

    async fn save_snapshot(&self, stream: &StreamId, snapshot: &Snapshot) -> Result<(), StoreError> {
        self.put_snapshot(stream, snapshot).await
    }

    async fn scan(
        &self,
        segment: Segment,
        after: Option<&ScanPosition>,
        limit: u32,
    ) -> Result<ScanPage, StoreError> {
        self.scan_page(segment, after, limit).await
    }
}
