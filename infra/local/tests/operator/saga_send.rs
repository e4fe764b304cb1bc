use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::sagas::{self, aborted, begun, execution, kept, stuck, then, undone};
use crate::world::{Running, World, stderr, stdout};

/// Long enough for a creation on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

fn types(world: &World, id: &str) -> Vec<String> {
    let (shown, _) = world.json(&["aggregate", "show", id, "--tenant", "acme", "--kind", "project"]);
    let events = shown["events"].as_array().unwrap();
    events.iter().map(|event| event["eventType"].as_str().unwrap().to_owned()).collect()
}

fn wait_for(world: &World, id: &str, status: &str) -> Value {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let (shown, _) = world.json(&["saga", "show", id, "--tenant", "acme"]);
        if shown["status"] == status {
            return shown;
        }
        assert!(Instant::now() < deadline, "{shown}");
        thread::sleep(Duration::from_millis(200));
    }
}

#[test]
fn a_kept_creation_gets_another_attempt_and_others_have_their_undoing_asked_for() {
    let world = World::new();
    sagas::write(
        &world,
        vec![
            ("acme/PROJECT#kept", kept("Kept")),
            ("acme/PROJECT#stuck", stuck("Stuck")),
            ("acme/PROJECT#aborted", begun("Aborted", "compensate")),
            ("acme/PROJECT#alive", begun("Alive", "compensate")),
        ],
    );
    execution(&world, "acme", "aborted", Some(aborted()));
    execution(&world, "acme", "alive", None);
    for (id, options, command, event, attempt) in [
        ("kept", &[][..], "RetryProjectCreation", "ProjectCreationRetried", 2),
        ("stuck", &[], "RetryCompensation", "ProjectCompensationRetried", 1),
        ("aborted", &[], "RetryCompensation", "ProjectCompensationRetried", 1),
        ("alive", &["--give-up"], "RetryCompensation", "ProjectCompensationRetried", 1),
    ] {
        let (answer, ok) = world.json(&[&["saga", "retry", id, "--tenant", "acme"], options].concat());
        assert!(ok, "{answer}");
        assert_eq!((&answer["projectId"], &answer["tenant"]), (&json!(id), &json!("acme")));
        assert_eq!((&answer["command"], &answer["attempt"]), (&json!(command), &json!(attempt)), "{id}");
        assert!(answer["commandId"].is_string() && answer["version"].is_u64(), "{answer}");
        assert_eq!(types(&world, id).last().unwrap(), event);
        assert_eq!(world.json(&["saga", "show", id]).0["status"], "running", "{id} is awaited now");
    }
    let user = |id: &str| {
        let (shown, _) = world.json(&["aggregate", "show", id, "--tenant", "acme"]);
        shown["events"].as_array().unwrap().last().unwrap()["userId"].clone()
    };
    assert_eq!(user("kept"), "system:operator");
}

#[test]
fn what_cannot_be_retried_is_refused_by_the_project_s_rule_with_the_way_out() {
    let world = World::new();
    let deleted = then(undone("D"), "ProjectDeleted", json!({ "reason": "over" }));
    let kept_deleted = json!({ "reason": "over", "attemptToUndo": 1 });
    sagas::write(
        &world,
        vec![
            ("acme/PROJECT#undone", undone("Undone")),
            ("acme/PROJECT#deleted", deleted),
            ("acme/PROJECT#kept-deleted", then(kept("K"), "ProjectDeleted", kept_deleted)),
            ("acme/PROJECT#alive", begun("Alive", "compensate")),
        ],
    );
    execution(&world, "acme", "alive", None);
    let project = world.project.clone();
    for (id, why) in [
        ("undone", "create the project again"),
        ("kept-deleted", "is deleted, and what its creation made is being undone"),
        ("deleted", "nothing is left to undo"),
        ("alive", "only a creation that failed can be tried again"),
        (&project, "only a creation that failed can be tried again: nothing is to be done"),
    ] {
        let before = world.dump(&[]).len();
        let refused = world.run(&["saga", "retry", id]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(stderr(&refused).contains(why), "{id}: {}", stderr(&refused));
        let (answer, _) = world.json(&["saga", "retry", id]);
        assert_eq!(answer["error"]["code"], "BUSINESS_RULE_VIOLATION", "{answer}");
        assert_eq!(world.dump(&[]).len(), before, "what is refused leaves nothing");
    }
}

#[test]
fn a_stuck_creation_that_was_seen_to_is_resolved_with_a_note() {
    let world = World::new();
    sagas::write(&world, vec![("acme/PROJECT#stuck", stuck("Stuck")), ("acme/PROJECT#kept", kept("Kept"))]);
    let resolve = |id: &str, note: &str| world.json(&["saga", "resolve", id, "--note", note]);
    for note in ["", &"x".repeat(201)] {
        let (answer, ok) = resolve("stuck", note);
        assert!(!ok);
        assert_eq!(answer["error"]["code"], "VALIDATION_ERROR");
        assert_eq!(answer["error"]["violations"][0]["field"], "/data/note", "{answer}");
    }
    let (answer, ok) = resolve("kept", "gone");
    assert!(!ok);
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.contains("is not stuck") && message.contains("skafu saga retry kept"), "{message}");

    let (answer, ok) = resolve("stuck", "removed by hand; \"quoted\" ü");
    assert!(ok, "{answer}");
    assert_eq!(answer["command"], "ResolveProjectCreation");
    assert_eq!(world.json(&["saga", "show", "stuck"]).0["status"], "compensated");
    let missing = world.run(&["saga", "resolve", "stuck"]);
    assert_eq!(missing.status.code(), Some(2), "a note is needed");
}

#[test]
fn a_running_system_carries_out_the_retry_of_a_kept_creation() {
    let world = World::new();
    sagas::write(&world, vec![("acme/PROJECT#kept", kept("Kept"))]);
    let _running = Running::on(&world.data());
    let output = world.run(&["saga", "retry", "kept"]);
    let text = stdout(&output);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(text.starts_with("attempt 2 goes on where attempt 1 ended: `skafu saga show kept"), "{text}");
    let shown = wait_for(&world, "kept", "succeeded");
    let names: Vec<_> = shown["executions"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert!(names.contains(&&json!("prj-kept-2")), "{names:?}");
}

#[test]
fn the_next_start_carries_out_what_was_asked_of_a_system_that_rested() {
    let world = World::new();
    sagas::write(&world, vec![("acme/PROJECT#stuck", stuck("Stuck"))]);
    let text = stdout(&world.run(&["saga", "retry", "stuck"]));
    assert_eq!(text, "attempt 1 is undone once more: it begins once the system runs: `skafu dev`\n");
    let _running = Running::on(&world.data());
    let shown = wait_for(&world, "stuck", "compensated");
    let names: Vec<_> = shown["executions"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert!(names.contains(&&json!("prj-stuck-1-undo-asked-1")), "{names:?}");
}
