//! The view table's twin in memory, each call of which is a point.

use std::sync::Arc;

use async_trait::async_trait;
use skafu_store::{
    Consistency, Cursor, Index, MemoryViewStore, Order, PutError, Row, RowChange, RowKey, RowList, RowPage,
    Segment, StoreError, ViewStore,
};

use crate::probe::pass;

pub struct Rows(pub Arc<MemoryViewStore>);

#[async_trait]
impl ViewStore for Rows {
    async fn get(&self, key: &RowKey, consistency: Consistency) -> Result<Option<Row>, StoreError> {
        pass("get").await;
        self.0.get(key, consistency).await
    }

    async fn put(&self, row: &Row, expected: Option<u64>) -> Result<(), PutError> {
        pass("put").await;
        self.0.put(row, expected).await
    }

    async fn transact(
        &self,
        row: &Row,
        expected: Option<u64>,
        changes: &[RowChange],
    ) -> Result<(), PutError> {
        pass("transact").await;
        self.0.transact(row, expected, changes).await
    }

    async fn get_many(
        &self,
        keys: &[RowKey],
        consistency: Consistency,
    ) -> Result<Vec<Option<Row>>, StoreError> {
        pass("get").await;
        self.0.get_many(keys, consistency).await
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
        pass("list").await;
        self.0.list(partition, prefix, order, limit, after, consistency).await
    }

    async fn scan(
        &self,
        segment: Segment,
        after: Option<&RowKey>,
        limit: u32,
    ) -> Result<RowList, StoreError> {
        pass("scan").await;
        self.0.scan(segment, after, limit).await
    }

    async fn query(
        &self,
        index: Index,
        partition: &str,
        order: Order,
        limit: u32,
        after: Option<&Cursor>,
    ) -> Result<RowPage, StoreError> {
        pass("query").await;
        self.0.query(index, partition, order, limit, after).await
    }
}
