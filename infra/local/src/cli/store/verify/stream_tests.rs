use serde_json::{Map, Value, json};
use skafu_events::{DataRef, StreamId, Timestamp};

use super::*;

const STREAM: &str = "acme/REPOSITORY#1";

/// A commit that creates the repository, or deletes it if it is not the first.
fn commit(first_version: u64) -> Commit {
    let stream: StreamId = STREAM.parse().unwrap();
    let created = json!({
        "projectId": "1", "repositoryId": "1", "name": "r", "location": "acme/r.git",
        "defaultBranch": "main", "initialCommitId": "c0", "fileCount": 1
    });
    let (event_type, data) = match first_version {
        1 => ("RepositoryCreated", created),
        _ => ("RepositoryDeleted", json!({ "projectId": "1", "reason": "test" })),
    };
    let event = RecordedEvent {
        event_id: event_id(&stream, first_version),
        event_type: event_type.to_owned(),
        event_version: 1,
        data,
        data_ref: None,
    };
    Commit {
        stream,
        first_version,
        events: vec![event],
        command_id: Uuid::from_u128(first_version.into()),
        body_hash: String::new(),
        correlation_id: Uuid::nil(),
        user_id: "alice".to_owned(),
        timestamp: Timestamp::from(chrono::DateTime::UNIX_EPOCH),
        metadata: Map::new(),
    }
}

fn findings(
    items: Vec<(u64, Result<Commit, DecodeError>)>,
    has_payloads: bool,
) -> (Vec<(u64, Code)>, Report) {
    let key = |version: u64| Position { partition: STREAM.to_owned(), sort: format!("EVENT#{version:010}") };
    let mut check = StreamCheck::new(&key(items[0].0), has_payloads);
    for (version, commit) in items {
        check.add(Item { key: key(version), bytes: 0, commit });
    }
    let mut report = Report::default();
    check.end(&mut report);
    (report.findings.iter().map(|finding| (finding.version, finding.code)).collect(), report)
}

fn found(commits: Vec<Commit>) -> Vec<(u64, Code)> {
    findings(commits.into_iter().map(|commit| (commit.first_version, Ok(commit))).collect(), true).0
}

#[test]
fn a_stream_as_the_store_writes_it_is_fine() {
    assert_eq!(found(vec![commit(1), commit(2), commit(3)]), []);
}

#[test]
fn versions_that_are_missing_or_there_twice_are_found() {
    assert_eq!(found(vec![commit(1), commit(4)]), [(2, Code::Gap)]);
    assert_eq!(found(vec![commit(2)]), [(1, Code::Gap)]);
    let mut long = commit(1);
    long.events.push(RecordedEvent { event_id: event_id(&long.stream, 2), ..commit(2).events.remove(0) });
    assert_eq!(found(vec![long, commit(2)]), [(2, Code::Overlap)]);
}

#[test]
fn an_id_that_is_not_the_place_s_own_is_found_and_kept_for_later() {
    let mut strange = commit(2);
    strange.events[0].event_id = Uuid::nil();
    let (found, report) = findings(vec![(1, Ok(commit(1))), (2, Ok(strange))], true);
    assert_eq!(found, [(2, Code::WrongEventId)]);
    let expected = StrangeId { event_id: Uuid::nil(), stream: STREAM.to_owned(), version: 2 };
    assert_eq!(report.strange_ids, [expected]);
}

#[test]
fn after_a_commit_that_cannot_be_read_the_rest_is_checked_all_the_same() {
    let damage = || DecodeError::Inconsistent("its versions do not fit its events");
    let mut strange = commit(7);
    strange.events[0].event_type = "NobodyKnows".to_owned();
    let (found, _) = findings(vec![(1, Ok(commit(1))), (2, Err(damage())), (7, Ok(strange))], true);
    assert_eq!(found, [(2, Code::UnreadableCommit), (7, Code::UnreadableEvent)]);
}

#[test]
fn events_this_code_cannot_read_are_found() {
    for (event_type, version, data) in [
        ("RepositoryCreated", 2, commit(1).events[0].data.clone()),
        ("RepositoryCreated", 1, json!({ "projectId": "1" })),
        ("ProjectArchived", 1, json!({})),
    ] {
        let mut strange = commit(1);
        let event = &mut strange.events[0];
        (event.event_type, event.event_version, event.data) = (event_type.to_owned(), version, data);
        assert_eq!(found(vec![strange]), [(1, Code::UnreadableEvent)], "{event_type} {version}");
    }
}

#[test]
fn the_same_command_of_the_same_caller_counts_once() {
    let again =
        |user: &str| Commit { command_id: commit(1).command_id, user_id: user.to_owned(), ..commit(2) };
    assert_eq!(found(vec![commit(1), again("alice")]), [(2, Code::DuplicateCommand)]);
    assert_eq!(found(vec![commit(1), again("bob")]), []);
}

#[test]
fn a_stream_without_a_beginning_is_found() {
    let mut strange = commit(1);
    strange.events[0].event_type = "RepositoryDeleted".to_owned();
    strange.events[0].data = json!({ "projectId": "1", "reason": "test" });
    assert_eq!(found(vec![strange]), [(1, Code::NeverCreated)]);
}

#[test]
fn a_payload_outside_is_missed_only_where_it_could_be_read() {
    let spilled = || {
        let mut spilled = commit(1);
        spilled.events[0].data = Value::Null;
        spilled.events[0].data_ref = Some(DataRef { sha256: "00".to_owned(), size: 9 });
        vec![(1, Ok(spilled))]
    };
    assert_eq!(findings(spilled(), true).0, [(1, Code::PayloadMissing)]);
    let (found, report) = findings(spilled(), false);
    assert_eq!((found.len(), report.payloads_not_read), (0, 1));
}
