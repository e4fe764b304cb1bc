use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use skafu_events::{Commit, StreamId};
use skafu_store::{
    Append, Consistency, EventStore, History, ScanPage, ScanPosition, Segment, Snapshot, StoreError,
    TransactionError,
};

/// What was written, in the order it was: the table's stream.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<Commit>>>);

impl Log {
    pub fn from(&self, position: usize, most: usize) -> Vec<Commit> {
        self.0.lock().unwrap().iter().skip(position).take(most).cloned().collect()
    }

    pub fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    pub fn all(&self) -> Vec<Commit> {
        self.0.lock().unwrap().clone()
    }
}

/// An event table whose stream is kept.
pub struct Tap<S> {
    pub inner: S,
    pub log: Log,
}

#[async_trait]
impl<S: EventStore> EventStore for Tap<S> {
    async fn load(&self, stream: &StreamId, consistency: Consistency) -> Result<History, StoreError> {
        self.inner.load(stream, consistency).await
    }

    async fn load_latest(
        &self,
        stream: &StreamId,
        consistency: Consistency,
        schema: &str,
    ) -> Result<History, StoreError> {
        self.inner.load_latest(stream, consistency, schema).await
    }

    async fn load_after(&self, stream: &StreamId, version: u64) -> Result<Vec<Commit>, StoreError> {
        self.inner.load_after(stream, version).await
    }

    async fn page_before(
        &self,
        stream: &StreamId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Commit>, StoreError> {
        self.inner.page_before(stream, before, limit).await
    }

    async fn append_all(&self, appends: Vec<Append<'_>>) -> Result<Vec<Commit>, TransactionError> {
        let commits = self.inner.append_all(appends).await?;
        self.log.0.lock().unwrap().extend_from_slice(&commits);
        Ok(commits)
    }

    async fn save_snapshot(&self, stream: &StreamId, snapshot: &Snapshot) -> Result<(), StoreError> {
        self.inner.save_snapshot(stream, snapshot).await
    }

    async fn scan(
        &self,
        segment: Segment,
        after: Option<&ScanPosition>,
        limit: u32,
    ) -> Result<ScanPage, StoreError> {
        self.inner.scan(segment, after, limit).await
    }
}
