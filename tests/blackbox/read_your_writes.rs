//! A question right after a command, with the token of its answer: it never shows what was before.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "what fails here fails the test")]

mod support;

use serde_json::{Value, json};
use support::{ALICE, BUILT_IN, Home, Made, Person, create_project};
use uuid::Uuid;

const NAMES: &str = "query($id: ID!) {
    project(id: $id) { name }
    projects { items { name } }
    me { projectCount projects { items { name } } }
}";

fn update(id: &str, name: &str) -> Value {
    json!({ "commandId": Uuid::now_v7(), "data": { "projectId": id, "name": name } })
}

#[test]
fn a_question_right_after_a_command_is_never_stale() {
    let home = Home::new();
    let dev = home.dev();
    let api = dev.api(&home.token(ALICE));
    let made = Made::accepted(&api, &create_project("Demo", BUILT_IN, json!({})));
    let mut token = made.token.clone();
    let seen = |token: &str| {
        let data = api.after(token).ask(NAMES, json!({ "id": made.id }));
        assert_eq!(data["me"]["projectCount"], 1, "{data}");
        let names = ["/project", "/projects/items/0", "/me/projects/items/0"];
        names.map(|at| data.pointer(&format!("{at}/name")).unwrap_or(&Value::Null).clone())
    };
    assert_eq!(seen(&token), [(); 3].map(|()| json!("Demo")));
    made.ready(&api);
    for at in 0..50 {
        let name = format!("Demo {at}");
        let answer = api.after(&token).command("project/UpdateProject", &update(&made.id, &name));
        assert_eq!(answer.status, 200, "{answer:?}");
        token = answer.body["consistencyToken"].as_str().unwrap().to_owned();
        assert_eq!(seen(&token), [(); 3].map(|()| json!(name)));
    }
}

#[test]
fn a_token_is_of_use_to_nobody_else_and_outlives_the_process() {
    let home = Home::new();
    let dev = home.dev();
    let api = dev.api(&home.token(ALICE));
    let made = Made::accepted(&api, &create_project("Demo", BUILT_IN, json!({})));
    let token = &*made.token;
    let question = json!({ "query": "{ projects { nextToken } }" }).to_string();
    for person in [Person { user: "bob", ..ALICE }, Person { tenant: "zenith", ..ALICE }] {
        let other = dev.api(&home.token(person)).after(token);
        let answer = other.post("/graphql", question.as_bytes());
        assert_eq!((answer.status, answer.problem()), (400, "INVALID_CONSISTENCY_TOKEN"));
        let answer = other.command("project/CreateProject", &create_project("Other", BUILT_IN, json!({})));
        assert_eq!((answer.status, answer.problem()), (400, "INVALID_CONSISTENCY_TOKEN"));
    }
    assert!(dev.stop().success());
    let dev = home.dev();
    let api = dev.api(&home.token(ALICE)).after(token);
    assert_eq!(api.post("/graphql", question.as_bytes()).status, 200);
}
