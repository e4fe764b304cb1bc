//! What every journal must do, run on each.

use chrono::Duration;
use serde_json::{Map, json};

use super::*;
use crate::{
    cloud_db::CloudDb,
    states::{
        execution::{Callback, EventKind, Status},
        failure::Failure,
    },
};

fn on_each(contract: impl Fn(&dyn Journal)) {
    contract(&MemoryJournal::default());
    contract(&SqliteJournal::new(CloudDb::in_memory().unwrap()));
}

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 123_456_000).unwrap() + Duration::seconds(seconds)
}

fn new(name: &str) -> Execution {
    Execution {
        name: name.into(),
        machine: "orders".into(),
        input: json!({ "b": 1, "a": [null] }),
        status: Status::Running,
        output: None,
        error: None,
        cause: None,
        started_at: at(0),
        stopped_at: None,
    }
}

fn checkpoint(state: &str) -> Checkpoint {
    let variables = Map::from_iter([("v".to_owned(), json!("x"))]);
    let mut checkpoint = Checkpoint::entering(state, json!(1), variables, at(1));
    checkpoint.retries_used = vec![0, 2];
    checkpoint.wake_at = Some(at(9));
    checkpoint.callback = Some(Callback { token: "t.a".into(), is_called: true, timeout_at: Some(at(60)) });
    checkpoint
}

fn event(kind: EventKind, state: Option<&str>) -> NewEvent {
    NewEvent { timestamp: at(1), kind, state: state.map(Into::into), detail: json!({ "n": 1 }) }
}

fn begin(journal: &dyn Journal, name: &str) -> bool {
    journal.begin(&new(name), &checkpoint("First"), &[event(EventKind::ExecutionStarted, None)]).unwrap()
}

#[test]
fn a_name_can_be_begun_once() {
    on_each(|journal| {
        assert!(begin(journal, "a"));
        journal.finish("a", &Outcome::Succeeded(json!(1)), at(2), &[]).unwrap();
        assert!(!begin(journal, "a"));
        assert_eq!(journal.history("a", 0).unwrap().len(), 1);
    });
}

#[test]
fn a_running_execution_is_found_with_its_checkpoint() {
    on_each(|journal| {
        begin(journal, "a");
        begin(journal, "b");
        assert_eq!(journal.describe("a").unwrap(), Some(new("a")));
        assert_eq!(journal.describe("c").unwrap(), None);
        assert_eq!(journal.checkpoint("a").unwrap(), Some(checkpoint("First")));
        journal.record("a", Some(&checkpoint("Second")), &[]).unwrap();
        journal.record("a", None, &[event(EventKind::TaskStarted, Some("Second"))]).unwrap();
        assert_eq!(journal.checkpoint("a").unwrap(), Some(checkpoint("Second")));
        assert_eq!(journal.running().unwrap(), [new("a"), new("b")]);
    });
}

#[test]
fn history_is_numbered_from_one_and_read_from_anywhere() {
    on_each(|journal| {
        begin(journal, "a");
        begin(journal, "b");
        let events = [event(EventKind::StateEntered, Some("S")), event(EventKind::StateExited, Some("S"))];
        assert_eq!(journal.record("a", None, &events).unwrap(), 3);
        assert_eq!(journal.record("a", None, &[]).unwrap(), 3);
        let history = journal.history("a", 1).unwrap();
        assert_eq!(history, [HistoryEvent::numbered(2, &events[0]), HistoryEvent::numbered(3, &events[1])]);
        assert!(journal.history("a", 3).unwrap().is_empty());
        assert!(journal.history("nobody", 0).unwrap().is_empty());
    });
}

#[test]
fn an_ended_execution_keeps_its_outcome_and_takes_nothing_more() {
    on_each(|journal| {
        begin(journal, "good");
        begin(journal, "bad");
        let last = [event(EventKind::ExecutionSucceeded, None)];
        assert_eq!(
            journal.finish("good", &Outcome::Succeeded(json!({ "ok": true })), at(5), &last).unwrap(),
            2
        );
        journal.finish("bad", &Outcome::TimedOut(Failure::new("E", "why")), at(6), &[]).unwrap();

        let good = journal.describe("good").unwrap().unwrap();
        assert_eq!(
            (good.status, good.output, good.error),
            (Status::Succeeded, Some(json!({ "ok": true })), None)
        );
        assert_eq!(good.stopped_at, Some(at(5)));
        let bad = journal.describe("bad").unwrap().unwrap();
        assert_eq!((bad.status, bad.output), (Status::TimedOut, None));
        assert_eq!((bad.error.as_deref(), bad.cause.as_deref()), (Some("E"), Some("why")));

        assert!(journal.running().unwrap().is_empty());
        assert_eq!(journal.checkpoint("good").unwrap(), None);
        let again = journal.finish("good", &Outcome::Succeeded(json!(2)), at(7), &[]);
        assert!(matches!(again, Err(JournalError::NotRunning(_))));
        assert!(matches!(journal.record("good", None, &[]), Err(JournalError::NotRunning(_))));
        assert!(matches!(journal.record("nobody", None, &[]), Err(JournalError::NotRunning(_))));
    });
}

#[test]
fn executions_are_found_by_what_their_names_begin_with() {
    on_each(|journal| {
        for name in ["prj-b-1", "prj-a-2", "prj-a-1", "prj-a", "prj-a.1", "prj-%-1"] {
            journal.begin(&new(name), &checkpoint("First"), &[]).unwrap();
        }
        let names =
            |prefix: &str| journal.named(prefix).unwrap().into_iter().map(|e| e.name).collect::<Vec<_>>();
        assert_eq!(names("prj-a-"), ["prj-a-2", "prj-a-1"], "oldest first");
        assert_eq!(names("prj-%"), ["prj-%-1"], "nothing in a name is a pattern");
        assert_eq!(names("prj-c"), Vec::<String>::new());
    });
}

#[test]
fn the_list_shows_the_newest_first() {
    on_each(|journal| {
        ["a", "b", "c"].iter().for_each(|name| assert!(begin(journal, name)));
        let names = |limit| journal.list(limit).unwrap().into_iter().map(|e| e.name).collect::<Vec<_>>();
        assert_eq!(names(2), ["c", "b"]);
        assert_eq!(names(10), ["c", "b", "a"]);
    });
}

#[test]
fn a_checkpoint_written_before_there_were_callbacks_is_read() {
    let mut old = serde_json::to_value(checkpoint("First")).unwrap();
    old.as_object_mut().unwrap().remove("callback");
    let read: Checkpoint = serde_json::from_value(old).unwrap();
    assert_eq!(read, Checkpoint { callback: None, ..checkpoint("First") });
}
