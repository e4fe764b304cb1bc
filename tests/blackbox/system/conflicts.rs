//! Several writers at once: a command takes effect once, and who has seen an older version hears of it.

use std::thread;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{ALICE, Answer, Api, BUILT_IN, Made, World, create_project};

const CLIENTS: usize = 8;

fn update(made: &Made, seen: u64, strategy: Option<&str>, change: Value) -> Value {
    let mut data = change;
    data["projectId"] = json!(made.id);
    let mut body = json!({ "commandId": Uuid::now_v7(), "expectedVersion": seen, "data": data });
    if let Some(strategy) = strategy {
        body["conflictStrategy"] = json!(strategy);
    }
    body
}

/// Sends all of them at once.
fn at_once(api: &Api, command: &str, bodies: &[Value]) -> Vec<Answer> {
    thread::scope(|scope| {
        let send = |body| scope.spawn(move || api.command(command, body));
        let sent: Vec<_> = bodies.iter().map(send).collect();
        sent.into_iter().map(|answer| answer.join().unwrap()).collect()
    })
}

#[test]
fn a_command_sent_many_times_at_once_takes_effect_once() {
    let world = World::new();
    let api = world.api(ALICE);
    let body = create_project("Demo", BUILT_IN, json!({}));
    let answers = at_once(&api, "project/CreateProject", &vec![body; CLIENTS]);
    let made: Vec<_> = answers
        .into_iter()
        .map(|answer| {
            assert_eq!(answer.status, 202, "{answer:?}");
            Made::of(answer.body)
        })
        .collect();
    assert!(made.iter().all(|it| it.answer == made[0].answer), "the same answer to each");
    let project = made[0].ready(&api);
    assert_eq!(project["totalEvents"], 5);
    let list = api.ask("{ projects { items { id } } }", json!({}));
    assert_eq!(list["projects"]["items"], json!([{ "id": made[0].id }]));
    assert_eq!(world.repositories(ALICE.tenant, &made[0]).len(), 1);
}

#[test]
fn of_many_who_have_seen_the_same_version_one_is_first() {
    let world = World::new();
    let api = world.api(ALICE);
    let made = Made::accepted(&api, &create_project("Demo", BUILT_IN, json!({})));
    let seen = made.ready(&api)["totalEvents"].as_u64().unwrap();
    let bodies: Vec<_> =
        (0..CLIENTS).map(|at| update(&made, seen, None, json!({ "name": format!("Name {at}") }))).collect();

    let answers = at_once(&api, "project/UpdateProject", &bodies);
    let (won, lost): (Vec<_>, Vec<_>) = answers.iter().zip(0..).partition(|(answer, _)| answer.status == 200);
    let [(first, at)] = won[..] else { panic!("{answers:?}") };
    assert_eq!(first.body["version"], seen + 1);
    for (answer, _) in &lost {
        assert_eq!((answer.status, answer.problem()), (409, "CONFLICT"), "{answer:?}");
        assert_eq!(answer.body["currentVersion"], seen + 1, "{answer:?}");
        assert_eq!(answer.body["changedFields"], json!(["name"]), "{answer:?}");
    }
    let token = first.body["consistencyToken"].as_str().unwrap();
    assert_eq!(made.seen(&api.after(token))["name"], format!("Name {at}"));
    assert_eq!(world.tables().history(&world.stream(&made)).version(), seen + 1, "the others wrote nothing");
}

#[test]
fn who_has_seen_an_older_version_chooses_what_becomes_of_the_command() {
    let world = World::new();
    let api = world.api(ALICE);
    let made = Made::accepted(&api, &create_project("Demo", BUILT_IN, json!({})));
    let seen = made.ready(&api)["totalEvents"].as_u64().unwrap();
    let send =
        |strategy, change| api.command("project/UpdateProject", &update(&made, seen, strategy, change));
    assert_eq!(send(None, json!({ "name": "Theirs" })).status, 200);

    let refused = send(Some("reject"), json!({ "description": "Mine" }));
    assert_eq!((refused.status, refused.problem()), (409, "CONFLICT"));
    let overlapping = send(Some("merge"), json!({ "name": "Mine" }));
    assert_eq!((overlapping.status, overlapping.problem()), (409, "CONFLICT"));
    assert_eq!(overlapping.body["changedFields"], json!(["name"]));
    let merged = send(Some("merge"), json!({ "description": "Mine" }));
    assert_eq!(merged.status, 200, "{merged:?}");
    let last = send(Some("lastWriteWins"), json!({ "name": "Mine" }));
    assert_eq!((last.status, &last.body["version"]), (200, &json!(seen + 3)), "{last:?}");

    let now = made.seen(&api.after(last.body["consistencyToken"].as_str().unwrap()));
    assert_eq!((&now["name"], &now["description"]), (&json!("Mine"), &json!("Mine")));
}
