use std::collections::btree_map::Range;
use std::collections::{BTreeMap, BTreeSet};
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
    table: Mutex<Table>,
}

/// A place in an index: which one, which partition, the sort key, and the row that stands there.
type Place = (Index, String, String, RowKey);

#[derive(Debug, Default)]
struct Table {
    rows: BTreeMap<RowKey, Row>,
    places: BTreeSet<Place>,
}

impl MemoryViewStore {
    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn places(row: &Row) -> impl Iterator<Item = Place> {
    let place =
        |(index, at): &(Index, IndexKey)| (*index, at.partition.clone(), at.sort.clone(), row.key.clone());
    row.indexes.iter().map(place)
}

impl Table {
    fn put(&mut self, row: Row) {
        self.remove(&row.key);
        self.places.extend(places(&row));
        self.rows.insert(row.key.clone(), row);
    }

    fn remove(&mut self, key: &RowKey) {
        if let Some(row) = self.rows.remove(key) {
            for place in places(&row) {
                self.places.remove(&place);
            }
        }
    }

    fn apply(&mut self, change: &RowChange) {
        let row = |key: &RowKey, content: Value, indexes: &[(Index, IndexKey)]| Row {
            key: key.clone(),
            version: 0,
            content: Some(content),
            indexes: indexes.to_vec(),
            parked: None,
        };
        match change {
            RowChange::Put { key, content, indexes } => self.put(row(key, content.clone(), indexes)),
            RowChange::Delete(key) => self.remove(key),
            RowChange::Add { counters, .. } if counters.is_empty() => {}
            RowChange::Add { key, counters } => {
                let counted = self.rows.entry(key.clone()).or_insert_with(|| row(key, json!({}), &[]));
                let content = counted.content.get_or_insert_with(|| json!({}));
                for (name, by) in counters {
                    let sum = content[name].as_i64().unwrap_or_default() + by;
                    content[name] = json!(sum);
                }
            }
        }
    }
}

/// Right behind all of a partition: no text is between one and the same with a NUL at its end.
fn behind(partition: &str) -> RowKey {
    RowKey { partition: format!("{partition}\0"), sort: String::new() }
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
        Ok(self.table().rows.get(key).cloned())
    }

    async fn get_many(
        &self,
        keys: &[RowKey],
        _consistency: Consistency,
    ) -> Result<Vec<Option<Row>>, StoreError> {
        let table = self.table();
        let rows = &table.rows;
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
        let mut table = self.table();
        if table.rows.get(&row.key).map(|row| row.version) != expected {
            return Err(PutError::Conflict);
        }
        table.put(row.clone());
        changes.iter().for_each(|change| table.apply(change));
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
        let table = self.table();
        let rows = &table.rows;
        let first = RowKey { partition: partition.to_owned(), sort: prefix.to_owned() };
        let inside = |row: &&Row| row.key.partition == partition && row.key.sort.starts_with(prefix);
        let (from, to) = match (order, after) {
            (Order::Ascending, Some(after)) => {
                (Bound::Excluded(after.clone()), Bound::Excluded(behind(partition)))
            }
            (Order::Descending, Some(after)) => (Bound::Included(first), Bound::Excluded(after.clone())),
            (_, None) => (Bound::Included(first), Bound::Excluded(behind(partition))),
        };
        let found: Range<'_, RowKey, Row> = rows.range((from, to));
        let found = found.map(|(_, row)| row);
        Ok(match order {
            Order::Ascending => page(found.take_while(inside), limit),
            Order::Descending => page(found.rev().skip_while(|row| !inside(row)).take_while(inside), limit),
        })
    }

    async fn scan(
        &self,
        segment: Segment,
        after: Option<&RowKey>,
        limit: u32,
    ) -> Result<RowList, StoreError> {
        let table = self.table();
        let rows = &table.rows;
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
        let table = self.table();
        let begin = |at: RowKey| {
            (index, at.partition, at.sort, RowKey { partition: String::new(), sort: String::new() })
        };
        let first = begin(RowKey { partition: partition.to_owned(), sort: String::new() });
        let end = begin(behind(partition));
        // A place in the order, not a row that must still be there.
        let after = after.map(|after| (index, partition.to_owned(), after.sort.clone(), after.key.clone()));
        let (from, to) = match (order, after) {
            (Order::Ascending, Some(after)) => (Bound::Excluded(after), Bound::Excluded(end)),
            (Order::Descending, Some(after)) => (Bound::Included(first), Bound::Excluded(after)),
            (_, None) => (Bound::Included(first), Bound::Excluded(end)),
        };
        let found = table.places.range((from, to));
        let wanted = limit as usize + 1;
        let mut page: Vec<&Place> = match order {
            Order::Ascending => found.take(wanted).collect(),
            Order::Descending => found.rev().take(wanted).collect(),
        };
        let is_more = page.len() == wanted;
        page.truncate(limit as usize);
        let cursor = |(_, _, sort, key): &&Place| Cursor { key: key.clone(), sort: sort.clone() };
        let next = page.last().filter(|_| is_more).map(cursor);
        let rows = page.iter().filter_map(|(_, _, _, key)| table.rows.get(key).cloned()).collect();
        Ok(RowPage { rows, next })
    }
}
