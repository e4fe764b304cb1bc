use std::collections::BTreeMap;
use std::sync::Mutex;

use async_trait::async_trait;
use skafu_store::faults::Random;
use skafu_store::{
    Consistency, Cursor, Index, Order, PutError, Row, RowChange, RowKey, RowList, RowPage, Segment,
    StoreError, ViewStore,
};

/// How the view table fails, in percent.
#[derive(Debug, Clone, Copy, Default)]
pub struct RowTroubles {
    /// Of requests: nothing done.
    pub failing: usize,
    /// Of writes: done without saying so.
    pub losing: usize,
    /// Of eventually consistent reads: what the row was before.
    pub stale: usize,
}

/// A view table that lags, fails and loses answers, with other projectors between any two requests.
pub struct Rows<S> {
    pub inner: S,
    troubles: Mutex<RowTroubles>,
    random: Mutex<Random>,
    former: Mutex<BTreeMap<RowKey, Vec<Option<Row>>>>,
}

impl<S: ViewStore> Rows<S> {
    pub fn new(seed: u64, inner: S, troubles: RowTroubles) -> Self {
        let random = Mutex::new(Random::new(seed ^ 0x7_0e5));
        Self { inner, troubles: Mutex::new(troubles), random, former: Mutex::default() }
    }

    pub fn suffer(&self, troubles: RowTroubles) {
        *self.troubles.lock().unwrap() = troubles;
    }

    fn chance(&self, percent: impl Fn(RowTroubles) -> usize) -> bool {
        let troubles = *self.troubles.lock().unwrap();
        self.random.lock().unwrap().chance(percent(troubles))
    }

    async fn request(&self) -> Result<(), StoreError> {
        let turns = 1 + self.random.lock().unwrap().below(3);
        for _ in 0..turns {
            tokio::task::yield_now().await;
        }
        if self.chance(|it| it.failing) { Err(unavailable()) } else { Ok(()) }
    }

    fn stale(&self, key: &RowKey, row: Option<Row>, consistency: Consistency) -> Option<Row> {
        if consistency == Consistency::Strong || !self.chance(|it| it.stale) {
            return row;
        }
        let former = self.former.lock().unwrap();
        let Some(versions) = former.get(key).filter(|versions| !versions.is_empty()) else { return row };
        let back = self.random.lock().unwrap().below(versions.len().min(3));
        versions[versions.len() - 1 - back].clone()
    }
}

fn unavailable() -> StoreError {
    StoreError::Unavailable { operation: "injected", source: "injected".into() }
}

#[async_trait]
impl<S: ViewStore> ViewStore for Rows<S> {
    async fn get(&self, key: &RowKey, consistency: Consistency) -> Result<Option<Row>, StoreError> {
        self.request().await?;
        let row = self.inner.get(key, consistency).await?;
        Ok(self.stale(key, row, consistency))
    }

    async fn get_many(
        &self,
        keys: &[RowKey],
        consistency: Consistency,
    ) -> Result<Vec<Option<Row>>, StoreError> {
        self.request().await?;
        let rows = self.inner.get_many(keys, consistency).await?;
        Ok(keys.iter().zip(rows).map(|(key, row)| self.stale(key, row, consistency)).collect())
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
        self.request().await?;
        let old = self.inner.get(&row.key, Consistency::Strong).await?;
        self.inner.transact(row, expected, changes).await?;
        self.former.lock().unwrap().entry(row.key.clone()).or_default().push(old);
        tokio::task::yield_now().await;
        if self.chance(|it| it.losing) { Err(unavailable().into()) } else { Ok(()) }
    }

    async fn list(
        &self,
        partition: &str,
        prefix: &str,
        order: Order,
        limit: u32,
        after: Option<&RowKey>,
    ) -> Result<RowList, StoreError> {
        self.inner.list(partition, prefix, order, limit, after).await
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
