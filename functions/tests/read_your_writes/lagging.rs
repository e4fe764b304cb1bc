use std::sync::Arc;

use serde_json::{Value, json};
use skafu_events::{AggregateKind, StreamId};
use skafu_forge::repositories::BundleStore;
use skafu_store::consistency::{ConsistencyTokens, Holder, Written};
use skafu_store::{Consistency, MemoryViewStore, Row, RowKey, ViewStore};
use skafu_views::NAMES;

use crate::support::{Questions, REQUEST, Saga, TINY_FILES, World, acme, alice, project, show_in};

/// A world whose projections stand still, and a person in it who keeps their token.
pub struct Lagging {
    pub world: World,
    pub questions: Questions,
    pub token: Option<String>,
}

impl Lagging {
    pub async fn new() -> Self {
        let views = Arc::new(MemoryViewStore::default());
        let world = World::with_tokens(views.clone());
        world.publish(&alice(), "tiny", TINY_FILES).await;
        let questions = Questions::over(&world, views.clone(), views);
        Self { world, questions, token: None }
    }

    pub async fn send(&mut self, command: &str, data: Value) -> Value {
        let answer = self.world.send_after(&mut self.token, &alice(), command, data).await;
        assert!(answer.status < 300, "{}", answer.body);
        answer.body
    }

    pub async fn create(&mut self, name: &str) -> String {
        self.send("CreateProject", project(name, "tiny")).await["aggregateId"].as_str().unwrap().to_owned()
    }

    /// Runs the saga of a project, and no projection.
    pub async fn make(&self, id: &str) {
        Saga::new(&self.world, Arc::new(BundleStore::new(self.world.blobs.clone())), id).whole().await;
    }

    /// The projections catch up with everything that has happened.
    pub async fn show(&self) {
        let shown = self.questions.views.clone();
        for commit in self.world.store.all_commits() {
            for view in NAMES {
                show_in(view, &*shown, &commit).await;
            }
        }
    }

    pub async fn ask(&self, id: &str) -> Value {
        let variables = json!({ "id": id, "request": REQUEST });
        self.questions.ask_after(&alice(), self.token.as_deref().unwrap(), EVERYTHING, variables).await
    }

    /// A token as it was given out then.
    pub async fn issued_at(&self, then: &str, id: &str, version: u64) -> String {
        let mut written = Written::default();
        written.note(StreamId::new(acme(), AggregateKind::Project, id).unwrap(), version);
        let tokens = ConsistencyTokens::new(self.questions.views.clone());
        let holder = Holder { tenant: &acme(), user_id: "alice" };
        tokens.issue(holder, &written, then.parse().unwrap()).await.unwrap()
    }

    /// The row the keys stand in.
    pub async fn keys(&self) -> Row {
        let key = RowKey { partition: "_keys".to_owned(), sort: "CONSISTENCY".to_owned() };
        self.questions.views.get(&key, Consistency::Strong).await.unwrap().unwrap()
    }

    pub async fn stale(&self, id: &str) -> Value {
        self.questions.ask(&alice(), EVERYTHING, json!({ "id": id, "request": REQUEST })).await
    }
}

pub const EVERYTHING: &str = "query($id: ID!, $request: ID!) {
    project(id: $id) { name status analytics { totals { commands } } }
    projects { items { name status } nextToken }
    projectsByUser(userId: \"alice\") { items { name status } nextToken }
    me { projectCount projectsByStatus { draft ready archived } projects { items { name status } nextToken } }
    projectAnalytics(projectId: $id) { totals { commands updates } days { counters { commands updates } } }
    projectActivity(projectId: $id) { items { version events } }
    operation(correlationId: $request) { status resourceId }
}";
