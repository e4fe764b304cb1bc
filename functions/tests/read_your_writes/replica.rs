use std::sync::Arc;

use async_trait::async_trait;
use skafu_store::{
    Consistency, Cursor, Index, MemoryViewStore, Order, PutError, Row, RowChange, RowKey, RowList, RowPage,
    Segment, StoreError, ViewStore,
};

/// A view table whose replica and indexes are behind: only strong reads of the table see what is there now.
pub struct Replica {
    pub now: Arc<MemoryViewStore>,
    pub then: Arc<MemoryViewStore>,
}

impl Replica {
    fn of(&self, consistency: Consistency) -> &MemoryViewStore {
        match consistency {
            Consistency::Eventual => &self.then,
            Consistency::Strong => &self.now,
        }
    }
}

#[async_trait]
impl ViewStore for Replica {
    async fn get(&self, key: &RowKey, how: Consistency) -> Result<Option<Row>, StoreError> {
        self.of(how).get(key, how).await
    }

    async fn get_many(&self, keys: &[RowKey], how: Consistency) -> Result<Vec<Option<Row>>, StoreError> {
        self.of(how).get_many(keys, how).await
    }

    async fn put(&self, row: &Row, expected: Option<u64>) -> Result<(), PutError> {
        self.now.put(row, expected).await
    }

    async fn transact(&self, row: &Row, expected: Option<u64>, with: &[RowChange]) -> Result<(), PutError> {
        self.now.transact(row, expected, with).await
    }

    async fn list(
        &self,
        partition: &str,
        prefix: &str,
        order: Order,
        limit: u32,
        after: Option<&RowKey>,
        how: Consistency,
    ) -> Result<RowList, StoreError> {
        self.of(how).list(partition, prefix, order, limit, after, how).await
    }

    async fn scan(&self, of: Segment, after: Option<&RowKey>, limit: u32) -> Result<RowList, StoreError> {
        self.now.scan(of, after, limit).await
    }

    async fn query(
        &self,
        index: Index,
        partition: &str,
        order: Order,
        limit: u32,
        after: Option<&Cursor>,
    ) -> Result<RowPage, StoreError> {
        self.then.query(index, partition, order, limit, after).await
    }
}
