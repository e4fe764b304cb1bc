//! Given commits, then what is counted of a project.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod support;

use serde_json::{from_value, json};
use skafu_views::{AnalyticsRow, AnalyticsView, Counters, ROW};
use support::{Rows, Story, at, key, rows};

fn totals(rows: &Rows) -> AnalyticsRow {
    from_value(rows.at(&key::<AnalyticsView>("PROJECT#1", ROW)).unwrap().clone()).unwrap()
}

fn day(rows: &Rows, day: &str) -> Counters {
    let row = rows.at(&key::<AnalyticsView>("PROJECT#1", &format!("DAY#{day}")));
    from_value(row.unwrap().clone()).unwrap()
}

#[test]
fn everything_that_happens_to_a_project_is_counted() {
    let mut story = Story::default();
    story.created("1", "alice").made("1").renamed("1", "Shop").archived("1").restored("1");
    let expected = Counters {
        events: 8,
        commands: 7,
        updates: 1,
        creation_attempts: 1,
        creations_succeeded: 1,
        creations_failed: 0,
        archives: 1,
        restores: 1,
    };
    let rows = rows::<AnalyticsView>(&story);
    assert_eq!(totals(&rows), AnalyticsRow { totals: expected, first_at: at(1), last_at: at(8) });
    assert_eq!(day(&rows, "2025-01-18"), expected);
}

#[test]
fn an_attempt_that_fails_before_it_began_is_an_attempt() {
    let mut story = Story::default();
    story.created("1", "alice").failed("1", "SelectTemplate", &[]);
    let totals = totals(&rows::<AnalyticsView>(&story)).totals;
    assert_eq!((totals.creation_attempts, totals.creations_failed), (1, 1));
    let mut story = Story::default();
    story.created("1", "alice").selected("1").failed("1", "RenderTemplate", &[]);
    assert_eq!(self::totals(&rows::<AnalyticsView>(&story)).totals.creation_attempts, 1);
}

#[test]
fn days_begin_at_midnight_in_utc() {
    // It all begins at 10:30:00.123: the second commit comes 123 ms after midnight.
    let mut story = Story { now: (13 * 60 + 30) * 60 - 2, ..Story::default() };
    story.created("1", "alice").selected("1").rendered("1");
    let rows = rows::<AnalyticsView>(&story);
    let days = rows.sorts(&key::<AnalyticsView>("PROJECT#1", AnalyticsView::DAYS));
    assert_eq!(days, ["DAY#2025-01-18", "DAY#2025-01-19"]);
    assert_eq!((day(&rows, "2025-01-18").events, day(&rows, "2025-01-19").events), (1, 3));
    assert_eq!(totals(&rows).totals.events, 4);
}

#[test]
fn what_was_counted_of_a_deleted_project_stays() {
    let mut story = Story::default();
    story.created("1", "alice").failed("1", "SelectTemplate", &[]).deleted("1");
    let rows = rows::<AnalyticsView>(&story);
    assert_eq!((totals(&rows).totals.events, totals(&rows).totals.commands), (4, 3));
}

#[test]
fn a_day_holds_what_changed_on_it_and_nothing_else() {
    let mut story = Story::default();
    story.created("1", "alice");
    let rows = rows::<AnalyticsView>(&story);
    let row = rows.at(&key::<AnalyticsView>("PROJECT#1", "DAY#2025-01-18"));
    assert_eq!(row, Some(&json!({ "events": 1, "commands": 1 })));
}
