//! The past of a project, as frontends ask for it and as operators look at it.

use std::collections::BTreeMap;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{ALICE, Api, BUILT_IN, Made, World, create_project};

const AS_OF: &str = "query($id: ID!, $at: ProjectMoment!) { projectAsOf(id: $id, at: $at) {
    name status totalEvents ownerId repository { initialCommitId }
} }";
const HISTORY: &str = "query($id: ID!, $next: String) { projectHistory(id: $id, limit: 1, nextToken: $next) {
    items { version at userId commandId events { version type data } }
    nextToken
} }";

/// Sends a command, and returns the API for whoever must see what it did.
fn manage(api: &Api, command: &str, data: Value) -> Api {
    let answer =
        api.command(&format!("project/{command}"), &json!({ "commandId": Uuid::now_v7(), "data": data }));
    assert_eq!(answer.status, 200, "{answer:?}");
    api.after(answer.body["consistencyToken"].as_str().unwrap())
}

fn as_of(api: &Api, id: &str, at: &Value) -> Value {
    api.ask(AS_OF, json!({ "id": id, "at": at }))["projectAsOf"].take()
}

/// Every commit, one a page, newest first.
fn history(api: &Api, id: &str) -> Vec<Value> {
    let (mut entries, mut next) = (Vec::new(), Value::Null);
    loop {
        let mut page = api.ask(HISTORY, json!({ "id": id, "next": next }))["projectHistory"].take();
        let items = page["items"].as_array().unwrap();
        assert_eq!(items.len(), 1, "{page}");
        entries.extend(items.clone());
        next = page["nextToken"].take();
        if next.is_null() {
            return entries;
        }
    }
}

/// What `skafu aggregate show --at` prints, as far as `projectAsOf` tells it, too.
fn shown(world: &World, id: &str, at: &str) -> Value {
    let tenant = world.tenant(ALICE.tenant);
    let done = world.operator(&["aggregate", "show", id, "--tenant", &tenant, "--at", at, "--json"]);
    assert!(done.succeeded() && done.stderr.is_empty(), "{at}: {done:?}");
    let shown = done.json();
    let (state, version) = (&shown["state"], &shown["version"]);
    assert_eq!(shown["events"].as_array().unwrap().len() as u64, version.as_u64().unwrap());
    let commit = state["repository"].get("initialCommitId");
    json!({
        "name": state["created"]["name"], "status": state["status"], "totalEvents": version,
        "ownerId": state["created"]["ownerId"], "repository": commit.map(|it| json!({ "initialCommitId": it })),
    })
}

fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Every moment worth a look: what the command line takes, and what GraphQL takes, by the version meant.
fn moments(history: &[Value]) -> Vec<(String, Value, u64)> {
    let last = history[0]["version"].as_u64().unwrap();
    let mut moments: Vec<_> =
        (1..=last).map(|version| (version.to_string(), json!({ "version": version }), version)).collect();
    // Of commits of the same millisecond, a time means the last.
    let entries = history.iter().rev().map(|entry| {
        let at: DateTime<Utc> = entry["at"].as_str().unwrap().parse().unwrap();
        (at, entry["version"].as_u64().unwrap())
    });
    let by_time: BTreeMap<DateTime<Utc>, u64> = entries.collect();
    let times: Vec<_> = by_time.into_iter().collect();
    for (at, (time, version)) in times.iter().enumerate() {
        let next = times.get(at + 1).map_or(*time + TimeDelta::days(1), |(next, _)| *next);
        for time in [*time, *time + (next - *time) / 2, next - TimeDelta::milliseconds(1)] {
            moments.push((text(time), json!({ "time": text(time) }), *version));
        }
    }
    moments
}

#[test]
fn whoever_looks_back_sees_the_same_past() {
    let world = World::new();
    let api = world.api(ALICE);
    let made = Made::accepted(&api, &create_project("Before", BUILT_IN, json!({ "runtime": "python3.12" })));
    made.ready(&api);
    let id = made.id.as_str();
    let api = manage(&api, "UpdateProject", json!({ "projectId": id, "name": "After" }));
    let api = manage(&api, "ArchiveProject", json!({ "projectId": id }));

    let entries = history(&api, id);
    let types: Vec<_> = entries.iter().flat_map(|entry| entry["events"].as_array().unwrap()).collect();
    let types: Vec<_> = types.iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(&types[..2], ["ProjectArchived", "ProjectUpdated"]);
    assert_eq!(types.last(), Some(&"ProjectCreated"));
    assert_eq!(entries[1]["events"][0]["data"]["changes"]["name"], "After");
    let commands: Vec<_> = entries.iter().map(|entry| &entry["commandId"]).collect();
    assert_eq!(commands.last(), Some(&&made.answer["commandId"]));

    let moments = moments(&entries);
    let mut statuses = Vec::new();
    for (operator, frontend, version) in &moments {
        let project = as_of(&api, id, frontend);
        assert_eq!(project["totalEvents"], *version, "{operator}");
        assert_eq!(shown(&world, id, operator), project, "{operator}");
        statuses.push(project["status"].as_str().unwrap().to_owned());
    }
    statuses.dedup();
    assert_eq!(&statuses[..4], ["draft", "configuring", "ready", "archived"]);
    let [now, before] = [types.len(), types.len() - 2].map(|at| as_of(&api, id, &json!({ "version": at })));
    assert_eq!((&now["name"], &before["name"]), (&json!("After"), &json!("Before")));
}

#[test]
fn outside_its_life_a_project_is_not_there_and_its_history_is() {
    let world = World::new();
    let api = world.api(ALICE);
    let made = Made::accepted(&api, &create_project("Short", BUILT_IN, json!({ "runtime": "python3.12" })));
    made.ready(&api);
    let id = made.id.as_str();
    let api = manage(&api, "DeleteProject", json!({ "projectId": id, "reason": "enough" }));
    let entries = history(&api, id);
    let last = entries[0]["version"].as_u64().unwrap();
    assert_eq!(entries[0]["events"][0]["type"], "ProjectDeleted");

    for time in ["2001-01-01T00:00:00Z", "2101-01-01T00:00:00Z"] {
        assert_eq!(as_of(&api, id, &json!({ "time": time })), Value::Null, "{time}");
    }
    assert_eq!(as_of(&api, id, &json!({ "version": last })), Value::Null);
    assert_eq!(as_of(&api, id, &json!({ "version": last - 1 }))["status"], "ready");

    // An operator is shown what there is of it.
    assert_eq!(shown(&world, id, &last.to_string())["status"], "deleted");
    let diff = [(last - 1).to_string(), last.to_string()];
    let tenant = world.tenant(ALICE.tenant);
    let diff = ["aggregate", "diff", id, &diff[0], &diff[1], "--tenant", &tenant, "--json"];
    let diff = world.operator(&diff).json();
    let changes = json!([
        { "path": "holds_name", "before": true, "after": false },
        { "path": "status", "before": "ready", "after": "deleted" },
    ]);
    assert_eq!(diff["changes"], changes);
    for (at, why) in [
        ("2001-01-01T00:00:00Z".to_owned(), "did not exist then".to_owned()),
        ((last + 1).to_string(), format!("has no version {}: its last is {last}", last + 1)),
    ] {
        let show = ["aggregate", "show", id, "--tenant", &tenant, "--at", &at, "--json"];
        let refused = world.operator(&show).error();
        assert_eq!(refused["code"], "NO_SUCH_VERSION");
        assert!(refused["message"].as_str().unwrap().contains(&why), "{refused}");
    }
}
