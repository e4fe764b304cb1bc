use async_trait::async_trait;
use skafu_events::{Commit, StreamId};

use super::snapshots::{behind, from_snapshot};
use super::{FaultyStore, Seen, unavailable};
use crate::{
    Append, Consistency, EventStore, History, ScanPage, ScanPosition, Segment, Snapshot, StoreError,
    TransactionError,
};

impl<S: EventStore> FaultyStore<S> {
    /// How far behind this read is.
    fn lag(&self, consistency: Consistency) -> usize {
        match consistency {
            Consistency::Eventual => self.state().lag(),
            Consistency::Strong => 0,
        }
    }

    /// What a replica that lags would say: a prefix, from an old snapshot if it has one.
    async fn stale(&self, stream: &StreamId, lag: usize, schema: &str) -> Result<History, StoreError> {
        let prefix = behind(self.inner.load(stream, Consistency::Strong).await?, lag);
        let mut state = self.state();
        let mut had = state.snapshots.until(stream, prefix.version(), schema);
        // One of them, or none of them yet.
        let chosen = state.fortune.below(had.len() + 1);
        if chosen == had.len() || state.faults.no_snapshots {
            return Ok(prefix);
        }
        Ok(from_snapshot(prefix, had.swap_remove(chosen)))
    }
}

#[async_trait]
impl<S: EventStore> EventStore for FaultyStore<S> {
    async fn load(&self, stream: &StreamId, consistency: Consistency) -> Result<History, StoreError> {
        self.request(Seen::Load(consistency)).await?;
        match self.lag(consistency) {
            0 => self.inner.load(stream, consistency).await,
            lag => Ok(behind(self.inner.load(stream, Consistency::Strong).await?, lag)),
        }
    }

    async fn load_latest(
        &self,
        stream: &StreamId,
        consistency: Consistency,
        schema: &str,
    ) -> Result<History, StoreError> {
        self.request(Seen::Load(consistency)).await?;
        let lag = self.lag(consistency);
        {
            let mut state = self.state();
            let gone = state.faults.snapshots_gone;
            if state.fortune.chance(gone) {
                state.snapshots.forget();
            }
        }
        if lag > 0 {
            return self.stale(stream, lag, schema).await;
        }
        let latest = self.inner.load_latest(stream, consistency, schema).await?;
        let hidden = latest.snapshot().is_some_and(|snapshot| {
            let state = self.state();
            state.faults.no_snapshots || state.snapshots.is_gone(snapshot, stream)
        });
        if hidden { self.inner.load(stream, consistency).await } else { Ok(latest) }
    }

    async fn load_after(&self, stream: &StreamId, version: u64) -> Result<Vec<Commit>, StoreError> {
        self.request(Seen::Load(Consistency::Strong)).await?;
        self.inner.load_after(stream, version).await
    }

    async fn page_before(
        &self,
        stream: &StreamId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Commit>, StoreError> {
        self.request(Seen::Load(Consistency::Strong)).await?;
        self.inner.page_before(stream, before, limit).await
    }

    async fn append_all(&self, appends: Vec<Append<'_>>) -> Result<Vec<Commit>, TransactionError> {
        self.request(Seen::Append).await?;
        let commits = self.inner.append_all(appends).await?;
        if self.state().loses_answer() { Err(unavailable("answer").into()) } else { Ok(commits) }
    }

    /// No turn for others: without snapshots a run must take the same turns as with them.
    async fn save_snapshot(&self, stream: &StreamId, snapshot: &Snapshot) -> Result<(), StoreError> {
        {
            let mut state = self.state();
            state.seen.push(Seen::Snapshot);
            let lost = state.faults.snapshots_lost;
            if state.fortune.chance(lost) {
                let silently = state.fortune.chance(50);
                return if silently { Ok(()) } else { Err(unavailable("snapshot")) };
            }
            state.snapshots.remember(stream, snapshot);
        }
        self.inner.save_snapshot(stream, snapshot).await
    }

    async fn scan(
        &self,
        segment: Segment,
        after: Option<&ScanPosition>,
        limit: u32,
    ) -> Result<ScanPage, StoreError> {
        self.request(Seen::Scan).await?;
        self.inner.scan(segment, after, limit).await
    }
}
