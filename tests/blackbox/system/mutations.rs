//! Commands as mutations: they reach the same function as those over REST, by the API's own rights.

use serde_json::{Value, json};

use crate::support::{ALICE, Api, BUILT_IN, Made, World, create_project};

const CREATE: &str = "mutation ($input: CreateProjectInput!) { createProject(input: $input) { __typename \
    ... on ProjectAccepted { id version commandId correlationId consistencyToken project { name status } } \
    ... on CommandError { code message } } }";
const UPDATE: &str = "mutation ($input: UpdateProjectInput!) { updateProject(input: $input) { __typename \
    ... on ProjectAccepted { version project { name } } \
    ... on ConflictError { code currentVersion changedFields } } }";

fn create(api: &Api, input: Value) -> Value {
    api.ask(CREATE, json!({ "input": input }))["createProject"].take()
}

#[test]
fn a_mutation_becomes_a_repository() {
    let world = World::new();
    let api = world.api(ALICE);
    let input = json!({ "name": "By mutation", "templateId": BUILT_IN });
    let accepted = create(&api, input);
    assert_eq!(accepted["__typename"], "ProjectAccepted", "{accepted}");
    assert_eq!(accepted["version"], 1);
    assert_eq!(accepted["project"]["name"], "By mutation", "seen at once, however far the views are");
    let answer = json!({ "aggregateId": accepted["id"], "consistencyToken": accepted["consistencyToken"] });
    let made = Made::of(answer);
    assert_eq!(made.seen(&api.after(&made.token))["name"], "By mutation");
    made.ready(&api);
}

#[test]
fn a_mutation_and_a_command_are_the_same_command() {
    let world = World::new();
    let api = world.api(ALICE);
    let body = create_project("Twice", BUILT_IN, json!({}));
    let made = Made::accepted(&api, &body);
    let mut input = body["data"].clone();
    input["commandId"] = body["commandId"].clone();
    let again = create(&api, input);
    assert_eq!(again["id"], made.answer["aggregateId"], "{again}");
}

#[test]
fn a_refused_mutation_says_why_as_data() {
    let world = World::new();
    let api = world.api(ALICE);
    let made = Made::accepted(&api, &create_project("Taken", BUILT_IN, json!({})));
    let taken = create(&api, json!({ "name": "taken", "templateId": BUILT_IN }));
    assert_eq!((&taken["__typename"], &taken["code"]), (&json!("AlreadyExistsError"), &json!("NAME_TAKEN")));
    made.ready(&api);
    let input = json!({ "projectId": made.id, "name": "Other", "expectedVersion": 1 });
    let late = api.ask(UPDATE, json!({ "input": input }))["updateProject"].take();
    assert_eq!((&late["__typename"], &late["code"]), (&json!("ConflictError"), &json!("CONFLICT")), "{late}");
}
