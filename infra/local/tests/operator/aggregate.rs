use serde_json::{Value, json};

use crate::sagas::{asked, write_commits};
use crate::world::{World, stderr, stdout};

#[test]
fn an_aggregate_is_shown_as_it_stands_with_all_that_happened() {
    let world = World::new();
    let (shown, ok) = world.json(&["aggregate", "show", &world.project]);
    assert!(ok);
    assert_eq!(
        (&shown["tenant"], &shown["kind"], &shown["id"]),
        (&json!("local"), &json!("project"), &json!(world.project))
    );
    assert_eq!((&shown["version"], &shown["currentVersion"]), (&json!(5), &json!(5)));
    assert_eq!(shown["state"]["status"], "ready");
    let events = shown["events"].as_array().unwrap();
    assert_eq!((&events[0]["eventType"], &events[0]["userId"]), (&json!("ProjectCreated"), &json!("local")));
    assert!(events[1]["userId"].as_str().unwrap().starts_with("system:"), "{}", events[1]);
    let text = stdout(&world.run(&["aggregate", "show", &world.project]));
    assert!(text.contains("version 5 of 5\n") && text.contains("5 events\n"), "{text}");
    assert!(text.lines().any(|line| line.starts_with("    1  ") && line.ends_with("  local")), "{text}");
}

#[test]
fn every_way_to_name_an_aggregate_leads_to_it() {
    let world = World::new();
    let id = &world.project;
    let kind = |arguments: &[&str]| {
        let (shown, _) = world.json(&[&["aggregate", "show"], arguments].concat());
        shown["kind"].as_str().map(str::to_owned)
    };
    assert_eq!(kind(&[id, "--kind", "repository"]).as_deref(), Some("repository"));
    assert_eq!(kind(&[&format!("REPOSITORY#{id}")]).as_deref(), Some("repository"));
    assert_eq!(kind(&[&format!("local/PROJECT#{id}")]).as_deref(), Some("project"));
    assert_eq!(kind(&["sam-python-api", "--tenant", "_shared"]).as_deref(), Some("template"));
}

#[test]
fn an_aggregate_is_shown_as_it_stood_at_a_version_or_a_time() {
    let world = World::new();
    let (first, _) = world.json(&["aggregate", "show", &world.project, "--at", "1"]);
    assert_eq!((&first["version"], &first["state"]["status"]), (&json!(1), &json!("draft")));
    assert_eq!(first["events"].as_array().map(Vec::len), Some(1));
    let text = stdout(&world.run(&["aggregate", "show", &world.project, "--at", "1"]));
    assert!(text.contains("version 1 of 5\n") && text.contains("\n1 event\n"), "{text}");

    let (now, _) = world.json(&["aggregate", "show", &world.project]);
    let events = now["events"].as_array().unwrap();
    for event in events {
        let time = event["timestamp"].as_str().unwrap();
        let by_then = events.iter().filter(|it| it["timestamp"].as_str().unwrap() <= time).count();
        let (then, _) = world.json(&["aggregate", "show", &world.project, "--at", time]);
        assert_eq!(then["version"], by_then, "{time}");
    }
    for (moment, why) in [
        ("2020-01-01T00:00:00Z", "did not exist then: its first event is of"),
        ("0", "did not exist then"),
        ("6", "has no version 6: its last is 5"),
    ] {
        let refused = world.run(&["aggregate", "show", &world.project, "--at", moment]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(stderr(&refused).contains(why), "{}", stderr(&refused));
    }
}

#[test]
fn a_diff_names_the_fields_that_changed_with_both_values() {
    let world = World::new();
    let (diff, ok) = world.json(&["aggregate", "diff", &world.project, "1", "5"]);
    assert!(ok);
    let change =
        |path: &str| diff["changes"].as_array().unwrap().iter().find(|it| it["path"] == path).cloned();
    assert_eq!(change("status"), Some(json!({ "path": "status", "before": "draft", "after": "ready" })));
    assert_eq!(change("created.name"), None);
    let branch = change("repository.defaultBranch").unwrap();
    assert_eq!((branch.get("before"), &branch["after"]), (None, &json!("main")));
    let text = stdout(&world.run(&["aggregate", "diff", &world.project, "5", "1"]));
    assert!(text.contains("\n~ status: \"ready\" -> \"draft\"\n"), "{text}");
    assert!(text.contains("\n- repository.defaultBranch: \"main\"\n"), "{text}");
    let (nothing, _) = world.json(&["aggregate", "diff", &world.project, "5", "5"]);
    assert_eq!(nothing["changes"], Value::Array(Vec::new()));
}

#[test]
fn a_version_inside_a_commit_is_a_version_too() {
    let world = World::new();
    let begun = vec![
        ("ProjectCreationStarted", json!({ "attempt": 1 })),
        (
            "ProjectUpdated",
            json!({
                "changes": { "description": "new" }, "previousValues": {}
            }),
        ),
    ];
    write_commits(&world, vec![("local/PROJECT#p", vec![asked("P", "compensate"), begun])]);
    let (inside, ok) = world.json(&["aggregate", "show", "p", "--at", "2"]);
    let (whole, _) = world.json(&["aggregate", "show", "p", "--at", "3"]);
    assert!(ok);
    assert_eq!(inside["events"][1]["commandId"], whole["events"][2]["commandId"], "one commit");
    assert_eq!(
        (&inside["state"]["status"], &inside["state"]["created"]["description"]),
        (&json!("configuring"), &json!(null))
    );
    assert_eq!(whole["state"]["created"]["description"], "new");
}

#[test]
fn what_is_no_moment_is_refused_as_one() {
    let world = World::new();
    for moment in ["-1", "2026-01-31", "yesterday", "1.5"] {
        for arguments in [
            &["aggregate", "show", &world.project, "--at", moment][..],
            &["aggregate", "diff", &world.project, moment, "2"],
            &["aggregate", "diff", &world.project, "2", moment],
        ] {
            let refused = world.run(arguments);
            assert_eq!(refused.status.code(), Some(2), "{arguments:?}");
            let why = stderr(&refused);
            assert!(why.contains("must be a version, or a time as in RFC 3339"), "{arguments:?}: {why}");
        }
    }
}

#[test]
fn an_id_nobody_has_is_said_to_be_unknown() {
    let world = World::new();
    let (answer, ok) = world.json(&["aggregate", "show", "nobody"]);
    assert!(!ok);
    assert_eq!(answer["error"]["code"], "NOT_FOUND");
    let message = answer["error"]["message"].as_str().unwrap();
    assert!(message.starts_with("there is no local/PROJECT#nobody, nor local/TEMPLATE#nobody"), "{message}");
}
