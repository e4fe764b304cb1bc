//! The ports' twins in memory, each call of which is a point.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use skafu_events::{Commit, StreamId};
use skafu_forge::blobs::{BlobError, BlobStore, check_key};
use skafu_forge::repositories::{
    BundleStore, Configured, CreatedRepository, Discarded, NewRepository, Policies, ProviderError,
    RepositoryProvider,
};
use skafu_functions::gateway::{CommandAnswer, CommandGateway, DirectGateway, GatewayError, InternalCommand};
use skafu_store::{
    Append, Consistency, EventStore, History, MemoryEventStore, ScanPage, ScanPosition, Segment, Snapshot,
    StoreError, TransactionError,
};

use crate::probe::pass;

/// Blobs that can be listed and counted.
#[derive(Default)]
pub struct Shelf {
    blobs: Mutex<BTreeMap<String, Vec<u8>>>,
    puts: Mutex<Vec<String>>,
}

impl Shelf {
    /// Every key that holds something now.
    pub fn keys(&self) -> Vec<String> {
        self.blobs.lock().unwrap().keys().cloned().collect()
    }

    /// How often something was put under such a key.
    pub fn puts(&self, is_such: impl Fn(&str) -> bool) -> usize {
        self.puts.lock().unwrap().iter().filter(|key| is_such(key)).count()
    }
}

#[async_trait]
impl BlobStore for Shelf {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), BlobError> {
        check_key(key)?;
        pass("put").await;
        self.puts.lock().unwrap().push(key.to_owned());
        self.blobs.lock().unwrap().insert(key.to_owned(), bytes);
        Ok(())
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, BlobError> {
        check_key(key)?;
        pass("get").await;
        Ok(self.blobs.lock().unwrap().get(key).cloned())
    }

    async fn delete(&self, key: &str) -> Result<(), BlobError> {
        check_key(key)?;
        pass("delete").await;
        self.blobs.lock().unwrap().remove(key);
        Ok(())
    }
}

/// What the steps read of the event table. They write by commands alone.
pub struct Read(pub Arc<MemoryEventStore>);

#[async_trait]
impl EventStore for Read {
    async fn load(&self, stream: &StreamId, consistency: Consistency) -> Result<History, StoreError> {
        pass("load").await;
        self.0.load(stream, consistency).await
    }

    async fn load_latest(
        &self,
        stream: &StreamId,
        consistency: Consistency,
        schema: &str,
    ) -> Result<History, StoreError> {
        pass("load").await;
        self.0.load_latest(stream, consistency, schema).await
    }

    async fn load_after(&self, stream: &StreamId, version: u64) -> Result<Vec<Commit>, StoreError> {
        pass("load").await;
        self.0.load_after(stream, version).await
    }

    async fn page_before(
        &self,
        stream: &StreamId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Commit>, StoreError> {
        pass("load").await;
        self.0.page_before(stream, before, limit).await
    }

    async fn append_all(&self, appends: Vec<Append<'_>>) -> Result<Vec<Commit>, TransactionError> {
        pass("append").await;
        self.0.append_all(appends).await
    }

    async fn save_snapshot(&self, stream: &StreamId, snapshot: &Snapshot) -> Result<(), StoreError> {
        pass("snapshot").await;
        self.0.save_snapshot(stream, snapshot).await
    }

    async fn scan(
        &self,
        segment: Segment,
        after: Option<&ScanPosition>,
        limit: u32,
    ) -> Result<ScanPage, StoreError> {
        pass("scan").await;
        self.0.scan(segment, after, limit).await
    }
}

/// The way to the `commands` function: a process of its own, which goes on when the one that asked dies.
pub struct Gateway(pub DirectGateway);

#[async_trait]
impl CommandGateway for Gateway {
    async fn send(&self, command: InternalCommand) -> Result<CommandAnswer, GatewayError> {
        let delay = pass("send").await;
        let commands = self.0.clone();
        let work = async move {
            tokio::time::sleep(delay.unwrap_or_default()).await;
            commands.send(command).await
        };
        let answer = tokio::spawn(work);
        match delay {
            None => answer.await.unwrap(),
            Some(_) => Err(GatewayError::Unavailable("the connection was lost".to_owned())),
        }
    }
}

/// A provider of repositories that has had enough for some times.
pub struct Provider {
    pub bundles: BundleStore,
    pub busy: Arc<AtomicUsize>,
}

#[async_trait]
impl RepositoryProvider for Provider {
    async fn create(&self, new: &NewRepository<'_>) -> Result<CreatedRepository, ProviderError> {
        let busy = self.busy.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        match busy {
            Ok(_) => Err(ProviderError::RateLimited { retry_after: Duration::from_secs(40) }),
            Err(_) => self.bundles.create(new).await,
        }
    }

    async fn configure(
        &self,
        tenant: &str,
        project_id: &str,
        name: &str,
        policies: Policies<'_>,
    ) -> Result<Configured, ProviderError> {
        self.bundles.configure(tenant, project_id, name, policies).await
    }

    async fn discard(
        &self,
        tenant: &str,
        project_id: &str,
        name: &str,
        initial_commit_id: Option<&str>,
    ) -> Result<Discarded, ProviderError> {
        self.bundles.discard(tenant, project_id, name, initial_commit_id).await
    }
}
