use std::collections::HashMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};

use async_graphql::Error;
use skafu_events::StreamId;
use skafu_store::consistency::Written;
use skafu_store::{Consistency, Cursor, EventStore, Index, Order, Row, RowKey, RowList, RowPage};
use skafu_store::{StoreError, ViewStore};
use skafu_views::{Keys, View};

use super::caught::{Caught, own_key};
use super::known::Known;
use super::merge;
use super::told::Told;
use crate::error::{behind, store, unavailable};

/// How often rows with counters are read anew when a projector catches up meanwhile. Each time it has come
/// further, and once it is where it was demanded, there is nothing left to add. Until then no number would be
/// right: whoever meets a projector that often is asked to try again.
const MAX_ATTEMPTS: usize = 20;

/// Rows of one partition of the table whose sort keys begin with a prefix.
pub(crate) struct Range<'a> {
    pub partition: &'a str,
    pub prefix: &'a str,
    pub order: Order,
    pub limit: u32,
    pub after: Option<RowKey>,
}

impl Range<'_> {
    pub(super) fn concerns(&self, key: &RowKey) -> bool {
        key.partition == self.partition && key.sort.starts_with(self.prefix)
    }
}

/// One request's reads: of views, and of what they miss of the aggregates its asker demands.
///
/// Price: nothing for an aggregate's own row that is read anyway and is current; one request for all
/// demanded aggregates of a view where it is asked for more; one query more for each that is behind.
pub(crate) struct CatchUp {
    pub(super) views: Arc<dyn ViewStore>,
    pub(super) events: Arc<dyn EventStore>,
    pub(super) demanded: Written,
    pub(super) told: Arc<Told>,
    pub(super) known: Mutex<HashMap<&'static str, Arc<tokio::sync::Mutex<Known>>>>,
}

impl CatchUp {
    pub(crate) fn new(
        views: Arc<dyn ViewStore>,
        events: Arc<dyn EventStore>,
        demanded: Written,
        told: Arc<Told>,
    ) -> Self {
        Self { views, events, demanded, told, known: Mutex::default() }
    }

    /// Whether anything is demanded that the view follows, among what those keys stand for.
    pub(crate) fn concerns<V: View>(&self, keys: &Keys) -> bool {
        self.demands::<V>(keys).next().is_some()
    }

    /// The demanded aggregates the view follows: their places in the token, and their versions.
    pub(super) fn demands<V: View>(&self, keys: &Keys) -> impl Iterator<Item = (usize, &StreamId, u64)> {
        let all = self.demanded.iter().enumerate().map(|(place, (stream, version))| (place, stream, version));
        all.filter(|(_, stream, _)| V::KINDS.contains(&stream.kind()) && are_of(keys, stream))
    }

    pub(super) fn known<V: View>(&self) -> Arc<tokio::sync::Mutex<Known>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(known.entry(V::NAME).or_default())
    }

    /// One aggregate's own row.
    pub(crate) async fn own<V: View>(&self, keys: &Keys, stream: &StreamId) -> Result<Option<Row>, Error> {
        let known = self.known::<V>();
        let demand = self.demands::<V>(keys).find(|(_, demanded, _)| *demanded == stream);
        let mut known = match demand {
            Some(_) => Some(known.lock().await),
            None => None,
        };
        if let Some(caught) = known.as_ref().and_then(|known| known.get(stream)) {
            return Ok(Some(caught.as_ref().ok_or_else(behind)?.own.clone()));
        }
        let key = own_key(keys, stream);
        let row = self.views.get(&key, Consistency::Eventual).await.map_err(|error| store(&error))?;
        let row = match (demand, known.as_mut()) {
            (Some(demand), Some(known)) => Some(self.learn::<V>(keys, demand, row, known).await?.own.clone()),
            _ => row,
        };
        if let Some(row) = &row {
            self.told.own(stream, row.version);
        }
        Ok(row)
    }

    /// Own rows that were read, each as it was demanded.
    pub(crate) async fn own_rows<V: View>(
        &self,
        keys: &Keys,
        rows: &mut HashMap<RowKey, Arc<Row>>,
        wanted: &[RowKey],
    ) -> Result<(), Error> {
        let known = self.known::<V>();
        for demand in self.demands::<V>(keys) {
            let key = own_key(keys, demand.1);
            if !wanted.contains(&key) {
                continue;
            }
            let mut known = known.lock().await;
            let caught = match known.get(demand.1) {
                Some(caught) => caught.clone().ok_or_else(behind)?,
                None => {
                    let row = rows.get(&key).map(|row| Row::clone(row));
                    self.learn::<V>(keys, demand, row, &mut known).await?
                }
            };
            rows.insert(key, Arc::new(caught.own.clone()));
        }
        Ok(())
    }

    /// Whether a row lacks something of the demanded aggregates. One that lacks nothing shows all of theirs, if it is
    /// read strongly after this.
    pub(crate) async fn lacks<V: View>(&self, keys: &Keys, key: &RowKey) -> Result<bool, Error> {
        Ok(self.all::<V>(keys).await?.iter().any(|it| it.beside.contains_key(key)))
    }

    /// One row of any kind.
    pub(crate) async fn row<V: View>(&self, keys: &Keys, key: &RowKey) -> Result<Option<Row>, Error> {
        if !self.concerns::<V>(keys) {
            return self.views.get(key, Consistency::Eventual).await.map_err(|error| store(&error));
        }
        let read = || self.views.get(key, Consistency::Strong);
        let (row, caught) = self.exact::<V, _, _>(keys, |counted| counted == key, read).await?;
        Ok(merge::row(key, row, &caught))
    }

    /// One page of a partition of the table.
    pub(crate) async fn list<V: View>(&self, keys: &Keys, range: &Range<'_>) -> Result<RowList, Error> {
        let Range { partition, prefix, order, limit, after } = range;
        let read = |how| self.views.list(partition, prefix, *order, *limit, after.as_ref(), how);
        if !self.concerns::<V>(keys) {
            return read(Consistency::Eventual).await.map_err(|error| store(&error));
        }
        let read = || read(Consistency::Strong);
        let (base, caught) = self.exact::<V, _, _>(keys, |counted| range.concerns(counted), read).await?;
        Ok(merge::list(range, base, &caught))
    }

    /// One page of an index, largest sort key first.
    pub(crate) async fn page<V: View>(
        &self,
        keys: &Keys,
        (index, partition): (Index, &str),
        limit: u32,
        after: Option<&Cursor>,
    ) -> Result<RowPage, Error> {
        let caught = if self.concerns::<V>(keys) { self.all::<V>(keys).await? } else { Vec::new() };
        let (mut rows, mut after) = (Vec::new(), after.cloned());
        loop {
            let left = limit.saturating_sub(rows.len() as u32);
            let base = self.views.query(index, partition, Order::Descending, left, after.as_ref()).await;
            let base = base.map_err(|error| store(&error))?;
            if caught.is_empty() {
                return Ok(base);
            }
            let page = merge::page((index, partition), (left, after.as_ref()), base, &caught);
            rows.extend(page.rows);
            // What is gone leaves room.
            match page.next {
                Some(next) if (rows.len() as u32) < limit => after = Some(next),
                next => return Ok(RowPage { rows, next }),
            }
        }
    }

    /// What a read finds, with the demanded aggregates exactly as far as it found them: where counters are
    /// added to, the read counts only if no projector wrote between the two looks around it.
    async fn exact<V: View, B, F: Future<Output = Result<B, StoreError>>>(
        &self,
        keys: &Keys,
        concerns: impl Fn(&RowKey) -> bool,
        read: impl Fn() -> F,
    ) -> Result<(B, Vec<Arc<Caught>>), Error> {
        let mut caught = self.all::<V>(keys).await?;
        for _ in 0..MAX_ATTEMPTS {
            let base = read().await.map_err(|error| store(&error))?;
            let counting: Vec<_> = caught.iter().filter(|it| it.counts(&concerns)).cloned().collect();
            if counting.is_empty() || !self.moved::<V>(keys, &counting).await? {
                return Ok((base, caught));
            }
            caught = self.all::<V>(keys).await?;
        }
        Err(unavailable())
    }
}

/// Whether the keys stand for rows of the stream's tenant.
fn are_of(keys: &Keys, stream: &StreamId) -> bool {
    keys.prefix().split_once('/').is_some_and(|(tenant, _)| tenant == stream.tenant().as_str())
}
