use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_graphql::Error;
use serde::de::DeserializeOwned;
use skafu_events::{StreamId, Tenant, Timestamp};
use skafu_store::{Consistency, Cursor, Index, Row, RowKey, RowList, RowPage, ViewStore};
use skafu_views::{Keys, ROW, View};

use crate::aliases::Aliases;
use crate::consistency::{CatchUp, Range};
use crate::error::internal;
use crate::joins::Joins;

/// Reads rows of views, for one request.
pub(crate) struct Reader {
    catch_up: CatchUp,
    joins: Joins,
    exact_joins: Joins,
    aliases: Arc<Aliases>,
    now: Timestamp,
    generations: Mutex<Generations>,
}

type Generations = HashMap<&'static str, u32>;

impl Reader {
    /// A reader for one request: what it has joined must not outlive it, nor be shared by two tenants.
    pub(crate) fn new(
        views: Arc<dyn ViewStore>,
        catch_up: CatchUp,
        aliases: Arc<Aliases>,
        now: Timestamp,
    ) -> Self {
        let joins = Joins::new(Arc::clone(&views), Consistency::Eventual);
        let exact_joins = Joins::new(views, Consistency::Strong);
        Self { catch_up, joins, exact_joins, aliases, now, generations: Mutex::default() }
    }

    /// Where the rows of a view stand in a tenant. Every key of a row is made from these.
    pub(crate) async fn keys<V: View>(&self, tenant: &Tenant) -> Result<Keys, Error> {
        Ok(Keys::new(tenant, V::NAME, self.generation(V::NAME).await?))
    }

    /// The generation of a view these fields are answered from: the same for all of them.
    async fn generation(&self, view: &'static str) -> Result<u32, Error> {
        let settled = |generations: &Generations| generations.get(view).copied();
        if let Some(number) = settled(&self.generations()) {
            return Ok(number);
        }
        let number = self.aliases.active(view, self.now).await?;
        // Another field may have asked at the same time.
        Ok(*self.generations().entry(view).or_insert(number))
    }

    fn generations(&self) -> MutexGuard<'_, Generations> {
        self.generations.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The key of the row an aggregate has in a view.
    pub(crate) async fn own_key<V: View>(&self, stream: &StreamId) -> Result<RowKey, Error> {
        let partition = self.keys::<V>(stream.tenant()).await?.aggregate(stream);
        Ok(RowKey { partition, sort: ROW.to_owned() })
    }

    /// One aggregate's row, unless there is none or only its tombstone.
    pub(crate) async fn own<V: View>(&self, stream: &StreamId) -> Result<Option<V::Row>, Error> {
        let keys = self.keys::<V>(stream.tenant()).await?;
        self.catch_up.own::<V>(&keys, stream).await?.as_ref().and_then(content).transpose()
    }

    /// One row of a view in a tenant.
    pub(crate) async fn row<V: View, R: DeserializeOwned>(
        &self,
        keys: &Keys,
        key: &RowKey,
    ) -> Result<Option<R>, Error> {
        self.catch_up.row::<V>(keys, key).await?.as_ref().and_then(content).transpose()
    }

    /// The first of the aggregates' own rows that is there. What many fields of a query ask for is read
    /// at once.
    pub(crate) async fn join<V: View>(&self, streams: &[StreamId]) -> Result<Option<V::Row>, Error> {
        Ok(self.join_from::<V>(streams).await?.map(|(_, row)| row))
    }

    /// The same, and whose row it is.
    pub(crate) async fn join_from<V: View>(
        &self,
        streams: &[StreamId],
    ) -> Result<Option<(StreamId, V::Row)>, Error> {
        let mut wanted = Vec::with_capacity(streams.len());
        for stream in streams {
            wanted.push(self.own_key::<V>(stream).await?);
        }
        let mut rows = self.joins.load(&wanted).await?;
        for stream in streams {
            let keys = self.keys::<V>(stream.tenant()).await?;
            self.catch_up.own_rows::<V>(&keys, &mut rows, &wanted).await?;
        }
        let found = streams
            .iter()
            .zip(wanted)
            .find_map(|(stream, key)| Some(content(rows.get(&key)?)?.map(|row| (stream.clone(), row))));
        found.transpose()
    }

    /// One row of a view in a tenant, read at once with what other fields of the query ask for.
    pub(crate) async fn joined<V: View, R: DeserializeOwned>(
        &self,
        keys: &Keys,
        key: RowKey,
    ) -> Result<Option<R>, Error> {
        let joins = if !self.catch_up.concerns::<V>(keys) {
            &self.joins
        } else if self.catch_up.lacks::<V>(keys, &key).await? {
            return self.row::<V, R>(keys, &key).await;
        } else {
            &self.exact_joins
        };
        let rows = joins.load(std::slice::from_ref(&key)).await?;
        rows.get(&key).and_then(|row| content(row)).transpose()
    }

    /// One page of a list in an index, newest first.
    pub(crate) async fn page<V: View, R: DeserializeOwned>(
        &self,
        keys: &Keys,
        list: (Index, &str),
        limit: u32,
        after: Option<&Cursor>,
    ) -> Result<(Vec<R>, Option<Cursor>), Error> {
        let RowPage { rows, next } = self.catch_up.page::<V>(keys, list, limit, after).await?;
        Ok((rows.iter().filter_map(content).collect::<Result<_, _>>()?, next))
    }

    /// The rows of a range with their sort keys, and where the next ones begin.
    pub(crate) async fn list<V: View, R: DeserializeOwned>(
        &self,
        keys: &Keys,
        mut range: Range<'_>,
    ) -> Result<(Vec<(String, R)>, Option<RowKey>), Error> {
        let (mut found, wanted) = (Vec::new(), range.limit);
        // The table may end a page early: only what it says comes next tells whether there is more.
        loop {
            let RowList { rows, next } = self.catch_up.list::<V>(keys, &range).await?;
            for row in rows {
                let sort = row.key.sort.clone();
                found.extend(content(&row).transpose()?.map(|content| (sort, content)));
            }
            range.limit = wanted.saturating_sub(found.len() as u32);
            if next.is_none() || range.limit == 0 {
                return Ok((found, next));
            }
            range.after = next;
        }
    }
}

fn content<R: DeserializeOwned>(row: &Row) -> Option<Result<R, Error>> {
    let content = row.content.as_ref()?;
    Some(R::deserialize(content).map_err(|error| {
        tracing::error!(%error, key = row.key.partition, "a row cannot be read");
        internal()
    }))
}
