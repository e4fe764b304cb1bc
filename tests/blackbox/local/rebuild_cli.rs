//! `skafu views rebuild` while the system runs, is written to and asked, and the rebuild is killed again
//! and again: whoever has written something sees it, all the time, and in the end every row is right.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{ALICE, Api, BUILT_IN, Home, Made, create_project};

const SEEN: &str = "query($id: ID!) {
    project(id: $id) { name }
    projects(limit: 100) { items { id name } }
}";

fn kills() -> usize {
    if std::env::var("SKAFU_SOAK").is_ok_and(|soak| soak == "1") { 200 } else { 20 }
}

/// Somebody who renames a project and looks at it, again and again, until told to stop. How often.
fn write_and_look(api: &Api, made: &Made, over: &AtomicBool) -> usize {
    let mut token = made.token.clone();
    for at in 0.. {
        let name = format!("Renamed {at}");
        let body = json!({
            "commandId": Uuid::now_v7(), "data": { "projectId": made.id, "name": format!("{name} {}", made.id) }
        });
        let answer = api.after(&token).command("project/UpdateProject", &body);
        assert_eq!(answer.status, 200, "{answer:?}");
        token = answer.body["consistencyToken"].as_str().unwrap().to_owned();
        let name = json!(format!("{name} {}", made.id));
        let data = api.after(&token).ask(SEEN, json!({ "id": made.id }));
        assert_eq!(data["project"]["name"], name, "{data}");
        let items = data["projects"]["items"].as_array().unwrap();
        let of_list: Vec<&Value> =
            items.iter().filter(|it| it["id"] == made.id).map(|it| &it["name"]).collect();
        assert_eq!(of_list, [&name], "{data}");
        if over.load(Ordering::SeqCst) {
            return at + 1;
        }
    }
    0
}

/// Rebuilds a view as often as it is killed, and once more to its end.
fn rebuild_and_kill(home: &Home, view: &str, kills: usize) -> usize {
    let (mut killed, mut random) = (0, 0x5eed_usize);
    for _ in 0..kills {
        let mut child = home.skafu(&["views", "rebuild", view, "--json"]).spawn().unwrap();
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        thread::sleep(Duration::from_millis(20 + (random >> 33) as u64 % 250));
        killed += usize::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    let done = home.run(&["views", "rebuild", view, "--json"]);
    assert!(done.succeeded(), "{done:?}");
    let answer = done.json();
    assert_eq!(answer["active"], answer["generation"], "{answer}");
    assert!(answer["sample"].as_array().unwrap().iter().all(|it| it["same"] == true), "{answer}");
    killed
}

#[test]
fn views_are_rebuilt_under_writes_and_kills_and_nobody_sees_a_world_without_their_own_last_write() {
    let home = Home::new();
    let dev = home.dev();
    let api = dev.api(&home.token(ALICE));
    let made: Vec<Made> = (0..3)
        .map(|at| Made::accepted(&api, &create_project(&format!("Demo {at}"), BUILT_IN, json!({}))))
        .collect();
    made.iter().for_each(|it| drop(it.ready(&api)));
    let over = AtomicBool::new(false);
    let (looks, killed) = thread::scope(|scope| {
        let writers: Vec<_> =
            made.iter().map(|made| scope.spawn(|| write_and_look(&api, made, &over))).collect();
        let killed = thread::scope(|rebuilds| {
            let one = rebuilds.spawn(|| rebuild_and_kill(&home, "project", kills() / 2));
            let killed = rebuild_and_kill(&home, "user", kills().div_ceil(2));
            killed + one.join().unwrap()
        });
        over.store(true, Ordering::SeqCst);
        (writers.into_iter().map(|it| it.join().unwrap()).sum::<usize>(), killed)
    });
    println!("{killed} rebuilds were killed, during {looks} writes with a look each");
    assert!(looks > 10 && killed > kills() / 2, "{looks} looks, {killed} kills");
    for view in ["project", "user", "analytics", "template", "activity", "operation"] {
        let done = home.run(&["views", "verify", view, "--json"]);
        assert!(done.succeeded(), "{done:?}");
        assert_eq!(done.json()["wrong"], 0, "{done:?}");
    }
}

#[test]
fn a_view_is_rebuilt_rolled_back_and_told_of_with_and_without_a_running_system() {
    let home = Home::new();
    let dev = home.dev();
    let api = dev.api(&home.token(ALICE));
    let made = Made::accepted(&api, &create_project("Demo", BUILT_IN, json!({})));
    made.ready(&api);
    let run = |arguments: &[&str]| {
        let done = home.run(&[&["views"], arguments, &["--json"]].concat());
        assert!(done.succeeded() && done.stderr.is_empty(), "{done:?}");
        done.json()
    };
    let dry = run(&["rebuild", "project", "--dry-run"]);
    assert_eq!((&dry["unfoldable"], &dry["aggregates"]), (&json!(0), &json!(1)), "{dry}");
    for scope in [
        &["--tenant", "acme"][..],
        &["--kind", "project"],
        &["--event-type", "ProjectUpdate"],
        &["--event-type", "TemplateCreated"],
        &["--from", "2026-02-01T00:00:00Z", "--to", "2026-01-01T00:00:00Z"],
        &["--aggregate", "acme/PROJECT#x", "--tenant", "other"],
    ] {
        let refused = home.run(&[&["views", "rebuild", "project", "--json"], scope].concat());
        assert_eq!(refused.error()["code"], "VALIDATION_ERROR", "{scope:?}");
    }
    assert_eq!(run(&["rebuild", "project", "--keep", "1h"])["generation"], 2);
    assert_eq!(made.seen(&api)["name"], "Demo");
    let again = run(&["rebuild", "project", "--aggregate", &made.id, "--tenant", ALICE.tenant]);
    assert_eq!((&again["selected"], &again["wrong"], &again["written"]), (&json!(1), &json!(0), &json!(0)));
    assert_eq!(run(&["rollback", "project"]), json!({ "view": "project", "generation": 1, "before": 2 }));
    assert_eq!(made.seen(&api)["name"], "Demo");
    assert!(dev.stop().success());
    let status = run(&["status", "project"]);
    let told = &status["views"][0];
    assert_eq!((&told["view"], &told["stale"]), (&json!("project"), &json!(false)), "{status}");
    let states: Vec<_> =
        told["generations"].as_array().unwrap().iter().map(|it| &it["state"]["name"]).collect();
    assert_eq!(states, ["kept", "active"], "{status}");
    assert_eq!(run(&["rebuild", "activity"])["generation"], 2);
    assert_eq!(run(&["verify", "activity"])["wrong"], 0);
}

#[test]
fn what_cannot_be_done_is_refused_with_the_way_out() {
    let home = Home::new();
    let dev = home.dev();
    let refused = |arguments: &[&str]| {
        let done = home.run(&[&["views"], arguments, &["--json"]].concat());
        assert!(!done.succeeded(), "{done:?}");
        done.json()["error"]["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(refused(&["rebuild", "projects"]), "UNKNOWN_VIEW");
    assert_eq!(refused(&["rollback", "project"]), "NO_ROLLBACK");
    assert_eq!(refused(&["rebuild", "project", "--aggregate", "nobody"]), "NOT_FOUND");
    assert_eq!(refused(&["verify", "../project"]), "UNKNOWN_VIEW");
    assert!(dev.stop().success());
}
