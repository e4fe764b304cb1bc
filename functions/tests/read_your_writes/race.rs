//! Projectors that run between a question's reads: counters are right all the same.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use serde_json::{Value, json};
use skafu_events::Commit;
use skafu_store::{
    Consistency, Cursor, Index, MemoryViewStore, Order, PutError, Row, RowChange, RowKey, RowList, RowPage,
    Segment, StoreError, ViewStore,
};
use skafu_views::{UserView, View};

use crate::lagging::Lagging;
use crate::support::{Questions, Random, alice, show_in};

/// After some of its reads, a projector shows one more commit.
struct Overtaken {
    rows: Arc<MemoryViewStore>,
    coming: Mutex<(Random, Vec<Commit>)>,
}

impl Overtaken {
    async fn overtake(&self) {
        let commit = {
            let mut coming = self.coming.lock().unwrap();
            if coming.1.is_empty() || coming.0.chance(40) {
                return;
            }
            coming.1.remove(0)
        };
        show_in(UserView::NAME, &*self.rows, &commit).await;
    }
}

#[async_trait]
impl ViewStore for Overtaken {
    async fn get(&self, key: &RowKey, how: Consistency) -> Result<Option<Row>, StoreError> {
        let row = self.rows.get(key, how).await;
        self.overtake().await;
        row
    }

    async fn get_many(&self, keys: &[RowKey], how: Consistency) -> Result<Vec<Option<Row>>, StoreError> {
        let rows = self.rows.get_many(keys, how).await;
        self.overtake().await;
        rows
    }

    async fn put(&self, row: &Row, expected: Option<u64>) -> Result<(), PutError> {
        self.rows.put(row, expected).await
    }

    async fn transact(&self, row: &Row, expected: Option<u64>, with: &[RowChange]) -> Result<(), PutError> {
        self.rows.transact(row, expected, with).await
    }

    async fn list(
        &self,
        partition: &str,
        prefix: &str,
        order: Order,
        limit: u32,
        after: Option<&RowKey>,
        how: Consistency,
    ) -> Result<RowList, StoreError> {
        let list = self.rows.list(partition, prefix, order, limit, after, how).await;
        self.overtake().await;
        list
    }

    async fn scan(&self, of: Segment, after: Option<&RowKey>, limit: u32) -> Result<RowList, StoreError> {
        self.rows.scan(of, after, limit).await
    }

    async fn query(
        &self,
        index: Index,
        partition: &str,
        order: Order,
        limit: u32,
        after: Option<&Cursor>,
    ) -> Result<RowPage, StoreError> {
        self.rows.query(index, partition, order, limit, after).await
    }
}

#[tokio::test]
async fn no_counter_counts_twice_when_a_projector_runs_between_two_reads() {
    let mut it = Lagging::new().await;
    for name in ["One", "Two", "Three"] {
        let id = it.create(name).await;
        it.make(&id).await;
        it.send("ArchiveProject", json!({ "projectId": id })).await;
    }
    let commits = it.world.store.all_commits().into_iter();
    let commits: Vec<Commit> =
        commits.filter(|commit| UserView::KINDS.contains(&commit.stream.kind())).collect();
    let keys = it.keys().await;
    let query = "{ me { projectCount projectsByStatus { draft configuring ready archived } projects { items { status } } } }";
    let mut overtaken = 0;
    for seed in 0..500 {
        let rows = Arc::new(MemoryViewStore::default());
        rows.put(&keys, None).await.unwrap();
        let coming = Mutex::new((Random::new(seed), commits.clone()));
        let views = Arc::new(Overtaken { rows: rows.clone(), coming });
        let questions = Questions::over(&it.world, rows, views.clone());
        let answer = questions.ask_after(&alice(), it.token.as_deref().unwrap(), query, Value::Null).await;
        let archived = json!({ "status": "archived" });
        let expected = json!({
            "projectCount": 3,
            "projectsByStatus": { "draft": 0, "configuring": 0, "ready": 0, "archived": 3 },
            "projects": { "items": [archived, archived, archived] }
        });
        assert_eq!(answer["data"]["me"], expected, "seed {seed}: {answer}");
        overtaken += usize::from(views.coming.lock().unwrap().1.len() < commits.len());
    }
    assert!(overtaken > 400, "{overtaken}");
}
