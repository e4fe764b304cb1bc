use std::sync::Mutex;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::AttributeValue;
use skafu_events::{Commit, StreamId};
use skafu_store::faults::Random;
use skafu_store::{
    Append, Consistency, DynamoEventStore, EventStore, History, ScanPage, ScanPosition, Segment, Snapshot,
    StoreError, TransactionError,
};

/// A table from which snapshots really disappear, under instances that still count on them.
pub struct Vandalised {
    store: DynamoEventStore,
    client: Client,
    table: String,
    plan: Mutex<Plan>,
}

struct Plan {
    random: Random,
    targets: Vec<StreamId>,
    /// After how many more requests it happens again.
    left: usize,
}

impl Vandalised {
    /// That table, as it is.
    pub fn new(client: Client, table: &str) -> Self {
        let plan = Plan { random: Random::new(0), targets: Vec::new(), left: 0 };
        let (store, table) = (DynamoEventStore::new(client.clone(), table), table.to_owned());
        Self { store, client, table, plan: Mutex::new(plan) }
    }

    /// From now on the snapshots of these streams disappear every few requests.
    pub fn begin(&self, seed: u64, targets: Vec<StreamId>) {
        *self.plan.lock().unwrap() = Plan { random: Random::new(seed ^ 0x7a2d), targets, left: 10 };
    }

    /// They stay.
    pub fn end(&self) {
        self.plan.lock().unwrap().targets.clear();
    }

    /// Before each request.
    async fn request(&self) {
        let targets = {
            let mut plan = self.plan.lock().unwrap();
            plan.left = plan.left.saturating_sub(1);
            if plan.left > 0 || plan.targets.is_empty() {
                return;
            }
            plan.left = 10 + plan.random.below(50);
            plan.targets.clone()
        };
        for stream in targets {
            let delete = self.client.delete_item().table_name(&self.table);
            let delete = delete.key("PK", AttributeValue::S(stream.to_string()));
            delete.key("SK", AttributeValue::S("SNAPSHOT".to_owned())).send().await.unwrap();
        }
    }
}

#[async_trait]
impl EventStore for Vandalised {
    async fn load(&self, stream: &StreamId, consistency: Consistency) -> Result<History, StoreError> {
        self.request().await;
        self.store.load(stream, consistency).await
    }

    async fn load_latest(
        &self,
        stream: &StreamId,
        consistency: Consistency,
        schema: &str,
    ) -> Result<History, StoreError> {
        self.request().await;
        self.store.load_latest(stream, consistency, schema).await
    }

    async fn load_after(&self, stream: &StreamId, version: u64) -> Result<Vec<Commit>, StoreError> {
        self.request().await;
        self.store.load_after(stream, version).await
    }

    async fn page_before(
        &self,
        stream: &StreamId,
        before: Option<u64>,
        limit: u32,
    ) -> Result<Vec<Commit>, StoreError> {
        self.request().await;
        self.store.page_before(stream, before, limit).await
    }

    async fn append_all(&self, appends: Vec<Append<'_>>) -> Result<Vec<Commit>, TransactionError> {
        self.request().await;
        self.store.append_all(appends).await
    }

    async fn save_snapshot(&self, stream: &StreamId, snapshot: &Snapshot) -> Result<(), StoreError> {
        self.request().await;
        self.store.save_snapshot(stream, snapshot).await
    }

    async fn scan(
        &self,
        segment: Segment,
        after: Option<&ScanPosition>,
        limit: u32,
    ) -> Result<ScanPage, StoreError> {
        self.request().await;
        self.store.scan(segment, after, limit).await
    }
}
