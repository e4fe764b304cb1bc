//! An aggregate that a view cannot fold is parked, told of, and brought up to date again.

use serde_json::{Value, json};

use crate::support::{ALICE, Api, BUILT_IN, Made, World, create_project, eventually};

fn ready(api: &Api, name: &str) -> Made {
    let made = Made::accepted(api, &create_project(name, BUILT_IN, json!({ "runtime": "python3.12" })));
    made.ready(api);
    made
}

/// What is said of a project among all that the view has parked.
fn parked(world: &World, made: &Made) -> Option<Value> {
    let done = world.operator(&["views", "parked", "project", "--json"]);
    assert!(done.succeeded() && done.stderr.is_empty(), "{done:?}");
    done.json()["parked"].as_array().unwrap().iter().find(|row| row["id"] == made.id).cloned()
}

#[test]
fn a_project_with_an_event_nobody_knows_is_parked_until_it_can_be_folded() {
    let mut world = World::new();
    world.target_mut().hasten_retries();
    let api = world.api(ALICE);
    let (stuck, other) = (ready(&api, "Stuck"), ready(&api, "Other"));
    assert_eq!(parked(&world, &stuck), None);

    let (stream, tenant) = (world.stream(&stuck), world.tenant(ALICE.tenant));
    let tables = world.tables();
    let change = |name: &str| json!({ "changes": { "name": name }, "previousValues": {} });
    let unknown = tables.append(&stream, "ProjectTeleported", change("Far away"));
    let row = eventually("the parked project", || parked(&world, &stuck));
    for (field, value) in [
        ("view", json!("project")),
        ("tenant", json!(tenant)),
        ("kind", json!("project")),
        ("id", json!(stuck.id)),
        ("receives", json!(3)),
    ] {
        assert_eq!(row[field], value, "{field} of {row}");
    }
    assert_eq!(row["event"]["eventType"], "ProjectTeleported");
    assert_eq!(row["event"]["aggregateVersion"], unknown);
    let text = world.operator(&["views", "parked"]).stdout;
    assert!(text.contains(&format!("project  {stream}\n  version {unknown}: ProjectTeleported")), "{text}");

    // Others flow, and what happens to it meanwhile waits.
    tables.append(&stream, "ProjectUpdated", change("Late"));
    tables.append(&world.stream(&other), "ProjectUpdated", change("Moved on"));
    eventually("the other's new name", || (other.seen(&api)["name"] == "Moved on").then_some(()));
    assert_eq!(stuck.seen(&api)["name"], "Stuck");

    let release = ["views", "release", "project", &stuck.id, "--tenant", &tenant];
    let release_in_json = [&release[..], &["--json"]].concat();
    let still = world.operator(&release);
    assert_eq!(still.code, Some(1), "{still:?}");
    let reason = format!("{stream} stays parked: ProjectTeleported {unknown} ");
    assert!(still.stdout.starts_with(&reason), "{still:?}");
    assert!(parked(&world, &stuck).is_some());

    tables.mend(&stream, unknown, "ProjectUpdated");
    let done = world.operator(&release_in_json);
    assert!(done.succeeded(), "{done:?}");
    let outcome = json!({ "tenant": tenant, "kind": "project", "id": stuck.id, "outcome": "released" });
    assert_eq!(done.json(), json!({ "view": "project", "aggregates": [outcome] }));
    eventually("everything that was missed", || (stuck.seen(&api)["name"] == "Late").then_some(()));
    eventually("the end of being parked", || parked(&world, &stuck).is_none().then_some(()));
    assert_eq!(world.operator(&release_in_json).error()["code"], "NOT_PARKED");
}
