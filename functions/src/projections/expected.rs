use std::collections::BTreeMap;

use serde_json::{Value, json};
use skafu_events::{Envelope, StreamId};
use skafu_store::{Row, RowChange, RowKey};
use skafu_views::{Keys, ROW, View};

use super::error::ProjectError;
use super::fold::{fold, indexes, merge};

/// What the rows of one aggregate must be, by nothing but its events.
#[derive(Debug, Clone)]
pub struct Expected {
    /// Its own.
    pub row: Row,
    /// Those beside it that it writes alone, each as it must be: put, or counted from nothing.
    pub beside: Vec<RowChange>,
    /// What it adds to counters that others add to, too.
    pub shares: BTreeMap<RowKey, BTreeMap<String, i64>>,
}

/// Folds the whole of a history anew.
pub fn expected<V: View>(
    keys: &Keys,
    stream: &StreamId,
    events: &[Envelope],
) -> Result<Expected, ProjectError> {
    let folds = fold::<V>(keys, stream, 0, None, events);
    if let Some(unfoldable) = folds.stopped {
        return Err(unfoldable.into());
    }
    let mut merged: BTreeMap<RowKey, RowChange> = BTreeMap::new();
    let (mut version, mut shown) = (0, None);
    for folded in folds.writes {
        folded.changes.into_iter().for_each(|change| merge(&mut merged, change));
        (version, shown) = (folded.version, folded.shown);
    }
    let places = shown.as_ref().map(|row| V::places(keys, row)).unwrap_or_default();
    let row = Row {
        key: RowKey { partition: keys.aggregate(stream), sort: ROW.to_owned() },
        version,
        content: shown.map(serde_json::to_value).transpose()?,
        indexes: indexes(places),
        parked: None,
    };
    let (mut beside, mut shares) = (Vec::new(), BTreeMap::new());
    for change in merged.into_values() {
        match change {
            RowChange::Add { key, counters } if V::SHARES_ROWS => drop(shares.insert(key, counters)),
            change => beside.push(change),
        }
    }
    Ok(Expected { row, beside, shares })
}

/// Where a row is not what it must be.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The row's partition key.
    pub partition: String,
    /// The row's sort key.
    pub sort: String,
    /// What it must show; null: it must not be there.
    pub expected: Value,
    /// What it shows; null: it is not there.
    pub found: Value,
}

/// How a row's own differs, if it does.
pub(super) fn own(expected: &Row, found: &Row) -> Option<Difference> {
    let told = |row: &Row| json!({ "version": row.version, "row": row.content, "places": places(row) });
    difference(&expected.key, told(expected), told(found))
}

/// How a row beside it differs, if it does.
pub(super) fn beside(expected: &RowChange, found: Option<&Row>) -> Option<Difference> {
    let wanted = match expected {
        RowChange::Put { key, content, indexes } => {
            let row = Row {
                key: key.clone(),
                version: 0,
                content: Some(content.clone()),
                indexes: indexes.clone(),
                parked: None,
            };
            json!({ "row": content, "places": places(&row) })
        }
        RowChange::Add { counters, .. } => json!({ "row": counted(&json!(counters)), "places": [] }),
        RowChange::Delete(_) => Value::Null,
    };
    let is = found.map_or(Value::Null, |row| {
        let content = row.content.clone().unwrap_or_default();
        let content = if matches!(expected, RowChange::Add { .. }) { counted(&content) } else { content };
        json!({ "row": content, "places": places(row) })
    });
    difference(expected.key(), wanted, is)
}

/// How counters that many add to differ from their sum, if they do.
pub fn shared(key: &RowKey, sum: &BTreeMap<String, i64>, found: Option<&Row>) -> Option<Difference> {
    let found = found.and_then(|row| row.content.clone()).unwrap_or_else(|| json!({}));
    difference(key, counted(&json!(sum)), counted(&found))
}

fn difference(key: &RowKey, expected: Value, found: Value) -> Option<Difference> {
    let (partition, sort) = (key.partition.clone(), key.sort.clone());
    (expected != found).then_some(Difference { partition, sort, expected, found })
}

fn places(row: &Row) -> Vec<String> {
    let mut places: Vec<String> =
        row.indexes.iter().map(|(index, key)| format!("{index:?} {} {}", key.partition, key.sort)).collect();
    places.sort();
    places
}

/// A counter of nothing is as good as no counter.
fn counted(counters: &Value) -> Value {
    let fields = counters.as_object().into_iter().flatten();
    fields.filter(|(_, it)| **it != json!(0)).map(|(name, it)| (name.clone(), it.clone())).collect()
}

/// The events of a history up to that version, which is a commit's end.
pub(super) fn until(events: &[Envelope], version: u64) -> &[Envelope] {
    let end = events.iter().position(|event| event.aggregate_version > version);
    &events[..end.unwrap_or(events.len())]
}
