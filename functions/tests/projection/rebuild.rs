//! Making a view's rows anew: a new generation beside the one that is shown, or some aggregates in place.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::support::{Saga, WatchedViews, World, acme, alice, bob, bus_event, messages};
use serde_json::json;
use skafu_events::{AggregateKind, Commit, Envelope, StreamId};
use skafu_forge::repositories::BundleStore;
use skafu_functions::projections::{Feed, Projections, feed};
use skafu_functions::rebuild::{Begun, Rebuild, RebuildError, Scope};
use skafu_store::{Consistency, Row, RowChange, RowKey, ViewStore};
use skafu_views::{Change, FoldError, Keys, NAMES, Placement, ProjectRow, ProjectView, Step, UserView, View};

const HOUR: Duration = Duration::from_secs(3_600);

/// Three projects of two people, one of them ready and renamed, one deleted; rows of one view.
struct Subject {
    world: World,
    rows: Arc<WatchedViews>,
    view: &'static str,
    projects: Vec<String>,
}

impl Subject {
    async fn new(view: &'static str) -> Self {
        let world = World::new().await;
        let mut projects = Vec::new();
        for (person, name) in [(alice(), "Shop"), (alice(), "Blog"), (bob(), "Desk")] {
            projects.push(world.create_project(&person, name, "tiny").await);
        }
        let provider = Arc::new(BundleStore::new(world.blobs.clone()));
        for id in &projects[..2] {
            Saga::new(&world, provider.clone(), id).whole().await;
        }
        let subject = Self { world, rows: Arc::default(), view, projects };
        subject.send(0, "UpdateProject", json!({ "name": "Shop 2" })).await;
        subject.send(1, "DeleteProject", json!({ "reason": "over" })).await;
        subject.deliver(&subject.world.store.all_commits()).await;
        subject.rows.writes.store(0, Ordering::SeqCst);
        subject.world.store.take_seen();
        subject
    }

    async fn send(&self, at: usize, command: &str, mut data: serde_json::Value) {
        data["projectId"] = json!(self.projects[at]);
        let owner = if at == 2 { bob() } else { alice() };
        let answer = self.world.send(&owner, "project", command, data).await;
        assert!([200, 202].contains(&answer.status), "{command}: {}", answer.body);
    }

    fn feed(&self) -> Arc<Feed> {
        feed(self.view, self.world.store.clone(), self.rows.clone()).unwrap()
    }

    fn stream(&self, at: usize) -> StreamId {
        StreamId::new(acme(), AggregateKind::Project, &self.projects[at]).unwrap()
    }

    /// What the bus says of them reaches the view.
    async fn deliver(&self, commits: &[Commit]) {
        let bodies: Vec<_> = commits.iter().flat_map(Commit::envelopes).map(|it| bus_event(&it)).collect();
        let answer = Projections::new(self.feed()).handle(messages(&bodies)).await;
        assert_eq!(answer.batch_item_failures.len(), 0);
    }

    fn rebuild(&self) -> Rebuild {
        self.rebuild_of(self.feed())
    }

    fn rebuild_of(&self, feed: Arc<Feed>) -> Rebuild {
        Rebuild::new(feed, self.world.store.clone(), self.rows.clone(), Duration::ZERO)
    }

    fn row(&self, generation: u32, at: usize) -> RowKey {
        let partition = Keys::new(&acme(), self.view, generation).aggregate(&self.stream(at));
        RowKey { partition, sort: skafu_views::ROW.to_owned() }
    }

    async fn get(&self, key: &RowKey) -> Option<Row> {
        self.rows.get(key, Consistency::Strong).await.unwrap()
    }

    /// Somebody spoils the content of a row.
    async fn spoil(&self, key: &RowKey) {
        let mut row = self.get(key).await.unwrap();
        row.content = Some(json!({ "spoilt": true }));
        self.rows.rows.put(&row, Some(row.version)).await.unwrap();
    }
}

async fn whole(rebuild: &Rebuild) -> Result<Begun, RebuildError> {
    let begun = rebuild.begin(3).await?;
    for index in 0..begun.segments {
        rebuild.segment(&begun, index, &|_| false).await?;
    }
    rebuild.check(&begun).await?;
    rebuild.flip(&begun, HOUR).await?;
    Ok(begun)
}

#[tokio::test]
async fn every_view_is_made_anew_and_is_what_fresh_folds_give() {
    for view in NAMES {
        let subject = Subject::new(view).await;
        let rebuild = subject.rebuild();
        let begun = whole(&rebuild).await.unwrap();
        assert_eq!(rebuild.generations().await.unwrap().active().number, begun.generation);
        let report = rebuild.verify(2, &|_| false).await.unwrap();
        assert_eq!((report.generation, report.wrong), (2, 0), "{view}: {:?}", report.findings);
        assert!(report.counts.aggregates > 0 && !report.incomplete, "{view}");
        if view == "project" {
            for at in 0..3 {
                let (old, new) =
                    (subject.get(&subject.row(1, at)).await, subject.get(&subject.row(2, at)).await);
                let told = |row: Option<Row>| row.map(|row| (row.version, row.content));
                assert_eq!(told(old), told(new));
            }
        }
    }
}

#[tokio::test]
async fn an_aggregate_costs_one_write_and_no_read() {
    let subject = Subject::new("project").await;
    let rebuild = subject.rebuild();
    let begun = rebuild.begin(1).await.unwrap();
    subject.rows.writes.store(0, Ordering::SeqCst);
    rebuild.segment(&begun, 0, &|_| false).await.unwrap();
    assert_eq!(subject.rows.writes.load(Ordering::SeqCst), 3);
}

#[tokio::test]
async fn what_happens_meanwhile_reaches_the_new_generation_as_well() {
    let subject = Subject::new("project").await;
    let rebuild = subject.rebuild();
    let begun = rebuild.begin(1).await.unwrap();
    // Nothing is caught up yet: to the new generation the whole history is a gap.
    subject.send(0, "ArchiveProject", json!({})).await;
    let last = subject.world.commits(AggregateKind::Project, &subject.projects[0]).pop().unwrap();
    subject.deliver(std::slice::from_ref(&last)).await;
    for generation in [1, begun.generation] {
        assert_eq!(subject.get(&subject.row(generation, 0)).await.unwrap().version, last.last_version());
    }
    rebuild.segment(&begun, 0, &|_| false).await.unwrap();
    assert_eq!(subject.get(&subject.row(2, 0)).await.unwrap().version, last.last_version());
}

#[tokio::test]
async fn an_interrupted_rebuild_goes_on_where_it_was() {
    let subject = Subject::new("project").await;
    let begun = subject.rebuild().begin(2).await.unwrap();
    let first = subject.rebuild().segment(&begun, 0, &|_| true).await.unwrap();
    assert!(first.done);
    subject.rows.writes.store(0, Ordering::SeqCst);
    let again = subject.rebuild();
    let resumed = again.begin(7).await.unwrap();
    assert_eq!((resumed.generation, resumed.segments, resumed.resumed), (begun.generation, 2, true));
    assert_eq!(again.segment(&resumed, 0, &|_| false).await.unwrap().counts, first.counts);
    assert_eq!(subject.rows.writes.load(Ordering::SeqCst), 0, "that segment was done");
    again.segment(&resumed, 1, &|_| false).await.unwrap();
    again.check(&resumed).await.unwrap();
    again.flip(&resumed, HOUR).await.unwrap();
}

#[tokio::test]
async fn what_is_not_whole_is_not_shown() {
    let subject = Subject::new("project").await;
    let rebuild = subject.rebuild();
    let begun = rebuild.begin(2).await.unwrap();
    rebuild.segment(&begun, 0, &|_| false).await.unwrap();
    for refused in [rebuild.check(&begun).await.err(), rebuild.flip(&begun, HOUR).await.err()] {
        assert!(matches!(refused, Some(RebuildError::NotWhole { done: 1, total: 2 })), "{refused:?}");
    }
    assert_eq!(rebuild.generations().await.unwrap().active().number, 1);
}

#[tokio::test]
async fn the_scan_does_not_begin_before_projectors_of_older_code_have_ended() {
    let subject = Subject::new("project").await;
    let (store, rows) = (subject.world.store.clone(), subject.rows.clone());
    let rebuild = Rebuild::new(subject.feed(), store, rows, HOUR);
    let begun = rebuild.begin(1).await.unwrap();
    assert!(rebuild.remaining_wait(&begun) > HOUR / 2);
    let early = rebuild.segment(&begun, 0, &|_| false).await;
    assert!(matches!(early, Err(RebuildError::TooEarly)));
}

#[tokio::test]
async fn code_with_another_fold_does_not_write_what_is_being_built() {
    let subject = Subject::new("project").await;
    let begun = subject.rebuild().begin(1).await.unwrap();
    let older =
        Feed::new::<ProjectView>(subject.world.store.clone(), subject.rows.clone()).with_fold("older");
    let fed = older.fed("2025-01-18T10:30:00Z".parse().unwrap()).await.unwrap();
    let fed: Vec<u32> = fed.iter().map(|it| it.projector.generation()).collect();
    assert_eq!((fed, begun.generation), (vec![1], 2));
}

#[tokio::test]
async fn a_rollback_shows_the_generation_before_which_was_fed_all_the_time() {
    let subject = Subject::new("project").await;
    let rebuild = subject.rebuild();
    whole(&rebuild).await.unwrap();
    subject.send(0, "ArchiveProject", json!({})).await;
    let last = subject.world.commits(AggregateKind::Project, &subject.projects[0]).pop().unwrap();
    subject.deliver(std::slice::from_ref(&last)).await;
    assert_eq!(rebuild.rollback().await.unwrap().active().number, 1);
    assert_eq!(subject.get(&subject.row(1, 0)).await.unwrap().version, last.last_version());
    assert_eq!(rebuild.verify(1, &|_| false).await.unwrap().wrong, 0);
}

/// A new fold with a mistake in it: from that version on it cannot take a change of name.
struct Mistaken<const FROM: u64>;

impl<const FROM: u64> View for Mistaken<FROM> {
    const NAME: &'static str = ProjectView::NAME;
    const KINDS: &'static [AggregateKind] = ProjectView::KINDS;
    type Row = ProjectRow;

    fn apply(row: Option<ProjectRow>, event: &Envelope) -> Result<Option<ProjectRow>, FoldError> {
        match event.event_type.as_str() {
            "ProjectUpdated" if event.aggregate_version >= FROM => {
                Err(FoldError::NotBegun("the mistake".to_owned()))
            }
            _ => ProjectView::apply(row, event),
        }
    }

    fn places(keys: &Keys, row: &ProjectRow) -> Vec<Placement> {
        ProjectView::places(keys, row)
    }

    fn changes(keys: &Keys, step: Step<'_, ProjectRow>) -> Vec<Change> {
        ProjectView::changes(keys, step)
    }
}

#[tokio::test]
async fn a_fold_that_cannot_take_what_the_old_one_could_is_not_shown() {
    let subject = Subject::new("project").await;
    let mistaken = Feed::new::<Mistaken<1>>(subject.world.store.clone(), subject.rows.clone());
    let rebuild = subject.rebuild_of(Arc::new(mistaken));
    let rehearsed = rebuild.rehearse(2, &|_| {}).await.unwrap();
    assert_eq!((rehearsed.wrong, rehearsed.findings[0].kind), (1, "unfoldable"));
    let refused = whole(&rebuild).await;
    let stream = subject.stream(0).to_string();
    assert!(matches!(refused, Err(RebuildError::Unfoldable { count: 1, first }) if first == stream));
    assert_eq!(rebuild.generations().await.unwrap().active().number, 1);
    // Mended code has another hash, and begins anew.
    let begun = whole(&subject.rebuild()).await.unwrap();
    assert_eq!(begun.generation, 3);
}

#[tokio::test]
async fn a_rehearsal_folds_histories_to_their_ends_and_counts_each_once() {
    let subject = Subject::new("project").await;
    // More than one page of the scan.
    for change in 0..600 {
        subject.send(2, "UpdateProject", json!({ "description": format!("Change {change}") })).await;
    }
    let mistaken = Feed::new::<Mistaken<590>>(subject.world.store.clone(), subject.rows.clone());
    let rehearsed = subject.rebuild_of(Arc::new(mistaken)).rehearse(1, &|_| {}).await.unwrap();
    let finding = &rehearsed.findings[0];
    assert_eq!((rehearsed.counts.aggregates, rehearsed.wrong), (3, 1));
    assert_eq!((finding.stream.clone(), finding.version), (Some(subject.stream(2).to_string()), 590));
    let rebuild = subject.rebuild();
    let begun = rebuild.begin(1).await.unwrap();
    let standing = rebuild.segment(&begun, 0, &|_| false).await.unwrap();
    assert_eq!(standing.counts.aggregates, 3);
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_or_behind_is_told_and_written_in_place() {
    let subject = Subject::new("project").await;
    subject.send(2, "UpdateProject", json!({ "name": "Desk 2" })).await;
    let (rebuild, scope) = (subject.rebuild(), Scope::Aggregate(subject.stream(2)));
    for dry in [true, false] {
        let refolded = rebuild.refold(&scope, dry, &|_| {}).await.unwrap();
        let finding = &refolded.findings[0];
        assert_eq!((refolded.wrong, finding.kind, finding.shown, finding.version), (1, "behind", 1, 2));
    }
    assert_eq!(rebuild.refold(&scope, true, &|_| {}).await.unwrap().wrong, 0);
}

#[tokio::test]
async fn verifying_finds_a_row_that_was_changed_and_refolding_mends_it() {
    for view in NAMES.into_iter().filter(|view| !["template", "operation"].contains(view)) {
        let subject = Subject::new(view).await;
        let rebuild = subject.rebuild();
        subject.spoil(&subject.row(1, 0)).await;
        let stream = subject.stream(0);
        let told = |report: Vec<skafu_functions::rebuild::Finding>| -> Vec<(Option<String>, &str)> {
            report.into_iter().map(|it| (it.stream, it.kind)).collect()
        };
        let expected = vec![(Some(stream.to_string()), "differs")];
        let report = rebuild.verify(2, &|_| false).await.unwrap();
        assert_eq!(told(report.findings), expected, "{view}");
        if view == UserView::NAME {
            // Its last contribution is lost with it: only a rebuild can tell what the counters must be.
            continue;
        }
        let scope = Scope::Aggregate(stream);
        let dry = rebuild.refold(&scope, true, &|_| {}).await.unwrap();
        assert_eq!((dry.selected, dry.wrong), (1, 1), "{view}");
        assert_eq!(rebuild.verify(2, &|_| false).await.unwrap().wrong, 1, "{view}: nothing was written");
        assert_eq!(rebuild.refold(&scope, false, &|_| {}).await.unwrap().wrong, 1, "{view}");
        assert_eq!(rebuild.verify(2, &|_| false).await.unwrap().wrong, 0, "{view}");
    }
}

#[tokio::test(start_paused = true)]
async fn verifying_finds_what_is_missing_and_counters_that_are_wrong() {
    let subject = Subject::new("user").await;
    let partition = UserView::of_user(&Keys::new(&acme(), "user", 1), alice().sub);
    let summary = RowKey { partition, sort: UserView::SUMMARY.to_owned() };
    let gate = subject.get(&subject.row(1, 0)).await.unwrap();
    let more = RowChange::Add { key: summary, counters: [("ready".to_owned(), 1)].into() };
    subject.rows.rows.transact(&gate, Some(gate.version), &[more]).await.unwrap();
    let report = subject.rebuild().verify(2, &|_| false).await.unwrap();
    assert_eq!((report.wrong, &report.findings[0].stream), (1, &None), "{:?}", report.findings);
    let difference = &report.findings[0].differences[0];
    assert_eq!((&difference.expected["ready"], &difference.found["ready"]), (&json!(1), &json!(2)));
}

#[tokio::test(start_paused = true)]
async fn verifying_finds_what_stays_behind() {
    let subject = Subject::new("project").await;
    subject.send(2, "UpdateProject", json!({ "name": "Desk 2" })).await;
    let report = subject.rebuild().verify(1, &|_| false).await.unwrap();
    let finding = &report.findings[0];
    assert_eq!((report.wrong, finding.kind, finding.shown, finding.version), (1, "behind", 1, 2));
}

#[tokio::test]
async fn an_activity_that_is_missing_is_written_again() {
    let subject = Subject::new("activity").await;
    let partition = subject.row(1, 0).partition;
    let entry = RowKey { partition, sort: "ACT#0000000001".to_owned() };
    let gate = subject.get(&subject.row(1, 0)).await.unwrap();
    let delete = RowChange::Delete(entry.clone());
    assert!(subject.get(&entry).await.is_some());
    subject.rows.rows.transact(&gate, Some(gate.version), &[delete]).await.unwrap();
    let rebuild = subject.rebuild();
    let refolded = rebuild.refold(&Scope::Aggregate(subject.stream(0)), false, &|_| {}).await.unwrap();
    assert_eq!(refolded.wrong, 1);
    assert!(subject.get(&entry).await.is_some());
}

#[tokio::test]
async fn a_scope_selects_the_aggregates_to_which_it_happened() {
    let subject = Subject::new("project").await;
    let rebuild = subject.rebuild();
    let commits = subject.world.store.all_commits();
    let renamed = commits.iter().find(|it| it.events[0].event_type == "ProjectUpdated").unwrap().timestamp;
    let later = renamed.date_time() + chrono::TimeDelta::milliseconds(1);
    let scopes = [
        (Scope::EventType("ProjectUpdated".to_owned()), 1),
        (Scope::EventType("ProjectCreated".to_owned()), 3),
        (Scope::EventType("NeverHappened".to_owned()), 0),
        (Scope::Time { from: Some(renamed), to: Some(later.into()) }, 1),
        (Scope::Time { from: None, to: None }, 3),
    ];
    for (scope, selected) in scopes {
        let refolded = rebuild.refold(&scope, false, &|_| {}).await.unwrap();
        assert_eq!((refolded.selected, refolded.wrong), (selected, 0), "{scope:?}");
    }
}
