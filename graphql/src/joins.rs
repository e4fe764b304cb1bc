use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::Error;
use futures::future::try_join_all;
use skafu_store::{Consistency, Row, RowKey, ViewStore};

use crate::error::store;

/// The most rows one request to the table may name.
const MAX_BATCH: usize = 100;

/// Rows by their keys, for one request: what its fields ask for at the same time is read at once, and nothing twice.
///
/// All fields of a request run in one task. Whoever wants rows says so and lets the others come first; whoever then
/// is the first to go on reads for all of them. async-graphql's own loader waits a millisecond for others instead, on
/// a thread of its own.
pub(crate) struct Joins {
    views: Arc<dyn ViewStore>,
    how: Consistency,
    state: Mutex<State>,
    reading: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct State {
    wanted: BTreeSet<RowKey>,
    /// What was read; none where there is no such row.
    read: HashMap<RowKey, Option<Arc<Row>>>,
    /// A request to the table failed: it is not tried again for each who waits.
    failed: Option<Error>,
}

impl Joins {
    pub(crate) fn new(views: Arc<dyn ViewStore>, how: Consistency) -> Self {
        Self { views, how, state: Mutex::default(), reading: tokio::sync::Mutex::default() }
    }

    /// Those of the rows that are there.
    pub(crate) async fn load(&self, keys: &[RowKey]) -> Result<HashMap<RowKey, Arc<Row>>, Error> {
        if self.wants(keys) {
            tokio::task::yield_now().await;
            let _reading = self.reading.lock().await;
            // Most who come here find that it was done for them.
            if self.wants(keys) {
                self.read().await?;
            }
        }
        let state = self.state();
        let found = |key: &RowKey| Some((key.clone(), Arc::clone(state.read.get(key)?.as_ref()?)));
        state.failed.clone().map_or_else(|| Ok(keys.iter().filter_map(found).collect()), Err)
    }

    /// Whether something of it is still to be read; notes what.
    fn wants(&self, keys: &[RowKey]) -> bool {
        let mut state = self.state();
        let missing: Vec<_> = keys.iter().filter(|key| !state.read.contains_key(*key)).cloned().collect();
        let wants = !missing.is_empty() && state.failed.is_none();
        state.wanted.extend(missing);
        wants
    }

    /// Reads what everybody wants by now.
    async fn read(&self) -> Result<(), Error> {
        let wanted: Vec<RowKey> = std::mem::take(&mut self.state().wanted).into_iter().collect();
        let batches = wanted.chunks(MAX_BATCH).map(|batch| self.views.get_many(batch, self.how));
        let read = try_join_all(batches).await.map_err(|error| store(&error));
        let mut state = self.state();
        match read {
            Ok(rows) => {
                let rows = rows.into_iter().flatten().map(|row| row.map(Arc::new));
                state.read.extend(wanted.into_iter().zip(rows));
                Ok(())
            }
            Err(error) => {
                state.failed = Some(error.clone());
                Err(error)
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
