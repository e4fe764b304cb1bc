//! What becomes of a creation that does not go well: kept and tried again, or given up in the midst of it.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{ALICE, Api, BUILT_IN, Made, World, create_project, eventually, publish_template};

/// Cannot be rendered: nobody has rehearsed the choice.
const BROKEN: &[(&str, &str)] = &[
    (
        "template.json",
        r#"{"name": "T", "parameters": [{"name": "mode", "type": "choice", "choices": ["plain", "broken"]}]}"#,
    ),
    ("README.md.j2", "{% if mode == 'broken' %}{{ absent }}{% endif %}\n"),
];

/// The same, mended.
const MENDED: &str = "# {{ project_name }}\n";

/// What came of a request, once nothing more will.
fn ended(api: &Api, made: &Made) -> Value {
    let query = "query ($id: ID!) { operation(correlationId: $id) {
        status endedAt steps { name status attempt startedAt at output error { code } } } }";
    let id = &made.answer["correlationId"];
    eventually(&format!("the end of the request {id}"), || {
        let operation = api.ask(query, json!({ "id": id }))["operation"].take();
        operation["endedAt"].is_string().then_some(operation)
    })
}

fn command(api: &Api, name: &str, data: Value) -> u16 {
    api.command(&format!("project/{name}"), &json!({ "commandId": Uuid::now_v7(), "data": data })).status
}

#[test]
fn a_failed_creation_that_is_kept_goes_on_where_it_ended() {
    let world = World::new();
    let api = world.api(ALICE);
    publish_template(&api, "fragile", BROKEN);
    let mut body = create_project("Demo Shop", "fragile", json!({ "mode": "broken" }));
    body["data"]["options"] = json!({ "onFailure": "keepForRetry" });
    let made = Made::accepted(&api, &body);
    let project = made.settled(&api);
    assert_eq!((&project["status"], &project["creation"]["state"]), (&json!("failed"), &json!("kept")));
    assert_eq!(project["creation"]["failedStep"], "RenderTemplate");
    assert_eq!(ended(&api, &made)["status"], "failed");
    let taken = api.command("project/CreateProject", &create_project("Demo Shop", "fragile", json!({})));
    assert_eq!((taken.status, taken.problem()), (409, "NAME_TAKEN"));

    let files = json!([{ "path": "README.md.j2", "text": MENDED }]);
    for (name, data) in [
        ("UploadTemplateFiles", json!({ "templateId": "fragile", "files": files })),
        ("PublishTemplate", json!({ "templateId": "fragile" })),
    ] {
        let body = json!({ "commandId": Uuid::now_v7(), "data": data });
        assert_eq!(api.command(&format!("template/{name}"), &body).status, 200);
    }
    assert_eq!(command(&api, "RetryProjectCreation", json!({ "projectId": made.id })), 202);
    let project = eventually("the second attempt", || {
        let project = made.seen(&api);
        (project["creation"]["state"] == "succeeded").then_some(project)
    });
    assert_eq!((&project["status"], &project["creation"]["attempt"]), (&json!("ready"), &json!(2)));
    assert_eq!(world.repositories(ALICE.tenant, &made).len(), 1);
    assert_eq!(command(&api, "RetryProjectCreation", json!({ "projectId": made.id })), 422);
}

#[test]
fn each_step_of_a_creation_tells_when_it_was_done_and_what_it_left() {
    let world = World::new();
    let api = world.api(ALICE);
    let made = Made::accepted(&api, &create_project("Demo Shop", BUILT_IN, json!({})));
    made.ready(&api);
    let operation = ended(&api, &made);
    let steps = operation["steps"].as_array().unwrap();
    let names: Vec<_> = steps.iter().map(|step| step["name"].as_str().unwrap()).collect();
    let expected = [
        "BeginProvisioning",
        "SelectTemplate",
        "RenderTemplate",
        "CreateRepository",
        "ConfigureRepository",
        "ConfigureProject",
    ];
    assert_eq!(names, expected);
    assert!(steps.iter().all(|step| step["status"] == "succeeded" && step["attempt"] == 1), "{operation}");
    assert!(steps.iter().all(|step| step["startedAt"].as_str() <= step["at"].as_str()), "{operation}");
    assert!(steps[1]["output"].as_str().unwrap().starts_with("sam-python-api@"), "{operation}");
}

#[test]
fn a_project_deleted_while_it_is_made_leaves_no_repository_and_no_name() {
    let world = World::new();
    let api = world.api(ALICE);
    for round in 0..5 {
        let made = Made::accepted(&api, &create_project("Demo Shop", BUILT_IN, json!({})));
        assert_eq!(command(&api, "DeleteProject", json!({ "projectId": made.id, "reason": "no" })), 200);
        let again = Made::accepted(&api, &create_project("demo shop", BUILT_IN, json!({})));
        again.ready(&api);
        let outcome = ended(&api, &made)["status"].take();
        // It may have been ready before it was deleted: then its repository stays.
        let left = usize::from(outcome == "succeeded");
        assert_eq!(world.repositories(ALICE.tenant, &made).len(), left, "round {round}: {outcome}");
        assert_eq!(command(&api, "DeleteProject", json!({ "projectId": again.id, "reason": "no" })), 200);
    }
}
