//! While a generation is built, nothing is shown that it does not show, too: else a view that is answered
//! from it the next moment would go backwards.

use std::pin::pin;
use std::time::Duration;

use crate::support::swept::Subject;
use crate::support::{alice, bus_event, messages};
use aws_lambda_events::sqs::SqsBatchResponse;
use futures::future::BoxFuture;
use serde_json::json;
use skafu_events::{AggregateKind, Commit, StreamId};
use skafu_functions::projections::Projections;
use skafu_functions::rebuild::Rebuild;
use skafu_functions::sweep::{Noted, SweepNote};
use skafu_store::{Consistency, RowKey, ViewStore};
use skafu_views::{Keys, ROW};

/// The version of a project's row in a generation.
async fn shown(subject: &Subject, stream: &StreamId, generation: u32) -> u64 {
    let partition = Keys::new(stream.tenant(), subject.feed.view(), generation).aggregate(stream);
    let key = RowKey { partition, sort: ROW.to_owned() };
    subject.views.get(&key, Consistency::Strong).await.unwrap().map_or(0, |row| row.version)
}

async fn rename(subject: &Subject, stream: &StreamId, name: &str) -> Commit {
    let data = json!({ "projectId": stream.id(), "name": name });
    assert_eq!(subject.world.send(&alice(), "project", "UpdateProject", data).await.status, 200);
    subject.world.commits(AggregateKind::Project, stream.id()).pop().unwrap()
}

/// By a message of the bus.
fn projected<'a>(subject: &'a Subject, last: &Commit) -> BoxFuture<'a, SqsBatchResponse> {
    let batch = messages(&[bus_event(&last.envelopes().next().unwrap())]);
    let projections = Projections::new(subject.feed.clone());
    Box::pin(async move { projections.handle(batch).await })
}

/// By a note of the sweep.
fn swept<'a>(subject: &'a Subject, last: &Commit) -> BoxFuture<'a, SqsBatchResponse> {
    let (stream, version) = (last.stream.clone(), last.last_version());
    let note = SweepNote { commits: vec![Noted { stream, version, calls_for_saga: false }] };
    let batch = messages(&[serde_json::to_string(&note).unwrap()]);
    let sweep = subject.sweep_with(subject.workflows.clone());
    Box::pin(async move { sweep.handle(batch).await })
}

type Way = for<'a> fn(&'a Subject, &Commit) -> BoxFuture<'a, SqsBatchResponse>;

#[tokio::test]
async fn what_happens_between_the_writes_of_two_generations_is_shown_by_neither() {
    for (name, way) in [("projections", projected as Way), ("sweep", swept as Way)] {
        // Given another generation that is whole, and a change of which no message came.
        let subject = Subject::new().await;
        let commits = subject.ready("Shop").await;
        subject.feed(&commits).await;
        let stream = &commits[0].stream;
        let (events, rows) = (subject.world.store.clone(), subject.views.clone());
        let rebuild = Rebuild::new(subject.feed.clone(), events, rows, Duration::ZERO);
        let begun = rebuild.begin(1).await.unwrap();
        rebuild.segment(&begun, 0, &|_| false).await.unwrap();
        rename(&subject, stream, "Shop 2").await;
        let last = rename(&subject, stream, "Shop 3").await;
        // When the next one's comes, and once more something happens as soon as one generation is written.
        let mut handling = pin!(way(&subject, &last));
        let mut happened = None;
        let answer = loop {
            if let std::task::Poll::Ready(answer) = futures::poll!(&mut handling) {
                break answer;
            }
            let half = shown(&subject, stream, begun.generation).await == last.last_version();
            if half && happened.is_none() {
                assert!(shown(&subject, stream, 1).await < last.last_version(), "the one shown is last");
                happened = Some(rename(&subject, stream, "Shop 4").await);
            }
        };
        // Then both show what was announced: the flip takes nothing back.
        assert_eq!((answer.batch_item_failures.len(), happened.is_some()), (0, true), "{name}");
        let versions = [shown(&subject, stream, 1).await, shown(&subject, stream, begun.generation).await];
        assert_eq!(versions, [last.last_version(); 2], "{name}");
    }
}
