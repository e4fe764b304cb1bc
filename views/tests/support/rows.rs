use std::collections::BTreeMap;

use serde_json::{Value, json};
use skafu_events::{Commit, Envelope};
use skafu_views::{Change, FIRST_GENERATION, Keys, ROW, Step, View};

use super::Story;

/// Partition and sort key.
pub type Key = (String, String);

/// The rows of one view by their keys: the aggregates' own and those beside them.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Rows(pub BTreeMap<Key, Value>);

/// A key of that partition, behind the view's prefix.
pub fn key<V: View>(partition: &str, sort: &str) -> Key {
    (format!("acme/{}.{FIRST_GENERATION}/{partition}", V::NAME), sort.to_owned())
}

/// The rows a whole story leaves, each commit a batch of its own.
pub fn rows<V: View>(story: &Story) -> Rows {
    let mut rows = Rows::default();
    story.of(V::KINDS).into_iter().for_each(|commit| rows.batch::<V>(&[commit]));
    rows
}

impl Rows {
    /// Folds consecutive commits of one aggregate, then writes what they changed: each row once.
    pub fn batch<V: View>(&mut self, commits: &[&Commit]) {
        let Some(stream) = commits.first().map(|commit| &commit.stream) else { return };
        let keys = Keys::new(stream.tenant(), V::NAME, FIRST_GENERATION);
        let own = (keys.aggregate(stream), ROW.to_owned());
        let mut row: Option<V::Row> =
            self.0.get(&own).map(|row| serde_json::from_value(row.clone()).unwrap());
        let mut pending: BTreeMap<Key, Change> = BTreeMap::new();
        for commit in commits {
            let events: Vec<Envelope> = commit.envelopes().collect();
            let before = row.clone();
            for event in &events {
                row = V::apply(row, event).unwrap();
            }
            let step = Step { stream, events: &events, before: before.as_ref(), after: row.as_ref() };
            let changes = V::changes(&keys, step);
            let changed: BTreeMap<Key, Change> = changes.iter().map(|it| (key_of(it), it.clone())).collect();
            assert_eq!(changed.len(), changes.len(), "a commit changes a row once");
            assert!(!changed.contains_key(&own), "the aggregate's own row is the fold's");
            for (key, change) in changed {
                if let Change::Add { counters, .. } = &change {
                    assert!(!counters.is_empty() && counters.values().all(|by| *by != 0), "{counters:?}");
                }
                assert!(key.0.starts_with(&format!("{}/", keys.prefix())), "{key:?}");
                let merged = match (pending.remove(&key), change) {
                    (Some(earlier), later) => merge(earlier, later),
                    (None, change) => change,
                };
                pending.insert(key, merged);
            }
        }
        match row {
            Some(row) => self.0.insert(own, json!(row)),
            None => self.0.remove(&own),
        };
        pending.into_values().for_each(|change| self.apply(change));
    }

    fn apply(&mut self, change: Change) {
        let key = key_of(&change);
        match change {
            Change::Put { content, .. } => drop(self.0.insert(key, content)),
            Change::Delete { .. } => drop(self.0.remove(&key)),
            Change::Add { counters, .. } => {
                let row = self.0.entry(key).or_insert_with(|| json!({}));
                for (name, by) in counters {
                    row[&name] = json!(row[&name].as_i64().unwrap_or_default() + by);
                }
            }
        }
    }

    /// One row.
    pub fn at(&self, key: &Key) -> Option<&Value> {
        self.0.get(key)
    }

    /// The keys of a partition, behind a prefix.
    pub fn sorts(&self, partition: &Key) -> Vec<&str> {
        let inside = |it: &&Key| it.0 == partition.0 && it.1.starts_with(&partition.1);
        self.0.keys().filter(inside).map(|it| it.1.as_str()).collect()
    }
}

fn key_of(change: &Change) -> Key {
    match change {
        Change::Put { partition, sort, .. }
        | Change::Delete { partition, sort }
        | Change::Add { partition, sort, .. } => (partition.clone(), sort.clone()),
    }
}

/// Two changes of one row as one. A counter that was touched stays, even where it comes out at zero.
fn merge(earlier: Change, later: Change) -> Change {
    match (earlier, later) {
        (Change::Add { partition, sort, counters: mut sums }, Change::Add { counters, .. }) => {
            counters.into_iter().for_each(|(name, by)| *sums.entry(name).or_default() += by);
            Change::Add { partition, sort, counters: sums }
        }
        (Change::Add { .. }, _) | (_, Change::Add { .. }) => panic!("a counter is never put or deleted"),
        (_, later) => later,
    }
}
