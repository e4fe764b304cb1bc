use std::collections::BTreeMap;

use skafu_events::{Envelope, StreamId};
use skafu_store::{Index, IndexKey, MAX_CHANGES, RowChange, RowKey};
use skafu_views::{Change, FoldError, Keys, Place, Placement, Step, View};

use super::parked::EventRef;

/// An event the view cannot fold.
#[derive(Debug, thiserror::Error)]
#[error("{} {} cannot be folded", event.event_type, event.aggregate_version)]
pub struct Unfoldable {
    /// Which.
    pub event: Box<EventRef>,
    /// The version up to which everything can be: the end of the commit before.
    pub after: u64,
    /// What the fold said.
    pub source: FoldError,
}

/// What one transaction is to write: some commits, whole.
#[derive(Debug)]
pub struct Folded<R> {
    /// The version they end at.
    pub version: u64,
    /// The aggregate's row afterwards.
    pub shown: Option<R>,
    /// What they change beside it.
    pub changes: Vec<RowChange>,
}

/// What came of folding: as far as it went.
#[derive(Debug)]
pub struct Folds<R> {
    /// As few writes as transactions allow, each to a commit's end.
    pub writes: Vec<Folded<R>>,
    /// What comes after them and cannot be folded.
    pub stopped: Option<Unfoldable>,
}

/// Folds whole commits onto a row, up to the first that cannot be.
pub fn fold<V: View>(
    keys: &Keys,
    stream: &StreamId,
    from: u64,
    shown: Option<V::Row>,
    events: &[Envelope],
) -> Folds<V::Row> {
    let (mut writes, mut shown) = (Vec::new(), shown);
    let mut merged: BTreeMap<RowKey, RowChange> = BTreeMap::new();
    let (mut version, mut stopped) = (from, None);
    for commit in events.chunk_by(|a, b| a.metadata.commit_version == b.metadata.commit_version) {
        let before = shown.clone();
        match apply::<V>(shown, commit, version) {
            Ok(after) => shown = after,
            Err(unfoldable) => {
                (shown, stopped) = (before, Some(unfoldable));
                break;
            }
        }
        let step = Step { stream, events: commit, before: before.as_ref(), after: shown.as_ref() };
        let changes: Vec<RowChange> = V::changes(keys, step).into_iter().map(row_change).collect();
        let added = changes.iter().filter(|change| !merged.contains_key(change.key())).count();
        if merged.len() + added > MAX_CHANGES && !merged.is_empty() {
            let changes = settled(std::mem::take(&mut merged));
            writes.push(Folded { version, shown: before, changes });
        }
        changes.into_iter().for_each(|change| merge(&mut merged, change));
        version = commit.last().map_or(version, |event| event.aggregate_version);
    }
    if version > from {
        writes.push(Folded { version, shown, changes: settled(merged) });
    }
    Folds { writes, stopped }
}

fn apply<V: View>(
    shown: Option<V::Row>,
    commit: &[Envelope],
    after: u64,
) -> Result<Option<V::Row>, Unfoldable> {
    commit.iter().try_fold(shown, |shown, event| {
        V::apply(shown, event).map_err(|source| Unfoldable {
            event: Box::new(EventRef::from(event)),
            after,
            source,
        })
    })
}

/// Without what came to nothing: a counter that went up and down again.
fn settled(merged: BTreeMap<RowKey, RowChange>) -> Vec<RowChange> {
    let settle = |mut change| {
        if let RowChange::Add { counters, .. } = &mut change {
            counters.retain(|_, by| *by != 0);
            if counters.is_empty() {
                return None;
            }
        }
        Some(change)
    };
    merged.into_values().filter_map(settle).collect()
}

/// Counters add up; of anything else the latest counts.
pub(super) fn merge(merged: &mut BTreeMap<RowKey, RowChange>, change: RowChange) {
    match (merged.get_mut(change.key()), change) {
        (Some(RowChange::Add { counters, .. }), RowChange::Add { counters: more, .. }) => {
            for (name, by) in more {
                *counters.entry(name).or_default() += by;
            }
        }
        (_, change) => {
            merged.insert(change.key().clone(), change);
        }
    }
}

pub(super) fn row_change(change: Change) -> RowChange {
    match change {
        Change::Put { partition, sort, content, places } => {
            RowChange::Put { key: RowKey { partition, sort }, content, indexes: indexes(places) }
        }
        Change::Delete { partition, sort } => RowChange::Delete(RowKey { partition, sort }),
        Change::Add { partition, sort, counters } => {
            RowChange::Add { key: RowKey { partition, sort }, counters }
        }
    }
}

/// A view's places as the table's.
pub fn indexes(places: Vec<Placement>) -> Vec<(Index, IndexKey)> {
    let index = |it: Placement| {
        let index = match it.place {
            Place::First => Index::First,
            Place::Second => Index::Second,
        };
        (index, IndexKey { partition: it.partition, sort: it.sort })
    };
    places.into_iter().map(index).collect()
}
