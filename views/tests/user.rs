//! Given commits, then what is shown of a person.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod support;

use serde_json::{from_value, json};
use skafu_events::project::ProjectStatus;
use skafu_views::{Change, FIRST_GENERATION, Keys, Member, Step, Summary, UserView, View};
use support::{Rows, Story, at, key, rows};

fn summary(rows: &Rows, user: &str) -> Summary {
    let row = rows.at(&key::<UserView>(&format!("USER#{user}"), UserView::SUMMARY));
    from_value(row.unwrap().clone()).unwrap()
}

fn member(rows: &Rows, user: &str, project: &str) -> Option<Member> {
    let row = rows.at(&key::<UserView>(&format!("USER#{user}"), &format!("PROJECT#{project}")));
    row.map(|row| from_value(row.clone()).unwrap())
}

#[test]
fn a_persons_projects_are_listed_and_counted_by_where_they_stand() {
    let mut story = Story::default();
    story.created("1", "alice").created("2", "alice").created("3", "bob").selected("2");
    let rows = rows::<UserView>(&story);
    assert_eq!(
        summary(&rows, "alice"),
        Summary { projects: 2, draft: 1, configuring: 1, ..Summary::default() }
    );
    assert_eq!(summary(&rows, "bob"), Summary { projects: 1, draft: 1, ..Summary::default() });
    let listed = rows.sorts(&key::<UserView>("USER#alice", UserView::MEMBERS));
    assert_eq!(listed, ["PROJECT#1", "PROJECT#2"]);
    let shown = Member {
        project_id: "2".to_owned(),
        name: "Project 2".to_owned(),
        status: ProjectStatus::Configuring,
        created_at: at(2),
        updated_at: at(4),
    };
    assert_eq!(member(&rows, "alice", "2"), Some(shown));
}

#[test]
fn a_project_counts_where_it_stands_and_nowhere_else() {
    let mut story = Story::default();
    let standing = |story: &Story| summary(&rows::<UserView>(story), "alice");
    let one = Summary { projects: 1, ..Summary::default() };
    assert_eq!(standing(story.created("1", "alice")), Summary { draft: 1, ..one });
    assert_eq!(standing(story.selected("1")), Summary { configuring: 1, ..one });
    assert_eq!(standing(story.configured("1")), Summary { ready: 1, ..one });
    assert_eq!(standing(story.archived("1")), Summary { archived: 1, ..one });
    assert_eq!(standing(story.restored("1")), Summary { ready: 1, ..one });
    assert_eq!(standing(story.deleted("1")), Summary::default());
    let mut story = Story::default();
    assert_eq!(
        standing(story.created("1", "alice").failed("1", "SelectTemplate", &[])),
        Summary { failed: 1, ..one }
    );
}

#[test]
fn a_deleted_project_is_listed_no_more() {
    let mut story = Story::default();
    story.created("1", "alice").failed("1", "SelectTemplate", &[]).deleted("1");
    let rows = rows::<UserView>(&story);
    assert_eq!(member(&rows, "alice", "1"), None);
    assert_eq!(rows.sorts(&key::<UserView>("PROJECT#1", "")), [""; 0]);
}

#[test]
fn a_renamed_project_is_listed_under_its_new_name() {
    let mut story = Story::default();
    story.created("1", "alice").renamed("1", "Shop");
    let rows = rows::<UserView>(&story);
    assert_eq!(member(&rows, "alice", "1").unwrap().name, "Shop");
    assert_eq!(summary(&rows, "alice").projects, 1);
}

/// What does not show costs one write, not a transaction.
#[test]
fn nothing_is_written_beside_the_row_where_nothing_changes() {
    let mut story = Story::default();
    story.created("1", "alice").selected("1").rendered("1");
    let mut row = None;
    let mut changes: Vec<Vec<Change>> = Vec::new();
    for commit in &story.commits {
        let before = row.clone();
        let events: Vec<_> = commit.envelopes().collect();
        for event in &events {
            row = UserView::apply(row, event).unwrap();
        }
        let keys = Keys::new(commit.stream.tenant(), UserView::NAME, FIRST_GENERATION);
        let step =
            Step { stream: &commit.stream, events: &events, before: before.as_ref(), after: row.as_ref() };
        changes.push(UserView::changes(&keys, step));
    }
    assert_eq!(changes.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 0]);
    let counters = |by: i64, was: &str, is: &str| json!({ was: -by, is: by });
    let Change::Add { counters: moved, .. } = &changes[1][1] else { panic!("{:?}", changes[1]) };
    assert_eq!(json!(moved), counters(1, "draft", "configuring"));
}
