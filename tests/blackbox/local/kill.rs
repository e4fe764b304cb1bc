//! SIGKILL of the one process that everything runs in: while it starts, beside a client, again and again.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::thread;
use std::time::Duration;

use serde_json::json;
use skafu_events::{AggregateKind, StreamId};
use skafu_store::History;
use skafu_views::{FIRST_GENERATION, Keys, ProjectRow, ProjectView, View};

use crate::support::{
    ALICE, BUILT_IN, Dev, Finished, Home, Made, Person, create_project, eventually, publish_template,
};

const PROJECT: &[&str] = &[
    "ProjectCreated",
    "ProjectCreationStarted",
    "TemplateSelected",
    "TemplateRendered",
    "ProjectConfigured",
];
const REPOSITORY: &[&str] = &["RepositoryCreated", "RepositoryConfigured"];
const TEMPLATE: &[&str] = &["TemplateCreated", "TemplateUploaded", "TemplatePublished"];

/// What must hold of the tables and of the disk once all is quiet, whatever happened before.
fn check_everything(home: &Home, dev: &Dev, tenant: &str, projects: usize) {
    let tables = dev.tables();
    let histories = tables.histories();
    let mut event_ids = BTreeSet::new();
    let mut counted = 0;
    for (stream, history) in &histories {
        let versions: Vec<_> = envelopes(history).map(|event| event.aggregate_version).collect();
        assert_eq!(versions, (1..=history.version()).collect::<Vec<_>>(), "{stream}: no gap, no double");
        assert!(envelopes(history).all(|event| event_ids.insert(event.event_id)), "{stream}: new event ids");
        let types: Vec<_> = history.events().map(|event| event.event_type.as_str()).collect();
        let expected = match stream.kind() {
            AggregateKind::Project => PROJECT,
            AggregateKind::Repository => REPOSITORY,
            AggregateKind::Template => TEMPLATE,
        };
        assert_eq!(types, expected, "{stream}: each event once");
        if stream.kind() == AggregateKind::Project {
            counted += 1;
            let repository =
                StreamId::new(stream.tenant().clone(), AggregateKind::Repository, stream.id()).unwrap();
            assert!(histories.contains_key(&repository), "{stream} has a repository");
            let fold = |row, event| ProjectView::apply(row, &event).unwrap();
            let fresh: ProjectRow = envelopes(history).fold(None, fold).unwrap();
            let keys = Keys::new(stream.tenant(), ProjectView::NAME, FIRST_GENERATION);
            let row = tables.row(keys.aggregate(stream)).unwrap();
            assert_eq!(row.version, history.version(), "{stream}: the view is up to date");
            assert_eq!(row.content, Some(serde_json::to_value(&fresh).unwrap()), "{stream}: a fresh fold");
            check_repository(home, stream, &fresh);
        }
    }
    assert_eq!(counted, projects, "no project was lost or made twice");
    let kept = fs::read_dir(home.data().join("repositories").join(tenant)).unwrap().count();
    assert_eq!(kept, projects, "one directory per project");
}

fn envelopes(history: &History) -> impl Iterator<Item = skafu_events::Envelope> {
    history.commits().iter().flat_map(|commit| commit.envelopes())
}

fn check_repository(home: &Home, stream: &StreamId, row: &ProjectRow) {
    let link = row.repository.as_ref().unwrap();
    let repository = home.data().join("repositories").join(&link.location);
    let main = fs::read_to_string(repository.join("refs/heads/main")).unwrap();
    assert_eq!(main.trim(), link.initial_commit_id, "{stream}");
    let beside: Vec<_> = fs::read_dir(repository.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| *path != repository)
        .collect();
    assert!(beside.is_empty(), "{stream}: beside the repository there is {beside:?}");
}

#[test]
fn a_start_that_is_killed_is_made_good_by_the_next() {
    // From before the first file to after the built-in templates; most are within the making of the tables.
    for moment in [8, 14, 18, 22, 27, 33, 45, 80, 130] {
        let home = Home::new();
        let mut starting = home.skafu(&["dev", "--port", "0"]).spawn().unwrap();
        thread::sleep(Duration::from_millis(moment));
        starting.kill().unwrap();
        starting.wait().unwrap();
        let dev = home.dev();
        let api = dev.api(&home.token(ALICE));
        Made::accepted(&api, &create_project("Demo", BUILT_IN, json!({}))).ready(&api);
        check_everything(&home, &dev, "acme", 1);
    }
}

#[test]
fn a_client_that_loses_its_system_goes_on_with_one_of_its_own() {
    let home = Home::new();
    // The last line the client prints before its system dies.
    for (name, last) in [("One", "Creating"), ("Two", "SelectTemplate"), ("Three", "CreateRepository")] {
        let dev = home.dev();
        let mut new = home.skafu(&["new", name, "--template", BUILT_IN]).spawn().unwrap();
        let mut lines = BufReader::new(new.stdout.take().unwrap()).lines().map(Result::unwrap);
        let before: Vec<_> = lines.by_ref().take_while(|line| !line.contains(last)).collect();
        dev.kill();
        let after: Vec<_> = lines.collect();
        let done = Finished::of(new);
        assert!(done.succeeded(), "{before:?} {after:?} {done:?}");
        assert!(after.last().unwrap().starts_with("git clone "), "{after:?}");
    }
    check_everything(&home, &home.dev(), "local", 3);
}

#[test]
fn a_failed_creation_stays_failed_and_its_name_stays_free() {
    let home = Home::new();
    let files = [
        (
            "template.json",
            r#"{"name": "T", "parameters": [{"name": "mode", "type": "choice", "choices": ["a", "b"]}]}"#,
        ),
        ("a.txt.j2", "{% if mode == 'b' %}{{ absent }}{% endif %}"),
    ];
    let mut dev = home.dev();
    let token = home.token(Person { role: "admin", ..ALICE });
    publish_template(&dev.api(&token), "fragile", &files);
    let made = Made::accepted(&dev.api(&token), &create_project("Demo", "fragile", json!({ "mode": "b" })));
    for moment in [10, 40, 90] {
        thread::sleep(Duration::from_millis(moment));
        dev.kill();
        dev = home.dev();
    }
    let api = dev.api(&token);
    assert_eq!(made.settled(&api)["status"], "failed");
    Made::accepted(&api, &create_project("Demo", "fragile", json!({}))).ready(&api);
    let types = eventually("the history of the failed project", || {
        let histories = dev.tables().histories();
        let (_, history) = histories.iter().find(|(stream, _)| stream.id() == made.id)?;
        Some(history.events().map(|event| event.event_type.clone()).collect::<Vec<_>>())
    });
    let ended = ["ProjectCreationFailed", "ProjectCreationCompensated"];
    assert_eq!(types, [&PROJECT[..3], &ended[..]].concat());
}
