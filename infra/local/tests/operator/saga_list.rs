use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::sagas::{self, aborted, asked, begun, execution, failed, kept, stuck, then, undoing, undone};
use crate::world::{Running, World, skafu, stderr, stdout};

/// A world with a creation that stands in each way there is, besides the one that succeeded.
fn all() -> World {
    let world = World::new();
    let deleted = |events| then(events, "ProjectDeleted", json!({ "reason": "over" }));
    let resolved = json!({ "attempt": 1, "note": "removed by hand" });
    let asked_again = json!({ "attempt": 1, "round": 1, "givenUp": false });
    sagas::write(
        &world,
        vec![
            ("acme/PROJECT#kept", kept("Kept")),
            ("acme/PROJECT#kept-deleted", deleted(kept("Kept and deleted"))),
            ("acme/PROJECT#retried", then(kept("R"), "ProjectCreationRetried", json!({ "attempt": 2 }))),
            ("acme/PROJECT#stuck", stuck("Stuck")),
            ("acme/PROJECT#again", then(stuck("A"), "ProjectCompensationRetried", asked_again.clone())),
            ("acme/PROJECT#in-vain", then(stuck("V"), "ProjectCompensationRetried", asked_again)),
            ("acme/PROJECT#undone", undone("Undone")),
            ("acme/PROJECT#undone-deleted", deleted(undone("Undone and deleted"))),
            ("acme/PROJECT#resolved", then(stuck("Seen to"), "ProjectCreationResolved", resolved)),
            ("acme/PROJECT#asked", asked("Asked", "compensate")),
            ("other/PROJECT#alive", begun("Alive", "compensate")),
            ("other/PROJECT#undoing", failed("Being undone")),
            ("other/PROJECT#aborted", begun("Aborted", "compensate")),
            ("other/PROJECT#followed", begun("Followed", "compensate")),
            ("other/PROJECT#followed-in-vain", begun("Followed in vain", "compensate")),
            ("other/PROJECT#gone", begun("Gone", "compensate")),
        ],
    );
    execution(&world, "other", "alive", None);
    execution(&world, "other", "undoing", None);
    execution(&world, "other", "aborted", Some(aborted()));
    // What an operator asked for ended before its time, too.
    undoing(&world, "acme", "in-vain", "asked-1", Some(aborted()));
    // One that was stopped is followed by one that undoes it.
    for (project, end) in [("followed", None), ("followed-in-vain", Some(aborted()))] {
        execution(&world, "other", project, Some(aborted()));
        undoing(&world, "other", project, "stopped", end);
    }
    // Those of another tenant's project of that id say nothing of this one.
    execution(&world, "acme", "gone", None);
    world
}

/// What `list` tells with those arguments: each project's id and status.
fn listed(world: &World, arguments: &[&str]) -> BTreeMap<String, String> {
    let (answer, ok) = world.json(&[&["saga", "list"], arguments].concat());
    assert!(ok, "{answer}");
    assert_eq!(answer["unreadable"], 0);
    let text = |row: &Value, field: &str| row[field].as_str().unwrap().to_owned();
    let rows = answer["sagas"].as_array().unwrap();
    rows.iter().map(|row| (text(row, "projectId"), text(row, "status"))).collect()
}

#[test]
fn every_creation_is_listed_once_with_how_it_stands() {
    let world = all();
    let mut expected: BTreeMap<String, String> = [
        ("kept", "failed"),
        ("kept-deleted", "running"),
        ("retried", "running"),
        ("stuck", "stuck"),
        ("again", "running"),
        ("in-vain", "stuck"),
        ("undone", "compensated"),
        ("undone-deleted", "compensated"),
        ("resolved", "compensated"),
        ("asked", "running"),
        ("alive", "running"),
        ("undoing", "running"),
        ("aborted", "stuck"),
        ("followed", "running"),
        ("followed-in-vain", "stuck"),
        ("gone", "stuck"),
    ]
    .map(|(id, status)| (id.to_owned(), status.to_owned()))
    .into();
    expected.insert(world.project.clone(), "succeeded".to_owned());
    assert_eq!(listed(&world, &[]), expected);

    for status in ["succeeded", "compensated", "failed", "stuck", "running"] {
        let such = expected.iter().filter(|(_, it)| *it == status);
        let such: BTreeMap<_, _> = such.map(|(id, it)| (id.clone(), it.clone())).collect();
        assert_eq!(listed(&world, &["--status", status]), such);
    }
    assert_eq!(listed(&world, &["--tenant", "other"]).len(), 6);
    assert_eq!(listed(&world, &["--tenant", "acme", "--status", "failed"]).len(), 1);
    assert_eq!(listed(&world, &["--tenant", "nobody"]).len(), 0);
}

#[test]
fn a_row_tells_what_failed_and_since_when() {
    let world = all();
    let (answer, _) = world.json(&["saga", "list"]);
    let row = |id: &str| {
        let rows = answer["sagas"].as_array().unwrap();
        rows.iter().find(|row| row["projectId"] == id).unwrap().clone()
    };
    assert_eq!(
        row("kept"),
        json!({
            "projectId": "kept", "tenant": "acme", "name": "Kept", "attempt": 1, "status": "failed",
            "failedStep": "SelectTemplate", "errorCode": "Rejected", "since": sagas::time_of_commit(3)
        })
    );
    assert_eq!(
        row("aborted"),
        json!({
            "projectId": "aborted", "tenant": "other", "name": "Aborted", "attempt": 1, "status": "stuck",
            "failedStep": "CreateRepository", "errorCode": "States.Aborted", "since": sagas::time_of_commit(61)
        })
    );
    let gone = row("gone");
    assert_eq!((&gone["failedStep"], &gone["errorCode"]), (&json!(null), &json!("ExecutionGone")));
    let retried = row("retried");
    assert_eq!((&retried["attempt"], &retried["errorCode"]), (&json!(2), &json!(null)));
    let stuck = row("stuck");
    assert_eq!(
        (&stuck["failedStep"], &stuck["since"]),
        (&json!("DiscardRepository"), &json!(sagas::time_of_commit(4)))
    );
    assert_eq!(row("undone-deleted")["since"], sagas::time_of_commit(4), "not when it was deleted");
}

#[test]
fn people_read_lines_and_the_next_command() {
    let world = all();
    let text = stdout(&world.run(&["saga", "list", "--status", "stuck"]));
    let line = text.lines().find(|line| line.contains("  stuck ")).unwrap();
    assert!(line.starts_with("stuck        stuck "), "{line}");
    assert!(line.ends_with("  attempt 1  Stuck  (DiscardRepository: Retryable)"), "{line}");
    assert!(text.ends_with("\n`skafu saga show PROJECT_ID` tells what can be done\n"), "{text}");
    let none = world.run(&["saga", "list", "--tenant", "nobody", "--status", "failed"]);
    assert_eq!((none.status.code(), stdout(&none).as_str()), (Some(0), "no project's creation is failed\n"));
}

#[test]
fn beside_a_running_system_the_list_is_the_same() {
    let world = World::new();
    let running = Running::on(&world.data());
    let there = [(world.project.clone(), "succeeded".to_owned())].into();
    assert_eq!(listed(&world, &[]), there);
    let endpoint = running.endpoint["dynamodbUrl"].as_str().unwrap();
    let elsewhere = skafu(&["saga", "list", "--endpoint", endpoint, "--json"]);
    let elsewhere: Value = serde_json::from_slice(&elsewhere.stdout).unwrap();
    assert_eq!(elsewhere, world.json(&["saga", "list"]).0);
}

#[test]
fn a_project_that_cannot_be_read_keeps_none_of_the_others_back() {
    let world = World::new();
    sagas::write(&world, vec![("acme/PROJECT#a", kept("A")), ("acme/PROJECT#z", stuck("Z"))]);
    world.lose(2);
    let output = world.run(&["saga", "list", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&answer["unreadable"], answer["sagas"].as_array().unwrap().len()), (&json!(1), 2));
    let told = format!("not listed: {}: version 2 is missing\n", world.stream());
    assert!(stderr(&output).contains(&told), "{}", stderr(&output));
    let shown = world.run(&["saga", "show", &world.project, "--tenant", "local"]);
    assert_eq!(shown.status.code(), Some(1));
}

#[test]
fn looking_makes_nothing_not_even_a_journal() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    for command in [&["list"][..], &["show", "p"], &["retry", "p"], &["resolve", "p", "--note", "x"]] {
        let output = skafu(&[&["saga"], command, &["--data", data]].concat());
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains("choose another directory with --data"), "{}", stderr(&output));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

    let world = World::new();
    for left in ["cloud.db", "cloud.db-wal", "cloud.db-shm"] {
        drop(fs::remove_file(world.data().join(left)));
    }
    assert_eq!(listed(&world, &[]).len(), 1);
    assert!(!world.data().join("cloud.db").exists());
}

#[test]
fn what_is_no_status_or_tenant_is_refused_as_one() {
    let world = World::new();
    for arguments in [["--status", "broken"], ["--status", ""], ["--tenant", "a/b"], ["--tenant", "a#b"]] {
        let refused = world.run(&[&["saga", "list"], &arguments[..]].concat());
        assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
    }
}
