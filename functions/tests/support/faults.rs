use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use skafu_functions::gateway::{CommandAnswer, CommandGateway, DirectGateway, GatewayError, InternalCommand};
use skafu_store::{
    Consistency, Cursor, Index, MemoryViewStore, Order, PutError, Row, RowChange, RowKey, RowList, RowPage,
    Segment, StoreError, ViewStore,
};

/// A view table in memory that counts, and in which somebody else may write first.
#[derive(Default)]
pub struct WatchedViews {
    pub rows: MemoryViewStore,
    pub writes: AtomicUsize,
    /// Written between the next read and the write that follows it, under the same expectation.
    pub intruder: Mutex<Option<Row>>,
}

#[async_trait]
impl ViewStore for WatchedViews {
    async fn get(&self, key: &RowKey, consistency: Consistency) -> Result<Option<Row>, StoreError> {
        self.rows.get(key, consistency).await
    }

    async fn put(&self, row: &Row, expected: Option<u64>) -> Result<(), PutError> {
        self.transact(row, expected, &[]).await
    }

    async fn transact(
        &self,
        row: &Row,
        expected: Option<u64>,
        changes: &[RowChange],
    ) -> Result<(), PutError> {
        // What keeps the generations is no row of a view.
        if row.key.partition.starts_with("_views/") {
            return self.rows.transact(row, expected, changes).await;
        }
        let intruder = self.intruder.lock().unwrap().take();
        if let Some(intruder) = intruder {
            self.rows.put(&intruder, expected).await?;
        }
        self.rows.transact(row, expected, changes).await?;
        self.writes.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    async fn get_many(
        &self,
        keys: &[RowKey],
        consistency: Consistency,
    ) -> Result<Vec<Option<Row>>, StoreError> {
        self.rows.get_many(keys, consistency).await
    }

    async fn list(
        &self,
        partition: &str,
        prefix: &str,
        order: Order,
        limit: u32,
        after: Option<&RowKey>,
        consistency: Consistency,
    ) -> Result<RowList, StoreError> {
        self.rows.list(partition, prefix, order, limit, after, consistency).await
    }

    async fn scan(
        &self,
        segment: Segment,
        after: Option<&RowKey>,
        limit: u32,
    ) -> Result<RowList, StoreError> {
        self.rows.scan(segment, after, limit).await
    }

    async fn query(
        &self,
        index: Index,
        partition: &str,
        order: Order,
        limit: u32,
        after: Option<&Cursor>,
    ) -> Result<RowPage, StoreError> {
        self.rows.query(index, partition, order, limit, after).await
    }
}

/// A gateway that delivers every command and loses the answers it is told to lose.
pub struct LosingGateway {
    pub inner: DirectGateway,
    pub lost: Arc<AtomicUsize>,
}

#[async_trait]
impl CommandGateway for LosingGateway {
    async fn send(&self, command: InternalCommand) -> Result<CommandAnswer, GatewayError> {
        let answer = self.inner.send(command).await;
        let lose = self.lost.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if lose.is_ok() { Err(GatewayError::Unavailable("injected".to_owned())) } else { answer }
    }
}
