//! The functions' ports, served by the embedded cloud.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use serde_json::Value;
use skafu_events::{Commit, StreamId};
use skafu_functions::graphql::{DocumentSource, SourceError};
use skafu_functions::queues::{MessageQueue, QueueError};
use skafu_functions::relay::{BusEntry, EventPublisher, PublishError};
use skafu_functions::saga::{Started, WorkflowError, Workflows};
use skafu_store::{
    Append, Chain, Consistency, EventStore, History, ScanPage, ScanPosition, Segment, Snapshot, StoreError,
    TransactionError,
};
use tokio::sync::Notify;

use crate::bus::{Bus, Entry};
use crate::queue::{Outgoing, Queues};
use crate::states::{EndObserver, Execution, Executions, StartError, status_change};

/// A manifest of trusted documents in a file.
pub struct FileDocuments(pub PathBuf);

#[async_trait]
impl DocumentSource for FileDocuments {
    async fn manifest(&self) -> Result<Option<Vec<u8>>, SourceError> {
        match tokio::fs::read(&self.0).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(SourceError(Box::new(error))),
        }
    }
}

/// The relay's way to the bus.
pub struct LocalPublisher {
    /// All buses.
    pub bus: Bus,
    /// The name of the relay's own.
    pub name: String,
}

#[async_trait]
impl EventPublisher for LocalPublisher {
    async fn publish(&self, entries: &[BusEntry]) -> Result<Vec<bool>, PublishError> {
        let entry = |entry: &BusEntry| {
            Ok(Entry {
                bus: self.name.clone(),
                source: entry.source.clone(),
                detail_type: entry.detail_type.clone(),
                detail: serde_json::to_value(&entry.detail)?,
                time: Some(entry.time.date_time()),
            })
        };
        let sent: Result<Vec<_>, serde_json::Error> = entries.iter().map(entry).collect();
        self.bus.put_events(sent?).map_err(|error| PublishError::Unavailable(Box::new(error)))?;
        Ok(vec![true; entries.len()])
    }
}

/// A function's way to a queue.
pub struct LocalQueue {
    /// All queues.
    pub queues: Queues,
    /// The name of this one.
    pub name: String,
}

#[async_trait]
impl MessageQueue for LocalQueue {
    async fn send(&self, bodies: &[String]) -> Result<(), QueueError> {
        let message = |body: &String| Outgoing { queue: self.name.clone(), body: body.clone() };
        let sent = self.queues.send_all(bodies.iter().map(message).collect());
        sent.map(drop).map_err(|error| QueueError::Unavailable(Box::new(error)))
    }
}

/// The saga's way to its state machine.
pub struct LocalWorkflows {
    /// All executions.
    pub executions: Executions,
    /// The machine's ARN.
    pub machine: String,
}

#[async_trait]
impl Workflows for LocalWorkflows {
    async fn start(&self, name: &str, input: Value) -> Result<Started, WorkflowError> {
        match self.executions.start(&self.machine, name, input) {
            Ok(_) => Ok(Started::Now),
            Err(StartError::AlreadyExists) => Ok(Started::Before),
            Err(error) => Err(WorkflowError(Box::new(error))),
        }
    }
}

/// Tells the account's own bus how executions end, as AWS does: best effort, there and here.
pub struct LocalEnds {
    /// All buses.
    pub bus: Bus,
}

#[async_trait]
impl EndObserver for LocalEnds {
    async fn ended(&self, execution: &Execution) {
        if let Err(error) = self.bus.put_events(vec![status_change(execution)]) {
            let error = Chain(&error);
            tracing::error!(execution = execution.name, %error, "nobody was told how it ended");
        }
    }
}

/// An event store that tells when it wrote: the stream's reader need not look in vain.
pub struct TellingStore {
    /// The store itself.
    pub inner: Arc<dyn EventStore>,
    /// Told after each commit.
    pub written: Arc<Notify>,
}

#[async_trait]
impl EventStore for TellingStore {
    async fn load(&self, stream: &StreamId, consistency: Consistency) -> Result<History, StoreError> {
        self.inner.load(stream, consistency).await
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

    async fn load_latest(
        &self,
        stream: &StreamId,
        consistency: Consistency,
        schema: &str,
    ) -> Result<History, StoreError> {
        self.inner.load_latest(stream, consistency, schema).await
    }

    async fn append_all(&self, appends: Vec<Append<'_>>) -> Result<Vec<Commit>, TransactionError> {
        let appended = self.inner.append_all(appends).await;
        self.written.notify_one();
        appended
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
