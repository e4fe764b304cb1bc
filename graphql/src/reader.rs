use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::Error;
use async_graphql::dataloader::{DataLoader, Loader};
use serde::de::DeserializeOwned;
use skafu_events::{StreamId, Tenant};
use skafu_store::{Consistency, Cursor, Index, Order, Row, RowKey, RowList, RowPage, ViewStore};
use skafu_views::{FIRST_GENERATION, Keys, ROW, View};

use crate::error::{internal, store};

/// The most rows one request to the table may name.
const MAX_BATCH: usize = 100;

/// Where the rows of a view stand in a tenant.
pub(crate) fn keys<V: View>(tenant: &Tenant) -> Keys {
    Keys::new(tenant, V::NAME, FIRST_GENERATION)
}

/// The key of the row an aggregate has in a view.
pub(crate) fn own_key<V: View>(stream: &StreamId) -> RowKey {
    RowKey { partition: keys::<V>(stream.tenant()).aggregate(stream), sort: ROW.to_owned() }
}

/// Reads rows of views, for one request.
pub(crate) struct Reader {
    views: Arc<dyn ViewStore>,
    joins: DataLoader<Rows>,
}

impl Reader {
    /// A reader for one request: its loader must not outlive it, nor be shared by two tenants.
    pub(crate) fn new(views: Arc<dyn ViewStore>) -> Self {
        let joins = DataLoader::new(Rows(Arc::clone(&views)), tokio::spawn).max_batch_size(MAX_BATCH);
        Self { views, joins }
    }

    /// One aggregate's row, unless there is none or only its tombstone.
    pub(crate) async fn own<V: View>(&self, stream: &StreamId) -> Result<Option<V::Row>, Error> {
        self.row(&own_key::<V>(stream)).await
    }

    /// One row.
    pub(crate) async fn row<R: DeserializeOwned>(&self, key: &RowKey) -> Result<Option<R>, Error> {
        let row = self.views.get(key, Consistency::Eventual).await.map_err(|error| store(&error))?;
        row.and_then(content).transpose()
    }

    /// The first of the rows that is there. What many fields of a query ask for is read at once.
    pub(crate) async fn join<R: DeserializeOwned>(&self, keys: &[RowKey]) -> Result<Option<R>, Error> {
        let mut rows = self.joins.load_many(keys.to_vec()).await?;
        keys.iter().find_map(|key| content(rows.remove(key)?)).transpose()
    }

    /// One page of a list in an index, newest first.
    pub(crate) async fn page<R: DeserializeOwned>(
        &self,
        index: Index,
        partition: &str,
        limit: u32,
        after: Option<&Cursor>,
    ) -> Result<(Vec<R>, Option<Cursor>), Error> {
        let page = self.views.query(index, partition, Order::Descending, limit, after).await;
        let RowPage { rows, next } = page.map_err(|error| store(&error))?;
        Ok((rows.into_iter().filter_map(content).collect::<Result<_, _>>()?, next))
    }

    /// At most `limit` rows of a partition with their sort keys, and where the next ones begin.
    pub(crate) async fn list<R: DeserializeOwned>(
        &self,
        partition: &str,
        prefix: &str,
        order: Order,
        limit: u32,
        after: Option<RowKey>,
    ) -> Result<(Vec<(String, R)>, Option<RowKey>), Error> {
        let (mut found, mut after) = (Vec::new(), after);
        // The table may end a page early: only what it says comes next tells whether there is more.
        loop {
            let wanted = limit.saturating_sub(found.len() as u32);
            let page = self
                .views
                .list(partition, prefix, order, wanted, after.as_ref(), Consistency::Eventual)
                .await;
            let RowList { rows, next } = page.map_err(|error| store(&error))?;
            for row in rows {
                let sort = row.key.sort.clone();
                found.extend(content(row).transpose()?.map(|content| (sort, content)));
            }
            if next.is_none() || found.len() as u32 >= limit {
                return Ok((found, next));
            }
            after = next;
        }
    }
}

fn content<R: DeserializeOwned>(row: Row) -> Option<Result<R, Error>> {
    let content = row.content?;
    Some(serde_json::from_value(content).map_err(|error| {
        tracing::error!(%error, key = row.key.partition, "a row cannot be read");
        internal()
    }))
}

/// Rows by their keys, many at once.
struct Rows(Arc<dyn ViewStore>);

impl Loader<RowKey> for Rows {
    type Value = Row;
    type Error = Error;

    async fn load(&self, keys: &[RowKey]) -> Result<HashMap<RowKey, Row>, Error> {
        let rows = self.0.get_many(keys, Consistency::Eventual).await.map_err(|error| store(&error))?;
        Ok(rows.into_iter().flatten().map(|row| (row.key.clone(), row)).collect())
    }
}
