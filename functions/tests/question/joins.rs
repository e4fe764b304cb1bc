//! What belongs to others is joined when it is asked for: with few reads, and null where it is missing.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::support::{Person, Questions, TINY_FILES, World, acme, alice};
use async_graphql::Request;
use async_trait::async_trait;
use serde_json::{Value, json};
use skafu_domain::{Principal, Role};
use skafu_events::{AggregateKind, StreamId};
use skafu_graphql::{GraphqlApi, Settings, Viewer};
use skafu_store::consistency::Written;
use skafu_store::{
    Consistency, Cursor, Index, MemoryViewStore, Order, PutError, Row, RowChange, RowKey, RowList, RowPage,
    Segment, StoreError, ViewStore,
};
use skafu_views::{FIRST_GENERATION, Keys, ROW, TemplateView, View};

/// Counts the requests that read rows by their keys, and all requests.
struct Counting {
    inner: Arc<MemoryViewStore>,
    reads: AtomicUsize,
    requests: AtomicUsize,
}

impl Counting {
    fn of(inner: Arc<MemoryViewStore>) -> Arc<Self> {
        Arc::new(Self { inner, reads: AtomicUsize::new(0), requests: AtomicUsize::new(0) })
    }
}

#[async_trait]
impl ViewStore for Counting {
    async fn get(&self, key: &RowKey, consistency: Consistency) -> Result<Option<Row>, StoreError> {
        self.reads.fetch_add(1, Ordering::SeqCst);
        self.requests.fetch_add(1, Ordering::SeqCst);
        self.inner.get(key, consistency).await
    }

    async fn get_many(
        &self,
        keys: &[RowKey],
        consistency: Consistency,
    ) -> Result<Vec<Option<Row>>, StoreError> {
        assert!(keys.len() <= 100);
        // Which generations of the views are shown is asked once a second.
        let of_a_view = keys.iter().all(|key| !key.partition.starts_with("_views/"));
        self.reads.fetch_add(usize::from(of_a_view), Ordering::SeqCst);
        self.requests.fetch_add(1, Ordering::SeqCst);
        self.inner.get_many(keys, consistency).await
    }

    async fn put(&self, row: &Row, expected: Option<u64>) -> Result<(), PutError> {
        self.inner.put(row, expected).await
    }

    async fn transact(&self, row: &Row, expected: Option<u64>, with: &[RowChange]) -> Result<(), PutError> {
        self.inner.transact(row, expected, with).await
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
        self.requests.fetch_add(1, Ordering::SeqCst);
        self.inner.list(partition, prefix, order, limit, after, consistency).await
    }

    async fn scan(&self, _: Segment, _: Option<&RowKey>, _: u32) -> Result<RowList, StoreError> {
        panic!("no question scans the table")
    }

    async fn query(
        &self,
        index: Index,
        partition: &str,
        order: Order,
        limit: u32,
        after: Option<&Cursor>,
    ) -> Result<RowPage, StoreError> {
        self.requests.fetch_add(1, Ordering::SeqCst);
        self.inner.query(index, partition, order, limit, after).await
    }
}

#[tokio::test]
async fn a_list_reads_what_it_joins_at_once_whatever_its_length() {
    let world = World::new().await;
    world.publish(&alice(), "other", TINY_FILES).await;
    for name in ["One", "Two", "Three", "Four"] {
        world.create_project(&alice(), name, if name.len() == 3 { "tiny" } else { "other" }).await;
    }
    let inner = Questions::of(&world).await.views;
    let views = Counting::of(inner);
    let api = GraphqlApi::new(views.clone(), world.store.clone(), Settings::default());
    let principal = Principal::person(acme(), "alice", [Role::Viewer]).unwrap();
    let query = "{ projects { items { templateName analytics { totals { events } } } } }";
    let answer = api
        .execute(
            Viewer { principal, email: None, written: Written::default(), token: None },
            Request::new(query),
        )
        .await;
    let items = answer.data.into_json().unwrap()["projects"]["items"].clone();
    let names: Vec<_> =
        items.as_array().unwrap().iter().map(|it| it["templateName"].as_str().unwrap()).collect();
    assert_eq!(names, ["Template other", "Template other", "Template tiny", "Template tiny"]);
    assert!(items.as_array().unwrap().iter().all(|it| it["analytics"]["totals"]["events"] == 1));
    // At most one for the names and one for the analytics.
    assert!((1..=2).contains(&views.reads.load(Ordering::SeqCst)), "{:?}", views.reads);
}

#[tokio::test]
async fn a_template_that_is_not_known_here_has_no_name() {
    let world = World::new().await;
    let id = world.create_project(&alice(), "Shop", "tiny").await;
    let questions = Questions::of(&world).await;
    let stream = StreamId::new(acme(), AggregateKind::Template, "tiny").unwrap();
    let partition = Keys::new(&acme(), TemplateView::NAME, FIRST_GENERATION).aggregate(&stream);
    let key = RowKey { partition, sort: ROW.to_owned() };
    let row = questions.views.get(&key, Consistency::Strong).await.unwrap().unwrap();
    let version = row.version;
    let gone = Row { content: None, indexes: Vec::new(), ..row };
    questions.views.put(&gone, Some(version)).await.unwrap();
    let query = "query($id: ID!) { project(id: $id) { name templateName } }";
    let answer = questions.ask(&alice(), query, json!({ "id": id })).await;
    assert_eq!(answer["data"]["project"], json!({ "name": "Shop", "templateName": Value::Null }));
}

/// Fifty projects of fifty people, each made from a template of its own.
#[tokio::test]
async fn a_page_of_fifty_with_templates_owners_and_repositories_takes_at_most_four_requests() {
    let (world, mut last) = (World::new().await, String::new());
    for at in 0..50 {
        let template = format!("template-{at}");
        world.publish(&alice(), &template, TINY_FILES).await;
        let owner = Person { sub: Box::leak(format!("person-{at}").into_boxed_str()), ..alice() };
        last = world.create_project(&owner, &format!("Project {at}"), &template).await;
    }
    let views = Counting::of(Questions::of(&world).await.views);
    let api = GraphqlApi::new(views.clone(), world.store.clone(), Settings::default());
    let query = "{ projects(limit: 50) { items { name template { name } templateName owner { id projectCount } \
        repository { name } } } }";
    let mut requests = Vec::new();
    let mut just_written = Written::default();
    just_written.note(StreamId::new(acme(), AggregateKind::Project, last).unwrap(), 1);
    for written in [Written::default(), Written::default(), just_written] {
        let principal = Principal::person(acme(), "alice", [Role::Viewer]).unwrap();
        let viewer = Viewer { principal, email: None, written, token: None };
        let before = views.requests.load(Ordering::SeqCst);
        let answer = api.execute(viewer, Request::new(query)).await;
        let items = answer.data.into_json().unwrap()["projects"]["items"].as_array().unwrap().clone();
        assert_eq!(items.len(), 50);
        for (at, item) in items.iter().rev().enumerate() {
            assert_eq!(item["template"]["name"], format!("Template template-{at}"), "{item}");
            assert_eq!(item["owner"], json!({ "id": format!("person-{at}"), "projectCount": 1 }));
        }
        requests.push(views.requests.load(Ordering::SeqCst) - before);
    }
    println!("requests: {requests:?}");
    assert!(requests[0] <= 4 && requests[1] <= 3, "the first reads the generations, too: {requests:?}");
    assert!(
        requests[2] <= 5,
        "a look at what was written in each of two views, none for each owner: {requests:?}"
    );
}

#[tokio::test]
async fn a_page_by_status_reads_ids_and_then_all_their_rows_at_once() {
    let world = World::new().await;
    for at in 0..30 {
        world.create_project(&alice(), &format!("Project {at}"), "tiny").await;
    }
    let views = Counting::of(Questions::of(&world).await.views);
    let api = GraphqlApi::new(views.clone(), world.store.clone(), Settings::default());
    let query = "{ projects(limit: 30, filter: { status: [draft] }) { items { name } } }";
    let principal = Principal::person(acme(), "alice", [Role::Viewer]).unwrap();
    let viewer = Viewer { principal, email: None, written: Written::default(), token: None };
    let answer = api.execute(viewer, Request::new(query)).await;
    assert_eq!(answer.data.into_json().unwrap()["projects"]["items"].as_array().unwrap().len(), 30);
    assert_eq!(views.requests.load(Ordering::SeqCst), 3, "the generations, the ids, the rows");
}
