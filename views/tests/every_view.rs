//! What holds for every view, whatever it shows.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod support;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::{Value, json};
use skafu_events::{Commit, Envelope, StreamId};
use skafu_views::{
    ActivityView, AnalyticsView, FoldError, NAMES, OperationView, ProjectView, TemplateView, UserView, View,
};
use support::{Rows, Story, golden, key, rows};

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

/// A history of several projects of several people, as the domain would allow it; how many are left.
fn any_story(dice: &mut Dice) -> (Story, usize) {
    let (mut story, mut states) = (Story::default(), BTreeMap::new());
    for _ in 0..dice.below(60) {
        let id = dice.below(5).to_string();
        // Some commits come on another day.
        story.now += i64::from(dice.below(8) == 0) * 86_400;
        story.correlation = dice.below(3) as u128;
        let state = states.entry(id.clone()).or_insert("none");
        *state = match (*state, dice.below(3)) {
            ("none", _) => {
                story.created(&id, ["alice", "bob", "zoe"][dice.below(3)]);
                "draft"
            }
            ("draft", 0) => {
                story.failed(&id, "SelectTemplate", &[]);
                "failed"
            }
            ("draft", _) => {
                story.selected(&id).rendered(&id);
                "configuring"
            }
            ("configuring", 0) => {
                story.failed(&id, "CreateRepository", &["DiscardRendering"]);
                "failed"
            }
            ("configuring", _) => {
                story.repository_made(&id).configured(&id);
                "ready"
            }
            ("ready", 0) => {
                story.renamed(&id, &format!("Name {}", dice.below(9)));
                "ready"
            }
            ("ready", _) => {
                story.archived(&id);
                "archived"
            }
            ("archived", 0) => {
                story.restored(&id);
                "ready"
            }
            ("archived" | "failed", _) => {
                story.deleted(&id);
                "deleted"
            }
            (state, _) => state,
        };
    }
    let live = states.values().filter(|state| !["none", "deleted"].contains(*state)).count();
    (story, live)
}

/// The rows when each aggregate's commits come in order, but in batches of any size, and the aggregates
/// in any order.
fn in_any_batches<V: View>(story: &Story, dice: &mut Dice) -> Rows {
    let mut queues: BTreeMap<&StreamId, VecDeque<&Commit>> = BTreeMap::new();
    for commit in story.of(V::KINDS) {
        queues.entry(&commit.stream).or_default().push_back(commit);
    }
    let mut rows = Rows::default();
    while !queues.is_empty() {
        let stream = *queues.keys().nth(dice.below(queues.len())).unwrap();
        let queue = queues.get_mut(stream).unwrap();
        let batch: Vec<&Commit> = queue.drain(..1 + dice.below(queue.len())).collect();
        if queue.is_empty() {
            queues.remove(stream);
        }
        rows.batch::<V>(&batch);
    }
    rows
}

fn same_rows_whatever_the_batches<V: View>() {
    let mut dice = Dice(1);
    for _ in 0..150 {
        let (story, _) = any_story(&mut dice);
        let expected = rows::<V>(&story);
        assert_eq!(in_any_batches::<V>(&story, &mut dice), expected, "{}", V::NAME);
    }
}

#[test]
fn the_same_commits_leave_the_same_rows_whatever_the_batches() {
    same_rows_whatever_the_batches::<ProjectView>();
    same_rows_whatever_the_batches::<UserView>();
    same_rows_whatever_the_batches::<AnalyticsView>();
    same_rows_whatever_the_batches::<ActivityView>();
    same_rows_whatever_the_batches::<OperationView>();
}

#[test]
fn no_counter_of_a_person_is_ever_negative_and_together_they_count_the_live_projects() {
    let mut dice = Dice(2);
    for _ in 0..150 {
        let (story, live) = any_story(&mut dice);
        let mut shown = Rows::default();
        for commit in story.of(UserView::KINDS) {
            shown.batch::<UserView>(&[commit]);
            let summaries = shown.0.iter().filter(|((_, sort), _)| sort == UserView::SUMMARY);
            for count in summaries.flat_map(|(_, row)| row.as_object().unwrap().values()) {
                assert!(count.as_i64().unwrap() >= 0, "{shown:?}");
            }
        }
        let counted = |name: &str| -> i64 {
            let summary = |user| shown.at(&key::<UserView>(user, UserView::SUMMARY)).cloned();
            let people = ["USER#alice", "USER#bob", "USER#zoe"].into_iter().filter_map(summary);
            people.map(|row: Value| row[name].as_i64().unwrap_or_default()).sum()
        };
        let standing: i64 = ["draft", "configuring", "ready", "failed", "archived"].map(counted).iter().sum();
        assert_eq!((counted("projects"), standing), (live as i64, live as i64));
        let listed =
            shown.0.keys().filter(|(of, sort)| of.contains("/USER#") && sort.starts_with("PROJECT#"));
        assert_eq!(listed.count(), live);
    }
}

#[test]
fn the_days_of_a_project_add_up_to_its_totals() {
    let mut dice = Dice(3);
    for _ in 0..50 {
        let rows = rows::<AnalyticsView>(&any_story(&mut dice).0);
        let partitions: BTreeSet<&String> = rows.0.keys().map(|(partition, _)| partition).collect();
        for partition in partitions {
            let of_project = rows.0.iter().filter(|((it, _), _)| it == partition);
            let (totals, days): (Vec<_>, Vec<_>) = of_project.partition(|((_, sort), _)| sort == "ROW");
            for name in ["events", "commands", "creationAttempts", "creationsFailed", "archives"] {
                let sum = |rows: &[(_, &Value)]| -> u64 {
                    rows.iter().map(|(_, row)| row[name].as_u64().unwrap_or_default()).sum()
                };
                assert_eq!(sum(&days), sum(&totals), "{name}");
            }
        }
    }
}

fn refuses_what_it_cannot_read<V: View>(event_type: &str) {
    let first = golden(event_type);
    assert!(V::apply(None, &first).unwrap().is_some(), "{}", V::NAME);
    let future = Envelope { event_version: 2, ..first.clone() };
    let foreign = Envelope { event_type: "ProjectEaten".to_owned(), data: json!({}), ..first.clone() };
    for unknown in [future, foreign] {
        let refused = V::apply(None, &unknown).map(|_| ());
        assert!(matches!(refused, Err(FoldError::Unknown(_))), "{}: {refused:?}", V::NAME);
    }
}

#[test]
fn no_view_passes_over_an_event_it_cannot_read() {
    refuses_what_it_cannot_read::<ProjectView>("ProjectCreated");
    refuses_what_it_cannot_read::<UserView>("ProjectCreated");
    refuses_what_it_cannot_read::<AnalyticsView>("ProjectCreated");
    refuses_what_it_cannot_read::<ActivityView>("ProjectCreated");
    refuses_what_it_cannot_read::<TemplateView>("TemplateCreated");
    for event_type in ["ProjectCreated", "RepositoryCreated", "TemplateCreated"] {
        refuses_what_it_cannot_read::<OperationView>(event_type);
    }
}

fn begins_at_the_beginning<V: View>() {
    let early = V::apply(None, &golden("ProjectArchived")).map(|_| ());
    assert!(matches!(early, Err(FoldError::NotBegun(_))), "{}: {early:?}", V::NAME);
}

#[test]
fn no_view_begins_amid_a_history() {
    begins_at_the_beginning::<UserView>();
    begins_at_the_beginning::<AnalyticsView>();
    begins_at_the_beginning::<ActivityView>();
    begins_at_the_beginning::<OperationView>();
}

#[test]
fn every_view_has_a_name_of_its_own_that_fits_in_keys() {
    assert_eq!(NAMES.iter().collect::<BTreeSet<_>>().len(), NAMES.len());
    assert!(NAMES.iter().all(|name| name.chars().all(|c| c.is_ascii_lowercase())));
}
