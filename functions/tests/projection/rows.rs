//! How the `projections` function keeps rows in step with events, whatever the queue does to them.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::support::{Random, Seen, WatchedViews, World, acme, alice, bus_event, messages};
use serde_json::json;
use skafu_events::{AggregateKind, Commit, Envelope, StreamId};
use skafu_functions::projections::{Projections, feed};
use skafu_store::{Consistency, MemoryEventStore, Row, RowKey, ViewStore};
use skafu_views::{FIRST_GENERATION, Keys, ProjectRow, ProjectView, ROW, View};

const SEEDS: u64 = 200;

/// A project that was stuck and is undone: five events in four commits, of which the second holds two.
struct Subject {
    world: World,
    views: Arc<WatchedViews>,
    handler: Projections,
    commits: Vec<Commit>,
}

impl Subject {
    async fn new() -> Self {
        let world = World::new().await;
        let id = world.undone("Shop").await;
        let commits = world.commits(AggregateKind::Project, &id);
        world.store.take_seen();
        let views = Arc::new(WatchedViews::default());
        let handler = Projections::new(feed("project", world.store.clone(), views.clone()).unwrap());
        Self { world, views, handler, commits }
    }

    fn envelopes(&self) -> Vec<Envelope> {
        self.commits.iter().flat_map(Commit::envelopes).collect()
    }

    /// Delivers a batch; the answer names the messages to be delivered again.
    async fn deliver(&self, bodies: &[String]) -> Vec<String> {
        let answer = self.handler.handle(messages(bodies)).await;
        answer.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
    }

    /// Delivers the events at these places of the history.
    async fn deliver_events(&self, places: &[usize]) -> Vec<String> {
        let events = self.envelopes();
        let bodies: Vec<_> = places.iter().map(|at| bus_event(&events[*at])).collect();
        self.deliver(&bodies).await
    }

    async fn row(&self) -> Option<Row> {
        self.views.rows.get(&key(&self.commits[0].stream), Consistency::Strong).await.unwrap()
    }

    async fn version(&self) -> Option<u64> {
        self.row().await.map(|row| row.version)
    }

    fn writes(&self) -> usize {
        self.views.writes.load(Ordering::SeqCst)
    }

    fn asked_the_store(&self) -> bool {
        self.world.store.take_seen().contains(&Seen::Load(Consistency::Strong))
    }
}

fn key(stream: &StreamId) -> RowKey {
    let keys = Keys::new(&acme(), ProjectView::NAME, FIRST_GENERATION);
    RowKey { partition: keys.aggregate(stream), sort: ROW.to_owned() }
}

/// The row after all these events, folded afresh.
fn folded(events: &[Envelope]) -> ProjectRow {
    events.iter().fold(None, |row, event| ProjectView::apply(row, event).unwrap()).unwrap()
}

#[tokio::test]
async fn events_next_in_line_are_applied_without_asking_the_store() {
    let subject = Subject::new().await;
    assert_eq!(subject.deliver_events(&[0]).await, [""; 0]);
    assert_eq!((subject.version().await, subject.asked_the_store()), (Some(1), false));
    assert_eq!(subject.deliver_events(&[1, 2]).await, [""; 0]);
    assert_eq!((subject.version().await, subject.asked_the_store()), (Some(3), false));
}

#[tokio::test]
async fn a_duplicate_writes_nothing() {
    let subject = Subject::new().await;
    subject.deliver_events(&[0, 1, 2]).await;
    let (row, writes) = (subject.row().await, subject.writes());
    for places in [&[0][..], &[1, 2], &[2, 2, 0]] {
        assert_eq!(subject.deliver_events(places).await, [""; 0]);
    }
    assert_eq!((subject.row().await, subject.writes()), (row, writes));
    assert!(!subject.asked_the_store());
}

#[tokio::test]
async fn what_is_missing_is_fetched_from_the_store() {
    let subject = Subject::new().await;
    assert_eq!(subject.deliver_events(&[3]).await, [""; 0]);
    assert!(subject.asked_the_store());
    assert_eq!(subject.version().await, Some(5), "everything there is, not only what was announced");
    assert_eq!(subject.writes(), 1);
}

#[tokio::test]
async fn a_commit_of_which_only_a_part_is_in_the_batch_is_a_gap() {
    for part in [1, 2] {
        let subject = Subject::new().await;
        subject.deliver_events(&[0]).await;
        subject.world.store.take_seen();
        assert_eq!(subject.deliver_events(&[part]).await, [""; 0]);
        assert!(subject.asked_the_store(), "half a command is never shown");
        assert_eq!(subject.version().await, Some(5));
    }
}

#[tokio::test]
async fn one_aggregate_and_batch_is_one_write() {
    let subject = Subject::new().await;
    assert_eq!(subject.deliver_events(&[4, 2, 0, 3, 1, 0, 4]).await, [""; 0]);
    assert_eq!((subject.writes(), subject.version().await), (1, Some(5)));
    assert!(!subject.asked_the_store(), "all of it was in the batch");
}

#[tokio::test]
async fn a_store_behind_its_own_announcement_fails_the_message_and_writes_nothing() {
    let subject = Subject::new().await;
    let empty = Arc::new(MemoryEventStore::default());
    let behind = Projections::new(feed("project", empty, subject.views.clone()).unwrap());
    let bodies = [bus_event(&subject.envelopes()[2])];
    let answer = serde_json::to_value(behind.handle(messages(&bodies)).await).unwrap();
    assert_eq!(answer, json!({ "batchItemFailures": [{ "itemIdentifier": "m0" }] }));
    assert_eq!((subject.row().await, subject.writes()), (None, 0));
}

#[tokio::test]
async fn a_message_that_is_no_event_fails_alone() {
    let subject = Subject::new().await;
    let events = subject.envelopes();
    let mut nobody = events[1].clone();
    nobody.aggregate_id = "NOBODY#1".to_owned();
    let bodies = ["{".to_owned(), bus_event(&events[0]), json!({}).to_string(), bus_event(&nobody)];
    assert_eq!(subject.deliver(&bodies).await, ["m0", "m2", "m3"]);
    assert_eq!(subject.version().await, Some(1));
}

#[tokio::test]
async fn an_event_that_cannot_be_folded_fails_all_messages_of_its_aggregate_alone() {
    let subject = Subject::new().await;
    let other = subject.world.create_project(&alice(), "Other", "tiny").await;
    let other = subject.world.commits(AggregateKind::Project, &other);
    let mut unknown = subject.envelopes()[0].clone();
    unknown.event_type = "ProjectSucceeded".to_owned();
    let events = subject.envelopes();
    let bodies = [&unknown, &other[0].envelopes().next().unwrap(), &events[1], &events[2]].map(bus_event);
    assert_eq!(subject.deliver(&bodies).await, ["m0", "m2", "m3"]);
    assert_eq!((subject.version().await, subject.writes()), (None, 1));
}

#[tokio::test]
async fn events_of_other_aggregates_are_nothing_to_the_view() {
    let subject = Subject::new().await;
    let commits = subject.world.commits(AggregateKind::Template, "tiny");
    let bodies: Vec<_> = commits.iter().flat_map(Commit::envelopes).map(|it| bus_event(&it)).collect();
    assert_eq!(subject.deliver(&bodies).await, [""; 0]);
    assert_eq!(subject.writes(), 0);
}

#[tokio::test]
async fn a_projector_overtaken_between_read_and_write_folds_anew() {
    let subject = Subject::new().await;
    let events = subject.envelopes();
    let shown = serde_json::to_value(folded(&events[..3])).unwrap();
    let intruder = Row {
        key: key(&subject.commits[0].stream),
        version: 3,
        content: Some(shown),
        indexes: vec![],
        parked: None,
    };
    *subject.views.intruder.lock().unwrap() = Some(intruder);
    assert_eq!(subject.deliver_events(&[0, 1, 2, 3, 4]).await, [""; 0]);
    let row = subject.row().await.unwrap();
    assert_eq!((row.version, row.content), (5, Some(serde_json::to_value(folded(&events)).unwrap())));
    assert_eq!(row.indexes.len(), 2);
}

#[tokio::test]
async fn a_projector_overtaken_by_a_later_version_leaves_it_alone() {
    let subject = Subject::new().await;
    let shown = serde_json::to_value(folded(&subject.envelopes())).unwrap();
    let intruder = Row {
        key: key(&subject.commits[0].stream),
        version: 5,
        content: Some(shown),
        indexes: vec![],
        parked: None,
    };
    *subject.views.intruder.lock().unwrap() = Some(intruder.clone());
    assert_eq!(subject.deliver_events(&[0]).await, [""; 0]);
    assert_eq!((subject.row().await, subject.writes()), (Some(intruder), 0));
}

#[tokio::test]
async fn there_is_no_handler_of_a_view_nobody_knows() {
    let store = Arc::new(MemoryEventStore::default());
    let error = feed("projects", store, Arc::new(WatchedViews::default())).err().unwrap();
    assert_eq!(error.to_string(), "there is no view named projects");
}

/// Every event at least once, some twice, in any order, in batches of any size, those that fail again.
async fn any_delivery(seed: u64, subject: &Subject) {
    let mut random = Random::new(seed);
    let events = subject.envelopes();
    let mut places: Vec<usize> = (0..events.len()).collect();
    places.extend((0..random.below(6)).map(|_| random.below(events.len())).collect::<Vec<_>>());
    random.shuffle(&mut places);
    while !places.is_empty() {
        let size = 1 + random.below(places.len());
        let batch: Vec<usize> = places.drain(..size).collect();
        let failed = subject.deliver_events(&batch).await;
        assert_eq!(failed, [""; 0], "seed {seed}");
        let version = subject.version().await.unwrap();
        assert!(subject.commits.iter().any(|commit| commit.last_version() == version), "seed {seed}");
    }
    let row = subject.row().await.unwrap();
    let shown: ProjectRow = serde_json::from_value(row.content.unwrap()).unwrap();
    assert_eq!((row.version, shown), (5, folded(&events)), "seed {seed}");
}

#[tokio::test]
async fn any_order_and_any_duplicates_end_at_the_row_of_a_fresh_fold() {
    let mut subject = Subject::new().await;
    for seed in 0..SEEDS {
        subject.views = Arc::new(WatchedViews::default());
        let store = subject.world.store.clone();
        subject.handler = Projections::new(feed("project", store, subject.views.clone()).unwrap());
        any_delivery(seed, &subject).await;
    }
}
