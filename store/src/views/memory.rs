use std::collections::BTreeMap;
use std::collections::btree_map::Range;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use serde_json::{Value, json};

use super::{
    Cursor, Index, IndexKey, Order, PutError, Row, RowChange, RowKey, RowList, RowPage, ViewStore,
    check_changes,
};
use crate::{Consistency, Segment, StoreError};

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

fn apply(rows: &mut BTreeMap<RowKey, Row>, change: &RowChange) {
    let row = |key: &RowKey, content: Value, indexes: &[(Index, IndexKey)]| Row {
        key: key.clone(),
        version: 0,
        content: Some(content),
        indexes: indexes.to_vec(),
        parked: None,
    };
    match change {
        RowChange::Put { key, content, indexes } => {
            rows.insert(key.clone(), row(key, content.clone(), indexes));
        }
        RowChange::Delete(key) => {
            rows.remove(key);
        }
        RowChange::Add { counters, .. } if counters.is_empty() => {}
        RowChange::Add { key, counters } => {
            let counted = rows.entry(key.clone()).or_insert_with(|| row(key, json!({}), &[]));
            let content = counted.content.get_or_insert_with(|| json!({}));
            for (name, by) in counters {
                let sum = content[name].as_i64().unwrap_or_default() + by;
                content[name] = json!(sum);
            }
        }
    }
}

/// One page of what lies in a range of keys.
fn page<'a>(found: impl Iterator<Item = &'a Row>, limit: u32) -> RowList {
    let mut rows: Vec<Row> = found.take(limit as usize + 1).cloned().collect();
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|row| row.key.clone());
    RowList { rows, next }
}

#[async_trait]
impl ViewStore for MemoryViewStore {
    async fn get(&self, key: &RowKey, _consistency: Consistency) -> Result<Option<Row>, StoreError> {
        Ok(self.rows().get(key).cloned())
    }

    async fn get_many(
        &self,
        keys: &[RowKey],
        _consistency: Consistency,
    ) -> Result<Vec<Option<Row>>, StoreError> {
        let rows = self.rows();
        Ok(keys.iter().map(|key| rows.get(key).cloned()).collect())
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
        check_changes(row, changes)?;
        let mut rows = self.rows();
        if rows.get(&row.key).map(|row| row.version) != expected {
            return Err(PutError::Conflict);
        }
        rows.insert(row.key.clone(), row.clone());
        changes.iter().for_each(|change| apply(&mut rows, change));
        Ok(())
    }

    async fn list(
        &self,
        partition: &str,
        prefix: &str,
        order: Order,
        limit: u32,
        after: Option<&RowKey>,
        _consistency: Consistency,
    ) -> Result<RowList, StoreError> {
        let rows = self.rows();
        let first = RowKey { partition: partition.to_owned(), sort: prefix.to_owned() };
        let inside = |row: &&Row| row.key.partition == partition && row.key.sort.starts_with(prefix);
        let (from, to) = match (order, after) {
            (Order::Ascending, Some(after)) => (Bound::Excluded(after.clone()), Bound::Unbounded),
            (Order::Descending, Some(after)) => (Bound::Included(first), Bound::Excluded(after.clone())),
            (_, None) => (Bound::Included(first), Bound::Unbounded),
        };
        let found: Range<'_, RowKey, Row> = rows.range((from, to));
        let found = found.map(|(_, row)| row).take_while(inside);
        Ok(match order {
            Order::Ascending => page(found, limit),
            Order::Descending => page(found.collect::<Vec<_>>().into_iter().rev(), limit),
        })
    }

    async fn scan(
        &self,
        segment: Segment,
        after: Option<&RowKey>,
        limit: u32,
    ) -> Result<RowList, StoreError> {
        let rows = self.rows();
        let mine = |row: &&Row| {
            let hash = row
                .key
                .partition
                .bytes()
                .fold(0u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(u32::from(byte)));
            hash % segment.total == segment.index
        };
        let from = after.map_or(Bound::Unbounded, |after| Bound::Excluded(after.clone()));
        Ok(page(rows.range((from, Bound::Unbounded)).map(|(_, row)| row).filter(mine), limit))
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
