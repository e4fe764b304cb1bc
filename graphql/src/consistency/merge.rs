use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};
use skafu_store::{Cursor, Index, Order, Row, RowKey, RowList, RowPage};
use skafu_views::{Place, Placement};

use super::catch_up::Range;
use super::caught::{Beside, Caught};

/// What lies between two places of an order.
struct Window<P> {
    order: Order,
    /// Not this one, nor what is before it.
    after: Option<P>,
    /// Nothing behind this one: the next page shows that.
    end: Option<P>,
    limit: usize,
}

impl<P: Ord + Clone> Window<P> {
    fn holds(&self, place: &P) -> bool {
        let (after, end) = (self.after.as_ref(), self.end.as_ref());
        match self.order {
            Order::Ascending => after.is_none_or(|it| place > it) && end.is_none_or(|it| place <= it),
            Order::Descending => after.is_none_or(|it| place < it) && end.is_none_or(|it| place >= it),
        }
    }

    /// As many rows as a page may have, and the place behind which the next one begins.
    fn page(&self, rows: BTreeMap<P, Row>) -> (Vec<Row>, Option<P>) {
        let more = rows.len() > self.limit;
        let in_order: Box<dyn Iterator<Item = (P, Row)>> = match self.order {
            Order::Ascending => Box::new(rows.into_iter()),
            Order::Descending => Box::new(rows.into_iter().rev()),
        };
        let (places, rows): (Vec<P>, Vec<Row>) = in_order.take(self.limit).unzip();
        let next = if more { places.into_iter().next_back() } else { self.end.clone() };
        (rows, next)
    }
}

/// One row of the table with what was missing in it.
pub(super) fn row(key: &RowKey, row: Option<Row>, caught: &[Arc<Caught>]) -> Option<Row> {
    let mut rows: BTreeMap<RowKey, Row> = row.into_iter().map(|row| (row.key.clone(), row)).collect();
    for caught in caught {
        if caught.own.key == *key {
            newer(&mut rows, key.clone(), &caught.own);
        }
        if let Some(beside) = caught.beside.get(key) {
            change(&mut rows, key.clone(), key, beside);
        }
    }
    rows.remove(key)
}

/// One page of a partition of the table, with what was missing in it.
pub(super) fn list(range: &Range<'_>, base: RowList, caught: &[Arc<Caught>]) -> RowList {
    let window = Window {
        order: range.order,
        after: range.after.as_ref().map(|key| key.sort.clone()),
        end: base.next.map(|key| key.sort),
        limit: range.limit as usize,
    };
    let mut rows: BTreeMap<String, Row> =
        base.rows.into_iter().map(|row| (row.key.sort.clone(), row)).collect();
    let shows = |key: &RowKey| range.concerns(key) && window.holds(&key.sort);
    for caught in caught {
        if shows(&caught.own.key) {
            newer(&mut rows, caught.own.key.sort.clone(), &caught.own);
        }
        for (key, beside) in caught.beside.iter().filter(|(key, _)| shows(key)) {
            change(&mut rows, key.sort.clone(), key, beside);
        }
    }
    let (rows, next) = window.page(rows);
    let key = |sort| RowKey { partition: range.partition.to_owned(), sort };
    RowList { rows, next: next.map(key) }
}

/// One page of an index partition in which each demanded aggregate stands as it was demanded. An index lags
/// behind its table: what it says of them never counts, unless it is newer.
pub(super) fn page(
    (index, partition): (Index, &str),
    (limit, after): (u32, Option<&Cursor>),
    base: RowPage,
    caught: &[Arc<Caught>],
) -> RowPage {
    let place = |cursor: &Cursor| (cursor.sort.clone(), cursor.key.clone());
    let window = Window {
        order: Order::Descending,
        after: after.map(place),
        end: base.next.as_ref().map(place),
        limit: limit as usize,
    };
    let mut rows: BTreeMap<(String, RowKey), Row> = base
        .rows
        .into_iter()
        .filter_map(|row| Some(((sort(&row, index, partition)?, row.key.clone()), row)))
        .collect();
    for caught in caught {
        let own = &caught.own;
        rows.retain(|(_, key), row| *key != own.key || row.version > own.version);
        let is_newer = rows.keys().any(|(_, key)| *key == own.key);
        let stands = |it: &&Placement| stands_in(it.place, index) && it.partition == partition;
        let Some(placement) = caught.places.iter().find(stands).filter(|_| !is_newer) else { continue };
        let place = (placement.sort.clone(), own.key.clone());
        if window.holds(&place) {
            rows.insert(place, own.clone());
        }
    }
    let (rows, next) = window.page(rows);
    RowPage { rows, next: next.map(|(sort, key)| Cursor { key, sort }) }
}

fn sort(row: &Row, index: Index, partition: &str) -> Option<String> {
    let mut places = row.indexes.iter();
    let place = places.find(|(at, place)| *at == index && place.partition == partition);
    place.map(|(_, place)| place.sort.clone())
}

fn stands_in(place: Place, index: Index) -> bool {
    match place {
        Place::First => index == Index::First,
        Place::Second => index == Index::Second,
    }
}

fn newer<P: Ord>(rows: &mut BTreeMap<P, Row>, place: P, own: &Row) {
    if rows.get(&place).is_none_or(|row| row.version <= own.version) {
        rows.insert(place, own.clone());
    }
}

fn change<P: Ord>(rows: &mut BTreeMap<P, Row>, place: P, key: &RowKey, beside: &Beside) {
    let row = |content: Value| Row {
        key: key.clone(),
        version: 0,
        content: Some(content),
        indexes: Vec::new(),
        parked: None,
    };
    match beside {
        Beside::Put(content) => drop(rows.insert(place, row(content.clone()))),
        Beside::Deleted => drop(rows.remove(&place)),
        Beside::Added(counters) => {
            let counted = rows.entry(place).or_insert_with(|| row(json!({})));
            let content = counted.content.get_or_insert_with(|| json!({}));
            for (name, by) in counters {
                content[name] = json!(content[name].as_i64().unwrap_or_default() + by);
            }
        }
    }
}
