//! How the `sweep` function makes up for hints that were lost: rows nobody fed.

use std::sync::atomic::Ordering;

use crate::support::swept::{Subject, note, noted, received};
use crate::support::{Faults, messages};
use serde_json::{Value, json};
use skafu_events::{AggregateKind, Commit, Envelope};
use skafu_functions::projections::{EventRef, Parked};
use skafu_store::{Consistency, Draft, EventStore, NewEvent};
use skafu_views::{ProjectRow, ProjectView, View};
use uuid::Uuid;

/// What a row shows after all these commits.
fn folded(commits: &[Commit]) -> Option<Value> {
    let events = commits.iter().flat_map(Commit::envelopes);
    let row: Option<ProjectRow> = events.fold(None, |row, event| ProjectView::apply(row, &event).unwrap());
    row.map(|row| serde_json::to_value(row).unwrap())
}

#[tokio::test]
async fn a_row_nobody_fed_is_made() {
    let subject = Subject::new().await;
    let commits = subject.ready("Shop").await;
    let stream = &commits[0].stream;
    assert_eq!(subject.sweep(note(&[noted(stream, 5, false)])).await, [""; 0]);
    let row = subject.row(stream).await.unwrap();
    assert_eq!((row.version, row.content), (5, folded(&commits)));
    assert_eq!((subject.writes(), subject.repaired()), (1, 1));
}

#[tokio::test]
async fn a_row_that_missed_the_last_event_is_brought_up() {
    let subject = Subject::new().await;
    let commits = subject.ready("Shop").await;
    subject.feed(&commits[..4]).await;
    let stream = &commits[0].stream;
    assert_eq!(subject.row(stream).await.unwrap().version, 4);
    assert_eq!(subject.sweep(note(&[noted(stream, 5, false)])).await, [""; 0]);
    let row = subject.row(stream).await.unwrap();
    assert_eq!((row.version, row.content, subject.repaired()), (5, folded(&commits), 1));
}

#[tokio::test]
async fn a_row_that_is_not_behind_costs_its_share_of_one_read() {
    let subject = Subject::new().await;
    let (one, two) = (subject.ready("One").await, subject.ready("Two").await);
    subject.feed(&one).await;
    subject.feed(&two).await;
    let row = subject.row(&one[0].stream).await;
    let notes = note(&[noted(&one[0].stream, 5, false), noted(&two[0].stream, 3, false)]);
    assert_eq!(subject.sweep(notes).await, [""; 0]);
    assert_eq!((subject.writes(), subject.repaired()), (0, 0));
    assert_eq!(subject.world.store.take_seen(), []);
    assert_eq!(subject.row(&one[0].stream).await, row);
}

#[tokio::test]
async fn a_parked_row_is_left_alone() {
    let subject = Subject::new().await;
    let commits = subject.ready("Shop").await;
    subject.feed(&commits[..1]).await;
    let stream = &commits[0].stream;
    let event: Envelope = commits[1].envelopes().next().unwrap();
    let parked = Parked {
        stream: stream.to_string(),
        error: "it does not fold".to_owned(),
        event: EventRef::from(&event),
        at: event.timestamp,
        receives: 3,
        shown: 1,
    };
    subject.view.park(stream, &parked).await.unwrap();
    let row = subject.row(stream).await.unwrap();
    subject.views.writes.store(0, Ordering::SeqCst);
    assert_eq!(subject.sweep(note(&[noted(stream, 5, false)])).await, [""; 0]);
    assert_eq!((subject.row(stream).await, subject.writes()), (Some(row), 0));
    assert_eq!((subject.repaired(), subject.world.store.take_seen().len()), (0, 0));
}

#[tokio::test]
async fn what_no_view_follows_is_nothing_to_it() {
    let subject = Subject::new().await;
    let template = subject.world.commits(AggregateKind::Template, "tiny").remove(0);
    subject.world.store.take_seen();
    assert_eq!(subject.sweep(note(&[noted(&template.stream, 1, true)])).await, [""; 0]);
    assert_eq!((subject.writes(), subject.world.store.take_seen().len()), (0, 0));
    assert_eq!(subject.workflows.started().len(), 0);
}

/// Appends an event that nobody knows.
async fn say_nonsense(subject: &Subject, commits: &[Commit]) -> Commit {
    let history = subject.world.store.load(&commits[0].stream, Consistency::Strong).await.unwrap();
    let event = NewEvent { event_type: "ProjectSang".to_owned(), event_version: 1, data: json!({}) };
    let draft = Draft {
        events: vec![event],
        command_id: Uuid::now_v7(),
        body_hash: "0".repeat(32),
        correlation_id: Uuid::now_v7(),
        user_id: "alice".to_owned(),
        timestamp: commits[0].timestamp,
        metadata: serde_json::Map::new(),
    };
    subject.world.store.append(&history, draft, &[]).await.unwrap()
}

#[tokio::test]
async fn what_cannot_be_folded_is_parked_at_the_third_receive_and_the_others_are_repaired() {
    let subject = Subject::new().await;
    let (bad, good) = (subject.ready("Bad").await, subject.ready("Good").await);
    let nonsense = say_nonsense(&subject, &bad).await;
    let stream = &nonsense.stream;
    let notes = || note(&[noted(stream, 6, false), noted(&good[0].stream, 5, false)]);
    for receive in [1, 2] {
        assert_eq!(subject.sweep(received(receive, notes())).await, ["m0"]);
        let row = subject.row(stream).await.unwrap();
        assert_eq!((row.version, row.parked), (5, None), "what comes before it is shown");
    }
    assert_eq!(subject.row(&good[0].stream).await.unwrap().version, 5);
    assert_eq!(subject.sweep(received(3, notes())).await, [""; 0]);
    let parked: Parked = serde_json::from_value(subject.row(stream).await.unwrap().parked.unwrap()).unwrap();
    assert_eq!((parked.event.aggregate_version, parked.receives), (6, 3));
    assert!(parked.error.starts_with("ProjectSang 6 cannot be folded: "), "{}", parked.error);
    assert_eq!(subject.repaired(), 1);
}

#[tokio::test]
async fn a_message_that_is_no_note_fails_alone() {
    let subject = Subject::new().await;
    let commits = subject.ready("Shop").await;
    let good = json!({ "commits": [noted(&commits[0].stream, 5, false)] }).to_string();
    let bad =
        json!({ "commits": [{ "stream": "acme/NOBODY#1", "version": 1, "created": true }] }).to_string();
    assert_eq!(subject.sweep(messages(&["{".to_owned(), good, bad])).await, ["m0", "m2"]);
    assert_eq!(subject.row(&commits[0].stream).await.unwrap().version, 5);
}

#[tokio::test]
async fn a_note_whose_row_cannot_be_repaired_now_is_delivered_again() {
    let subject = Subject::new().await;
    let commits = subject.ready("Shop").await;
    let stream = &commits[0].stream;
    // More often than a projector tries.
    subject.world.store.suffer(Faults { outages: 6, ..Faults::default() });
    assert_eq!(subject.sweep(note(&[noted(stream, 5, false)])).await, ["m0"]);
    assert_eq!(subject.sweep(note(&[noted(stream, 5, false)])).await, [""; 0]);
    assert_eq!(subject.row(stream).await.unwrap().version, 5);
}
