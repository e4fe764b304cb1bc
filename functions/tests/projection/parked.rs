//! What the `projections` function does with an aggregate whose events a view cannot fold.

use std::sync::Arc;

use crate::support::{TickingClock, WatchedViews, World, acme, alice, bus_event, messages};
use serde_json::{Value, json};
use skafu_events::{AggregateKind, Commit, Envelope, StreamId};
use skafu_functions::projections::{Gate, Hints, Outcome, Parked, Project, Projections, feed};
use skafu_store::{Append, Consistency, Draft, EventStore, Index, NewEvent, Order, Row, ViewStore};
use skafu_views::{FIRST_GENERATION, ProjectView, View, parked};
use uuid::Uuid;

struct Subject {
    world: World,
    views: Arc<WatchedViews>,
    projector: Arc<dyn Project>,
    handler: Projections,
    stream: StreamId,
}

impl Subject {
    /// A project with an event that no code knows after its first one, and one more after that.
    async fn new() -> Self {
        Self::with(["ProjectPainted", "ProjectArchived"]).await
    }

    /// A project with those events after its first one.
    async fn with(events: [&str; 2]) -> Self {
        let world = World::new().await;
        let id = world.create_project(&alice(), "Shop", "tiny").await;
        let stream = StreamId::new(acme(), AggregateKind::Project, id).unwrap();
        for name in events {
            let history = world.store.load(&stream, Consistency::Strong).await.unwrap();
            let append = Append { history: &history, draft: draft(name), claims: vec![] };
            world.store.append_all(vec![append]).await.unwrap();
        }
        let views = Arc::new(WatchedViews::default());
        let feed = feed("project", world.store.clone(), views.clone()).unwrap();
        let projector = feed.of(skafu_views::FIRST_GENERATION);
        let handler = Projections::new(feed).with_clock(Arc::new(TickingClock::default()));
        Self { world, views, projector, handler, stream }
    }

    fn events(&self) -> Vec<Envelope> {
        let commits = self.world.commits(AggregateKind::Project, self.stream.id());
        commits.iter().flat_map(Commit::envelopes).collect()
    }

    /// Delivers some of its events for the nth time; how many messages failed.
    async fn deliver(&self, places: &[usize], receives: u32) -> usize {
        let events = self.events();
        let bodies: Vec<_> = places.iter().map(|at| bus_event(&events[*at])).collect();
        let mut batch = messages(&bodies);
        for record in &mut batch.records {
            record.attributes.insert("ApproximateReceiveCount".to_owned(), receives.to_string());
        }
        self.handler.handle(batch).await.batch_item_failures.len()
    }

    async fn row(&self) -> Option<Row> {
        let rows = self.projector.gates(std::slice::from_ref(&self.stream), Consistency::Strong).await;
        rows.unwrap().remove(0)
    }

    async fn parked(&self) -> Vec<Row> {
        let list = parked(ProjectView::NAME, FIRST_GENERATION);
        self.views.query(Index::Parked, &list, Order::Ascending, 10, None).await.unwrap().rows
    }
}

fn draft(event_type: &str) -> Draft {
    let event = NewEvent { event_type: event_type.to_owned(), event_version: 1, data: json!({}) };
    Draft {
        events: vec![event],
        command_id: Uuid::now_v7(),
        body_hash: "hash".to_owned(),
        correlation_id: Uuid::now_v7(),
        user_id: "alice".to_owned(),
        timestamp: "2025-01-18T10:30:00.123Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap().into(),
        metadata: serde_json::Map::new(),
    }
}

fn shown(row: &Row) -> &Value {
    &row.content.as_ref().unwrap()["status"]
}

#[tokio::test]
async fn what_cannot_be_folded_is_delivered_again_until_the_third_time() {
    let subject = Subject::new().await;
    for receives in [1, 2] {
        assert_eq!(subject.deliver(&[0, 1, 2], receives).await, 3);
        let row = subject.row().await.unwrap();
        assert_eq!((row.version, row.parked), (1, None), "what comes before it is shown");
    }
    assert_eq!(subject.deliver(&[0, 1, 2], 3).await, 0);
    assert_eq!(subject.handler.tally().of(Outcome::Parked), 1);
}

#[tokio::test]
async fn a_parked_aggregate_says_which_event_and_why_and_is_still_listed() {
    let subject = Subject::new().await;
    subject.deliver(&[0, 1], 3).await;
    let rows = subject.parked().await;
    let why: Parked = serde_json::from_value(rows[0].parked.clone().unwrap()).unwrap();
    assert_eq!((why.stream, why.shown, why.receives), (subject.stream.to_string(), 1, 3));
    assert_eq!((why.event.event_type.as_str(), why.event.aggregate_version), ("ProjectPainted", 2));
    assert!(why.error.contains("ProjectPainted"), "{}", why.error);
    assert_eq!(shown(&rows[0]), "draft");
    assert_eq!(rows[0].indexes.len(), 3, "it stays in the lists it was in");
}

#[tokio::test]
async fn an_aggregate_that_never_was_shown_is_parked_without_a_row_to_show() {
    let subject = Subject::new().await;
    let mut nothing_before = subject.events()[1].clone();
    (nothing_before.aggregate_version, nothing_before.metadata.commit_version) = (1, 1);
    let mut batch = messages(&[bus_event(&nothing_before)]);
    batch.records[0].attributes.insert("ApproximateReceiveCount".to_owned(), "3".to_owned());
    assert_eq!(subject.handler.handle(batch).await.batch_item_failures.len(), 0);
    let row = subject.row().await.unwrap();
    assert_eq!((row.version, row.content), (0, None));
    assert_eq!(subject.parked().await.len(), 1);
}

#[tokio::test]
async fn later_messages_of_a_parked_aggregate_are_acknowledged_and_others_flow() {
    let subject = Subject::new().await;
    subject.deliver(&[0, 1], 3).await;
    let other = subject.world.create_project(&alice(), "Other", "tiny").await;
    let other = subject.world.commits(AggregateKind::Project, &other);
    let later = bus_event(&subject.events()[2]);
    let bodies = [later, bus_event(&other[0].envelopes().next().unwrap())];
    assert_eq!(subject.handler.handle(messages(&bodies)).await.batch_item_failures.len(), 0);
    let tally = subject.handler.tally();
    assert_eq!((tally.of(Outcome::Parked), tally.of(Outcome::Applied)), (2, 1));
    assert_eq!(subject.row().await.unwrap().version, 1);
}

#[tokio::test]
async fn it_stays_parked_while_the_code_is_as_it_was() {
    let subject = Subject::new().await;
    subject.deliver(&[0, 1], 3).await;
    let row = subject.row().await;
    subject.projector.release(&subject.stream).await.unwrap_err();
    assert_eq!(subject.row().await, row);
}

#[tokio::test]
async fn a_row_that_shows_more_meanwhile_is_not_parked() {
    let subject = Subject::new().await;
    subject.deliver(&[0], 1).await;
    let event = (&subject.events()[1]).into();
    let mut why = Parked {
        stream: subject.stream.to_string(),
        error: "no".to_owned(),
        shown: 0,
        event,
        at: subject.events()[0].timestamp,
        receives: 3,
    };
    subject.projector.park(&subject.stream, &why).await.unwrap_err();
    assert_eq!(subject.parked().await, []);
    why.shown = 1;
    subject.projector.park(&subject.stream, &why).await.unwrap();
    assert_eq!(subject.parked().await.len(), 1);
}

/// The simulation found a mark that was put on the row as it had been read: a late write removed it.
#[tokio::test]
async fn a_late_write_of_what_comes_before_does_not_release_it() {
    let subject = Subject::with(["ProjectArchived", "ProjectPainted"]).await;
    subject.deliver(&[0], 1).await;
    let read_before = subject.row().await;
    subject.deliver(&[1, 2], 3).await;
    assert_eq!(subject.parked().await.len(), 1);
    let mut late = Hints::default();
    late.add(subject.events()[1].clone());
    let outcome = subject.projector.project(&subject.stream, &late, Gate::Read(read_before)).await;
    assert_eq!(outcome.unwrap(), Outcome::Parked);
    assert_eq!((subject.parked().await.len(), subject.row().await.unwrap().version), (1, 2));
}
