use std::collections::BTreeMap;

use serde_json::{Value, json};
use skafu_events::{Commit, Envelope, StreamId};
use skafu_store::{Index, IndexKey, Row, RowKey, Segment, ViewStore};
use skafu_views::{Change, Keys, Place, Placement, ROW, Step, View};

/// Every row of a table, by its key.
pub type Table = BTreeMap<RowKey, Row>;

fn indexes(places: Vec<Placement>) -> Vec<(Index, IndexKey)> {
    let index = |it: &Placement| if it.place == Place::First { Index::First } else { Index::Second };
    places.into_iter().map(|it| (index(&it), IndexKey { partition: it.partition, sort: it.sort })).collect()
}

fn put(table: &mut Table, key: RowKey, version: u64, content: Option<Value>, places: Vec<Placement>) {
    let row = Row { key: key.clone(), version, content, indexes: indexes(places), parked: None };
    table.insert(key, row);
}

fn change(table: &mut Table, change: Change) {
    match change {
        Change::Put { partition, sort, content, places } => {
            put(table, RowKey { partition, sort }, 0, Some(content), places);
        }
        Change::Delete { partition, sort } => drop(table.remove(&RowKey { partition, sort })),
        Change::Add { partition, sort, counters } => {
            let key = RowKey { partition, sort };
            let mut content = table.remove(&key).and_then(|row| row.content).unwrap_or_else(|| json!({}));
            for (name, by) in counters {
                content[&name] = json!(content[&name].as_i64().unwrap_or_default() + by);
            }
            put(table, key, 0, Some(content), Vec::new());
        }
    }
}

/// What a generation of a view shows of these commits, commit by commit, by nothing but the view's own functions.
pub fn fresh<V: View>(table: &mut Table, commits: &[Commit], generation: u32) {
    let mut shown: BTreeMap<StreamId, (u64, Option<V::Row>)> = BTreeMap::new();
    for commit in commits.iter().filter(|commit| V::KINDS.contains(&commit.stream.kind())) {
        let stream = &commit.stream;
        let keys = Keys::new(stream.tenant(), V::NAME, generation);
        let events: Vec<Envelope> = commit.envelopes().collect();
        let (version, before) = shown.remove(stream).unwrap_or_default();
        assert_eq!(version + 1, commit.first_version, "the log has a hole");
        let after = events.iter().fold(before.clone(), |row, event| V::apply(row, event).unwrap());
        let step = Step { stream, events: &events, before: before.as_ref(), after: after.as_ref() };
        V::changes(&keys, step).into_iter().for_each(|it| change(table, it));
        shown.insert(stream.clone(), (commit.last_version(), after));
    }
    for (stream, (version, row)) in shown {
        let keys = Keys::new(stream.tenant(), V::NAME, generation);
        let key = RowKey { partition: keys.aggregate(&stream), sort: ROW.to_owned() };
        let places = row.as_ref().map(|row| V::places(&keys, row)).unwrap_or_default();
        put(table, key, version, row.map(|row| serde_json::to_value(row).unwrap()), places);
    }
}

/// The rows of one tenant as they stand.
pub async fn table(store: &dyn ViewStore, tenant: &str) -> Table {
    let (mut table, mut after) = (Table::new(), None);
    loop {
        let page = store.scan(Segment::WHOLE, after.as_ref(), 1_000).await.unwrap();
        let ours = |row: &Row| row.key.partition.split('/').next() == Some(tenant);
        table.extend(page.rows.into_iter().filter(ours).map(|row| (row.key.clone(), row)));
        after = page.next;
        if after.is_none() {
            return table;
        }
    }
}

/// What differs, a line each: rows that are missing, that should not be, or that say something else.
pub fn differences(expected: &Table, found: &Table) -> Vec<String> {
    // A counter of nothing is as good as no counter.
    let shown = |row: &Row| {
        let content = row.content.as_ref().map(|content| match content {
            Value::Object(fields) if row.version == 0 => {
                Value::Object(fields.clone().into_iter().filter(|(_, it)| *it != json!(0)).collect())
            }
            other => other.clone(),
        });
        let mut indexes: Vec<String> = row.indexes.iter().map(|it| format!("{it:?}")).collect();
        indexes.sort();
        (row.version, content, indexes, row.parked.clone())
    };
    let nothing = |row: &&Row| row.version == 0 && shown(row).1 == Some(json!({}));
    let keys: std::collections::BTreeSet<&RowKey> = expected.keys().chain(found.keys()).collect();
    let mut lines = Vec::new();
    for key in keys {
        let [wanted, is] = [expected, found].map(|table| table.get(key).filter(|row| !nothing(row)));
        if wanted.map(shown) != is.map(shown) {
            lines.push(format!("{key:?}: expected {:?}, found {:?}", wanted.map(shown), is.map(shown)));
        }
    }
    lines
}
