//! Given commits, then what is told of a project's history.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod support;

use serde_json::{from_value, json};
use skafu_views::{Activity, ActivityFailure, ActivityView, ROW};
use support::{Rows, Story, at, correlation, key, rows};

fn entry(rows: &Rows, version: u64) -> Activity {
    let row = rows.at(&key::<ActivityView>("PROJECT#1", &ActivityView::entry(version)));
    from_value(row.unwrap().clone()).unwrap()
}

#[test]
fn every_command_leaves_one_entry_in_the_order_of_versions() {
    let mut story = Story::default();
    story.created("1", "alice").selected("1").rendered("1");
    let rows = rows::<ActivityView>(&story);
    let entries = rows.sorts(&key::<ActivityView>("PROJECT#1", ActivityView::ENTRIES));
    assert_eq!(entries, ["ACT#0000000001", "ACT#0000000003", "ACT#0000000004"]);
    let row = rows.at(&key::<ActivityView>("PROJECT#1", ROW));
    assert_eq!(row, Some(&json!({ "entries": 3, "lastAt": at(3).to_string() })));
}

#[test]
fn an_entry_says_who_did_what_and_when() {
    let mut story = Story { correlation: 7, ..Story::default() };
    story.created("1", "alice").selected("1");
    let expected = Activity {
        version: 3,
        at: at(2),
        user_id: "system:saga".to_owned(),
        command_id: story.commits[1].command_id,
        correlation_id: correlation(7),
        events: ["ProjectCreationStarted", "TemplateSelected"].map(str::to_owned).to_vec(),
        changed: Vec::new(),
        failure: None,
    };
    assert_eq!(entry(&rows::<ActivityView>(&story), 3), expected);
}

#[test]
fn an_update_names_the_fields_and_keeps_their_values_to_itself() {
    let mut story = Story::default();
    story.created("1", "alice").renamed("1", "Shop");
    let rows = rows::<ActivityView>(&story);
    assert_eq!(entry(&rows, 2).changed, ["name"]);
    let all = serde_json::to_string(&rows.0.values().collect::<Vec<_>>()).unwrap();
    assert!(!all.contains("Shop") && !all.contains("Before") && !all.contains("Project 1"), "{all}");
}

#[test]
fn a_failure_names_its_step_and_code_and_not_its_message() {
    let mut story = Story::default();
    story.created("1", "alice").failed("1", "CreateRepository", &["DiscardRendering"]);
    let rows = rows::<ActivityView>(&story);
    let failure = ActivityFailure { step: "CreateRepository".to_owned(), code: "Rejected".to_owned() };
    assert_eq!(entry(&rows, 3).failure, Some(failure));
    assert!(!format!("{rows:?}").contains("it would not"));
}

#[test]
fn the_history_of_a_deleted_project_stays() {
    let mut story = Story::default();
    story.created("1", "alice").failed("1", "SelectTemplate", &[]).deleted("1");
    assert_eq!(entry(&rows::<ActivityView>(&story), 4).events, ["ProjectDeleted"]);
}
