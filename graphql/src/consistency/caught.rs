use std::collections::BTreeMap;

use serde_json::Value;
use skafu_events::{Envelope, StreamId, Timestamp};
use skafu_store::{EventStore, Row, RowKey, StoreError};
use skafu_views::{Change, FoldError, Keys, Placement, ROW, Step, View};

/// What the missed commits make of a row beside an aggregate's own.
pub(super) enum Beside {
    Put(Value),
    Deleted,
    /// Its counters change by so much.
    Added(BTreeMap<String, i64>),
}

/// One aggregate in one view, as current as it was demanded.
pub(super) struct Caught {
    pub stream: StreamId,
    /// The version its own row was at, on which the missed commits were folded.
    pub gate: u64,
    /// Its own row with them; without its places.
    pub own: Row,
    pub places: Vec<Placement>,
    /// What they change beside it.
    pub beside: BTreeMap<RowKey, Beside>,
    /// When the first of them was accepted; none if the row was current.
    pub missed: Option<Timestamp>,
}

/// Why an aggregate cannot be shown as it was demanded.
#[derive(Debug, thiserror::Error)]
pub(super) enum CatchUpError {
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The view cannot fold what it has missed: there the aggregate is parked, or will be.
    #[error("an event that is missing in the view cannot be folded")]
    Fold(#[from] FoldError),
    #[error("the row of the view cannot be read or written")]
    Row(#[from] serde_json::Error),
    /// Somebody has seen a version that is in no table any more.
    #[error("the stream ends at version {0}")]
    Ends(u64),
}

/// The key of the row an aggregate has in a view.
pub(super) fn own_key(keys: &Keys, stream: &StreamId) -> RowKey {
    RowKey { partition: keys.aggregate(stream), sort: ROW.to_owned() }
}

/// Folds what a row misses onto it, if it is behind. One request if so, else none.
pub(super) async fn catch_up<V: View>(
    events: &dyn EventStore,
    keys: &Keys,
    (stream, demanded): (&StreamId, u64),
    row: Option<Row>,
) -> Result<Caught, CatchUpError> {
    let key = own_key(keys, stream);
    let own = row.unwrap_or(Row { key, version: 0, content: None, indexes: Vec::new(), parked: None });
    let shown: Option<V::Row> = own.content.clone().map(serde_json::from_value).transpose()?;
    let gate = own.version;
    let mut caught = Caught {
        stream: stream.clone(),
        gate,
        own,
        places: Vec::new(),
        beside: BTreeMap::new(),
        missed: None,
    };
    let shown = if gate < demanded { caught.fold::<V>(events, keys, shown).await? } else { shown };
    if caught.own.version < demanded {
        return Err(CatchUpError::Ends(caught.own.version));
    }
    caught.places = shown.map(|row| V::places(keys, &row)).unwrap_or_default();
    Ok(caught)
}

impl Caught {
    async fn fold<V: View>(
        &mut self,
        events: &dyn EventStore,
        keys: &Keys,
        mut shown: Option<V::Row>,
    ) -> Result<Option<V::Row>, CatchUpError> {
        for commit in events.load_after(&self.stream, self.gate).await? {
            let events: Vec<Envelope> = commit.envelopes().collect();
            let after = events.iter().try_fold(shown.clone(), |row, event| V::apply(row, event))?;
            let stream = &commit.stream;
            let step = Step { stream, events: &events, before: shown.as_ref(), after: after.as_ref() };
            V::changes(keys, step).into_iter().for_each(|change| self.change(change));
            shown = after;
            self.own.version = commit.last_version();
            self.missed.get_or_insert(commit.timestamp);
        }
        self.own.content = shown.as_ref().map(serde_json::to_value).transpose()?;
        Ok(shown)
    }

    /// Counters add up; of anything else the latest counts.
    fn change(&mut self, change: Change) {
        let (key, beside) = match change {
            Change::Put { partition, sort, content, .. } => {
                (RowKey { partition, sort }, Beside::Put(content))
            }
            Change::Delete { partition, sort } => (RowKey { partition, sort }, Beside::Deleted),
            Change::Add { partition, sort, counters } => {
                (RowKey { partition, sort }, Beside::Added(counters))
            }
        };
        match (self.beside.get_mut(&key), beside) {
            (Some(Beside::Added(counters)), Beside::Added(more)) => {
                for (name, by) in more {
                    *counters.entry(name).or_default() += by;
                }
            }
            (_, beside) => drop(self.beside.insert(key, beside)),
        }
    }

    /// Whether counters change in such rows: those must not be counted twice.
    pub fn counts(&self, concerns: impl Fn(&RowKey) -> bool) -> bool {
        self.beside.iter().any(|(key, beside)| matches!(beside, Beside::Added(_)) && concerns(key))
    }
}
