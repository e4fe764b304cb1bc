use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use skafu_store::faults::Random;
use skafu_store::{
    Consistency, Cursor, Index, Order, PutError, Row, RowChange, RowKey, RowList, RowPage, Segment,
    StoreError, ViewStore,
};

use super::queue::TICK;

/// A way to the view table that now and then takes its time, and tells of writes to generations that are
/// none of the writer's business.
pub struct Slow<S> {
    pub inner: Arc<S>,
    pub random: Mutex<Random>,
    /// Of a hundred requests.
    pub percent: usize,
    /// Whether only the first generation may be written.
    pub old_code: bool,
    pub trespasses: Arc<Mutex<Vec<String>>>,
}

impl<S: ViewStore> Slow<S> {
    async fn dawdle(&self) {
        let ticks = {
            let mut random = self.random.lock().unwrap();
            let most = if self.old_code { 60 } else { 25 };
            if random.chance(self.percent) { random.below(most) } else { 0 }
        };
        if ticks > 0 {
            tokio::time::sleep(TICK * u32::try_from(ticks).unwrap()).await;
        }
    }
}

/// The generation a row belongs to: 2 of `acme/project.2/PROJECT#1`.
pub fn generation(key: &RowKey) -> u32 {
    let view = key.partition.split('/').nth(1).unwrap_or_default();
    view.rsplit('.').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

#[async_trait]
impl<S: ViewStore> ViewStore for Slow<S> {
    async fn get(&self, key: &RowKey, consistency: Consistency) -> Result<Option<Row>, StoreError> {
        self.dawdle().await;
        let row = self.inner.get(key, consistency).await;
        self.dawdle().await;
        row
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
        self.dawdle().await;
        if self.old_code && generation(&row.key) > 1 {
            let line = format!("code with the old fold wrote {}", row.key.partition);
            self.trespasses.lock().unwrap().push(line);
        }
        self.inner.transact(row, expected, changes).await
    }

    async fn get_many(
        &self,
        keys: &[RowKey],
        consistency: Consistency,
    ) -> Result<Vec<Option<Row>>, StoreError> {
        self.dawdle().await;
        self.inner.get_many(keys, consistency).await
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
        self.inner.list(partition, prefix, order, limit, after, consistency).await
    }

    async fn scan(
        &self,
        segment: Segment,
        after: Option<&RowKey>,
        limit: u32,
    ) -> Result<RowList, StoreError> {
        self.inner.scan(segment, after, limit).await
    }

    async fn query(
        &self,
        index: Index,
        partition: &str,
        order: Order,
        limit: u32,
        after: Option<&Cursor>,
    ) -> Result<RowPage, StoreError> {
        self.inner.query(index, partition, order, limit, after).await
    }
}
