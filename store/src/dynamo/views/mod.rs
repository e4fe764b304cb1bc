//! The view table on DynamoDB: one item per row.

mod item;
mod read;
#[cfg(test)]
mod tests;
mod write;

use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::ConsumedCapacity;

use crate::meter::{Consumed, LogMeter, Meter};
use crate::{
    Consistency, Cursor, Index, Order, PutError, Row, RowChange, RowKey, RowList, RowPage, Segment,
    StoreError, ViewStore,
};

/// The view table on DynamoDB.
#[derive(Clone)]
pub struct DynamoViewStore {
    client: Client,
    table: String,
    meter: Arc<dyn Meter>,
}

impl DynamoViewStore {
    /// A view table that exists.
    pub fn new(client: Client, table: impl Into<String>) -> Self {
        Self { client, table: table.into(), meter: Arc::new(LogMeter) }
    }

    /// The same table, which reports what requests cost there.
    #[must_use]
    pub fn with_meter(self, meter: Arc<dyn Meter>) -> Self {
        Self { meter, ..self }
    }

    fn consumed(&self, operation: &'static str, capacity: &[ConsumedCapacity]) {
        let units = capacity.iter().filter_map(ConsumedCapacity::capacity_units).sum();
        self.meter.consumed(Consumed { operation, units });
    }
}

#[async_trait]
impl ViewStore for DynamoViewStore {
    async fn get(&self, key: &RowKey, consistency: Consistency) -> Result<Option<Row>, StoreError> {
        self.get_item(key, consistency).await
    }

    async fn put(&self, row: &Row, expected: Option<u64>) -> Result<(), PutError> {
        self.put_item(row, expected).await
    }

    async fn transact(
        &self,
        row: &Row,
        expected: Option<u64>,
        changes: &[RowChange],
    ) -> Result<(), PutError> {
        self.write(row, expected, changes).await
    }

    async fn get_many(
        &self,
        keys: &[RowKey],
        consistency: Consistency,
    ) -> Result<Vec<Option<Row>>, StoreError> {
        self.get_items(keys, consistency).await
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
        self.partition_page(partition, prefix, order, limit, after, consistency).await
    }

    async fn scan(
        &self,
        segment: Segment,
        after: Option<&RowKey>,
        limit: u32,
    ) -> Result<RowList, StoreError> {
        self.segment_page(segment, after, limit).await
    }

    async fn query(
        &self,
        index: Index,
        partition: &str,
        order: Order,
        limit: u32,
        after: Option<&Cursor>,
    ) -> Result<RowPage, StoreError> {
        self.index_page(index, partition, order, limit, after).await
    }
}
