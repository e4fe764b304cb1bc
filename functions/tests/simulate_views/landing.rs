use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use async_trait::async_trait;
use skafu_store::{
    Consistency, Cursor, Index, Order, PutError, Row, RowChange, RowKey, RowList, RowPage, Segment,
    StoreError, ViewStore,
};
use tokio::runtime::Handle;
use tokio::sync::{OwnedRwLockWriteGuard, RwLock};

use super::flights::Flights;

/// A view table on which what was sent lands, some time: whoever sent it may be killed meanwhile, as a
/// function is that has run for too long. A table on a network is like that; this one can be waited for.
pub struct Landing<S> {
    inner: Arc<S>,
    sent: Flights,
    /// Each write of a view's row holds a part of it.
    still: Arc<RwLock<()>>,
}

impl<S> Landing<S> {
    /// On that table.
    pub fn new(inner: S) -> Self {
        Self { inner: Arc::new(inner), sent: Flights::default(), still: Arc::default() }
    }

    /// Waits until every write that was sent by now has landed.
    pub async fn landed(&self) {
        self.sent.over().await;
    }

    /// Waits until what was sent has landed. As long as what is returned is there, no row of a view changes.
    pub async fn still(&self) -> OwnedRwLockWriteGuard<()> {
        self.still.clone().write_owned().await
    }
}

/// A request. Once begun, it goes on without whoever began it.
struct Sent<T: Send + 'static>(Option<Request<T>>);

type Request<T> = Pin<Box<dyn Future<Output = T> + Send>>;

impl<T: Send + 'static> Future for Sent<T> {
    type Output = T;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        let Some(request) = &mut self.0 else { return Poll::Pending };
        let answer = request.as_mut().poll(context);
        if answer.is_ready() {
            self.0 = None;
        }
        answer
    }
}

impl<T: Send + 'static> Drop for Sent<T> {
    fn drop(&mut self) {
        // Without a runtime everything is over.
        if let (Some(request), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            drop(runtime.spawn(request));
        }
    }
}

#[async_trait]
impl<S: ViewStore + 'static> ViewStore for Landing<S> {
    async fn get(&self, key: &RowKey, consistency: Consistency) -> Result<Option<Row>, StoreError> {
        self.inner.get(key, consistency).await
    }

    async fn put(&self, row: &Row, expected: Option<u64>) -> Result<(), PutError> {
        self.transact(row, expected, &[]).await
    }

    async fn transact(
        &self,
        row: &Row,
        expected: Option<u64>,
        changes: &[RowChange],
    ) -> Result<(), PutError> {
        // What keeps the generations is no row of a view.
        let moves = match row.key.partition.starts_with("_views/") {
            true => None,
            false => Some(self.still.clone().read_owned().await),
        };
        let (inner, row, changes) = (self.inner.clone(), row.clone(), changes.to_vec());
        let under_way = (self.sent.begin(), moves);
        let request = async move {
            let written = inner.transact(&row, expected, &changes).await;
            drop(under_way);
            written
        };
        Sent(Some(Box::pin(request))).await
    }

    async fn get_many(
        &self,
        keys: &[RowKey],
        consistency: Consistency,
    ) -> Result<Vec<Option<Row>>, StoreError> {
        self.inner.get_many(keys, consistency).await
    }

    async fn list(
        &self,
        partition: &str,
        prefix: &str,
        order: Order,
        limit: u32,
        after: Option<&RowKey>,
        consistency: Consistency,
    ) -> Result<RowList, StoreError> {
        self.inner.list(partition, prefix, order, limit, after, consistency).await
    }

    async fn scan(
        &self,
        segment: Segment,
        after: Option<&RowKey>,
        limit: u32,
    ) -> Result<RowList, StoreError> {
        self.inner.scan(segment, after, limit).await
    }

    async fn query(
        &self,
        index: Index,
        partition: &str,
        order: Order,
        limit: u32,
        after: Option<&Cursor>,
    ) -> Result<RowPage, StoreError> {
        self.inner.query(index, partition, order, limit, after).await
    }
}
