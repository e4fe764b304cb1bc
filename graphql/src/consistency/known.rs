use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::Error;
use futures::future::join_all;
use skafu_events::StreamId;
use skafu_store::{Chain, Consistency, Row, RowKey};
use skafu_views::{Keys, View};

use super::catch_up::CatchUp;
use super::caught::{CatchUpError, Caught, catch_up, own_key};
use super::told::Looked;
use crate::error::{behind, store};

/// What is known of the demanded aggregates in one view; none: one cannot be shown as it was demanded.
pub(super) type Known = HashMap<StreamId, Option<Arc<Caught>>>;

/// How each demanded aggregate of a view is looked at once, and again where counters must be exact.
impl CatchUp {
    /// Every demanded aggregate of the view.
    pub(super) async fn all<V: View>(&self, keys: &Keys) -> Result<Vec<Arc<Caught>>, Error> {
        let known = self.known::<V>();
        let mut known = known.lock().await;
        let missing: Vec<_> =
            self.demands::<V>(keys).filter(|(_, stream, _)| !known.contains_key(*stream)).collect();
        self.look::<V>(keys, &missing, &mut known).await?;
        let all = self.demands::<V>(keys).map(|(_, stream, _)| known.get(stream).cloned().flatten());
        all.map(|caught| caught.ok_or_else(behind)).collect()
    }

    /// Whether the view has shown more of any of them since; what is known of those is renewed.
    pub(super) async fn moved<V: View>(&self, keys: &Keys, caught: &[Arc<Caught>]) -> Result<bool, Error> {
        let known = self.known::<V>();
        let mut known = known.lock().await;
        let own: Vec<RowKey> = caught.iter().map(|it| it.own.key.clone()).collect();
        let rows = self.views.get_many(&own, Consistency::Strong).await.map_err(|error| store(&error))?;
        let mut moved = false;
        for (caught, row) in caught.iter().zip(rows) {
            if row.as_ref().map_or(0, |row| row.version) == caught.gate {
                continue;
            }
            moved = true;
            let demand = self.demands::<V>(keys).find(|(_, stream, _)| **stream == caught.stream);
            if let Some(demand) = demand {
                self.learn::<V>(keys, demand, row, &mut known).await?;
            }
        }
        Ok(moved)
    }

    /// Reads the own rows of these, and what they miss.
    async fn look<V: View>(
        &self,
        keys: &Keys,
        demands: &[(usize, &StreamId, u64)],
        known: &mut Known,
    ) -> Result<(), Error> {
        if demands.is_empty() {
            return Ok(());
        }
        let own: Vec<RowKey> = demands.iter().map(|(_, stream, _)| own_key(keys, stream)).collect();
        let rows = self.views.get_many(&own, Consistency::Strong).await.map_err(|error| store(&error))?;
        let caught = demands.iter().zip(rows).map(|(demand, row)| self.caught::<V>(keys, *demand, row));
        for ((_, stream, _), caught) in demands.iter().zip(join_all(caught).await) {
            known.insert((*stream).clone(), caught?);
        }
        Ok(())
    }

    pub(super) async fn learn<V: View>(
        &self,
        keys: &Keys,
        demand: (usize, &StreamId, u64),
        row: Option<Row>,
        known: &mut Known,
    ) -> Result<Arc<Caught>, Error> {
        let caught = self.caught::<V>(keys, demand, row).await?;
        known.insert(demand.1.clone(), caught.clone());
        caught.ok_or_else(behind)
    }

    /// One demanded aggregate; none if it cannot be shown, which the log tells once.
    async fn caught<V: View>(
        &self,
        keys: &Keys,
        (place, stream, version): (usize, &StreamId, u64),
        row: Option<Row>,
    ) -> Result<Option<Arc<Caught>>, Error> {
        match catch_up::<V>(&*self.events, keys, (stream, version), row).await {
            Ok(caught) => {
                let (shown, missed) = (caught.own.version, caught.missed);
                let behind = version.saturating_sub(caught.gate);
                self.told.looked(Looked { place, shown, behind, missed });
                Ok(Some(Arc::new(caught)))
            }
            Err(CatchUpError::Store(error)) => Err(store(&error)),
            Err(error) => {
                let error = Chain(&error);
                tracing::error!(%error, view = V::NAME, %stream, version, "a view cannot be caught up with");
                Ok(None)
            }
        }
    }
}
