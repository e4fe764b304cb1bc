use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::{Cursor, Index, IndexKey, Order, PutError, Row, RowKey, RowPage, ViewStore};
use crate::{Consistency, StoreError};

/// A view table in memory, with the behaviour of the one on DynamoDB.
#[derive(Debug, Default)]
pub struct MemoryViewStore {
    rows: Mutex<BTreeMap<RowKey, Row>>,
}

impl MemoryViewStore {
    fn rows(&self) -> MutexGuard<'_, BTreeMap<RowKey, Row>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl ViewStore for MemoryViewStore {
    async fn get(&self, key: &RowKey, _consistency: Consistency) -> Result<Option<Row>, StoreError> {
        Ok(self.rows().get(key).cloned())
    }

    async fn put(&self, row: &Row, expected: Option<u64>) -> Result<(), PutError> {
        let mut rows = self.rows();
        if rows.get(&row.key).map(|row| row.version) != expected {
            return Err(PutError::Conflict);
        }
        rows.insert(row.key.clone(), row.clone());
        Ok(())
    }

    async fn query(
        &self,
        index: Index,
        partition: &str,
        order: Order,
        limit: u32,
        after: Option<&Cursor>,
    ) -> Result<RowPage, StoreError> {
        let rows = self.rows();
        let place = |row: &Row| -> Option<IndexKey> {
            row.indexes
                .iter()
                .find(|(at, key)| *at == index && key.partition == partition)
                .map(|(_, key)| key.clone())
        };
        let mut found: Vec<Cursor> = rows
            .values()
            .filter_map(|row| place(row).map(|place| Cursor { key: row.key.clone(), sort: place.sort }))
            .collect();
        found.sort_by(|a, b| (&a.sort, &a.key).cmp(&(&b.sort, &b.key)));
        if order == Order::Descending {
            found.reverse();
        }
        // A place in the order, not a row that must still be there.
        let is_behind = |cursor: &Cursor, after: &Cursor| {
            let place = (&cursor.sort, &cursor.key).cmp(&(&after.sort, &after.key));
            if order == Order::Ascending { place.is_gt() } else { place.is_lt() }
        };
        let start = match after {
            Some(after) => found.iter().position(|it| is_behind(it, after)).unwrap_or(found.len()),
            None => 0,
        };
        let page: Vec<Cursor> = found[start..].iter().take(limit as usize).cloned().collect();
        let next = page.last().filter(|_| start + page.len() < found.len()).cloned();
        Ok(RowPage { rows: page.iter().map(|cursor| rows[&cursor.key].clone()).collect(), next })
    }
}
