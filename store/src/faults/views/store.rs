use async_trait::async_trait;

use super::super::unavailable;
use super::FaultyViews;
use crate::{
    Consistency, Cursor, Index, Order, PutError, Row, RowChange, RowKey, RowList, RowPage, Segment,
    StoreError, ViewStore,
};

impl<S: ViewStore> FaultyViews<S> {
    /// What this read shows of a row that is `now`.
    fn seen(&self, key: &RowKey, now: Option<Row>, consistency: Consistency) -> Option<Row> {
        let mut state = self.state();
        let state = &mut *state;
        if consistency == Consistency::Strong || !state.random.chance(state.faults.stale) {
            return now;
        }
        state.former.any(key, state.faults.lag, &mut state.random).unwrap_or(now)
    }

    /// The write, with what its rows were before remembered if it succeeds.
    async fn write(&self, row: &Row, expected: Option<u64>, changes: &[RowChange]) -> Result<(), PutError> {
        let lag = self.state().faults.lag;
        let keys: Vec<RowKey> =
            [&row.key].into_iter().chain(changes.iter().map(RowChange::key)).cloned().collect();
        let before =
            if lag > 0 { self.inner.get_many(&keys, Consistency::Strong).await? } else { Vec::new() };
        self.inner.transact(row, expected, changes).await?;
        let mut state = self.state();
        for (key, before) in keys.iter().zip(before) {
            state.former.remember(key, before, lag);
        }
        Ok(())
    }
}

#[async_trait]
impl<S: ViewStore> ViewStore for FaultyViews<S> {
    async fn get(&self, key: &RowKey, consistency: Consistency) -> Result<Option<Row>, StoreError> {
        let now = self.request(self.inner.get(key, consistency)).await?;
        Ok(self.seen(key, now, consistency))
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
        self.request(self.write(row, expected, changes)).await?;
        let mut state = self.state();
        let losing = state.faults.losing;
        if state.random.chance(losing) { Err(unavailable("answer").into()) } else { Ok(()) }
    }

    async fn get_many(
        &self,
        keys: &[RowKey],
        consistency: Consistency,
    ) -> Result<Vec<Option<Row>>, StoreError> {
        let now = self.request(self.inner.get_many(keys, consistency)).await?;
        Ok(keys.iter().zip(now).map(|(key, now)| self.seen(key, now, consistency)).collect())
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
        self.request(self.inner.list(partition, prefix, order, limit, after, consistency)).await
    }

    async fn scan(
        &self,
        segment: Segment,
        after: Option<&RowKey>,
        limit: u32,
    ) -> Result<RowList, StoreError> {
        self.request(self.inner.scan(segment, after, limit)).await
    }

    async fn query(
        &self,
        index: Index,
        partition: &str,
        order: Order,
        limit: u32,
        after: Option<&Cursor>,
    ) -> Result<RowPage, StoreError> {
        self.request(self.inner.query(index, partition, order, limit, after)).await
    }
}
