//! Given events, then what is shown of a project.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod support;

use serde_json::json;
use skafu_events::Envelope;
use skafu_events::project::ProjectStatus;
use skafu_views::{
    Change, CreationState, FIRST_GENERATION, FoldError, Keys, Place, ProjectRow, ProjectView, Step, View,
};
use support::golden;

fn shown(events: &[&str]) -> ProjectRow {
    let fold = |row, event: &&str| ProjectView::apply(row, &golden(event)).unwrap();
    events.iter().fold(None, fold).unwrap()
}

const CREATED: [&str; 1] = ["ProjectCreated"];
const READY: [&str; 5] =
    ["ProjectCreated", "ProjectCreationStarted", "TemplateSelected", "TemplateRendered", "ProjectConfigured"];

#[test]
fn a_created_project_is_a_draft_of_its_owner() {
    let row = shown(&CREATED);
    assert_eq!((row.status, row.owner_id.as_str(), row.total_events), (ProjectStatus::Draft, "alice", 1));
    assert_eq!(row.id, "8b0fbb9e-2f0c-5d58-9a39-0e4a1a3a1f10");
    assert_eq!(row.configuration.runtime.as_deref(), Some("python3.12"));
    assert_eq!(row.repository, None);
}

#[test]
fn a_configured_project_is_ready_and_shows_its_repository() {
    let row = shown(&READY);
    assert_eq!((row.status, row.total_events), (ProjectStatus::Ready, 5));
    assert_eq!(row.repository.unwrap().name, "demo-shop");
    assert_eq!((row.deployment_count, row.last_deployed_at, row.success_rate), (0, None, None));
}

#[test]
fn a_failed_project_says_why() {
    let row = shown(&["ProjectCreated", "ProjectCreationFailed", "ProjectCreationCompensated"]);
    assert_eq!((row.status, row.failure.unwrap().code.as_str()), (ProjectStatus::Failed, "Taken"));
}

#[test]
fn how_far_a_creation_got_is_told() {
    let failed = ["ProjectCreated", "ProjectCreationStarted", "ProjectCreationFailed"];
    let then = |more: &[&str]| shown(&[&failed[..], more].concat()).creation;
    assert_eq!(shown(&CREATED).creation.state, CreationState::Awaited);
    assert_eq!(shown(&READY).creation.state, CreationState::Succeeded);
    assert_eq!(then(&[]).state, CreationState::Undoing);
    assert_eq!(then(&["ProjectCreationCompensated"]).state, CreationState::Undone);
    let stuck = then(&["ProjectCreationStuck"]);
    assert_eq!(
        (stuck.state, stuck.failed_step.as_deref()),
        (CreationState::Stuck, Some("DiscardRepository"))
    );
    assert_eq!(then(&["ProjectCreationStuck", "ProjectCompensationRetried"]).state, CreationState::Undoing);
    assert_eq!(then(&["ProjectCreationStuck", "ProjectCreationResolved"]).state, CreationState::Undone);
    let again = shown(&[&failed[..], &["ProjectCreationRetried"]].concat());
    assert_eq!((again.creation.attempt, again.creation.state), (2, CreationState::Awaited));
    assert_eq!((again.status, again.failure), (ProjectStatus::Configuring, None));
}

#[test]
fn a_deleted_project_stays_deleted_while_it_is_undone() {
    for event in ["ProjectCreationFailed", "ProjectCreationStuck", "ProjectCreationCompensated"] {
        assert_eq!(ProjectView::apply(None, &golden(event)).unwrap(), None, "{event}");
    }
}

#[test]
fn a_row_is_found_by_tenant_and_by_owner_in_the_order_of_creation() {
    let (event, row) = (golden("ProjectCreated"), shown(&CREATED));
    let stream = event.stream().unwrap();
    let keys = Keys::new(stream.tenant(), ProjectView::NAME, FIRST_GENERATION);
    let places = ProjectView::places(&keys, &row);
    assert_eq!(places.iter().map(|it| it.place).collect::<Vec<_>>(), [Place::First, Place::Second]);
    assert_eq!(places[0].partition, "acme/project.1");
    assert_eq!(places[1].partition, "acme/project.1/OWNER#alice");
    assert!(places.iter().all(|place| place.sort.starts_with("2025-01-18T10:30:00.123Z#")));
    let id = stream.id();
    assert_eq!(keys.aggregate(&stream), format!("acme/project.1/PROJECT#{id}"));
}

/// What a commit of that one event puts into lists and takes out of them.
fn listed(before: Option<&ProjectRow>, event: &Envelope) -> (Vec<String>, Vec<String>) {
    let stream = event.stream().unwrap();
    let keys = Keys::new(stream.tenant(), ProjectView::NAME, FIRST_GENERATION);
    let after = ProjectView::apply(before.cloned(), event).unwrap();
    let events = [event.clone()];
    let step = Step { stream: &stream, events: &events, before, after: after.as_ref() };
    let (mut put, mut deleted) = (Vec::new(), Vec::new());
    for change in ProjectView::changes(&keys, step) {
        match change {
            Change::Put { partition, sort, content, places } => {
                assert_eq!((content, places), (json!({ "id": stream.id() }), Vec::new()));
                assert_eq!(sort, format!("PROJECT#2025-01-18T10:30:00.123Z#{}", stream.id()));
                put.push(partition);
            }
            Change::Delete { partition, .. } => deleted.push(partition),
            Change::Add { .. } => panic!("nothing is counted"),
        }
    }
    (put, deleted)
}

#[test]
fn a_project_is_in_the_list_of_where_it_stands_and_of_its_template() {
    let list = |name: &str| format!("acme/project.1/{name}");
    let both = |status: &str| vec![list(&format!("STATUS#{status}")), list("TEMPLATE#sam-python-api")];
    let (status, none) = (|name: &str| vec![list(&format!("STATUS#{name}"))], Vec::<String>::new);
    assert_eq!(listed(None, &golden("ProjectCreated")), (both("draft"), none()));
    let draft = shown(&CREATED);
    let started = listed(Some(&draft), &golden("ProjectCreationStarted"));
    assert_eq!(started, (status("configuring"), status("draft")));
    // Whatever else happens to it costs nothing there.
    let ready = shown(&READY);
    assert_eq!(listed(Some(&ready), &golden("ProjectUpdated")), (none(), none()));
    assert_eq!(listed(Some(&ready), &golden("ProjectDeleted")), (none(), both("ready")));
}

#[test]
fn what_cannot_be_folded_is_told_apart() {
    let early = ProjectView::apply(None, &golden("ProjectConfigured"));
    assert!(matches!(early, Err(FoldError::NotBegun(_))), "{early:?}");
    let unknown =
        Envelope { event_type: "ProjectEaten".to_owned(), data: json!({}), ..golden("ProjectCreated") };
    assert!(matches!(ProjectView::apply(None, &unknown), Err(FoldError::Unknown(_))));
}
