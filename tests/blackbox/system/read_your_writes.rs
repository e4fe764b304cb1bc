//! A question right after a command, with the token of its answer: it never shows what was before.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{ALICE, BUILT_IN, Made, Person, World, create_project};

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
    let world = World::new();
    let api = world.api(ALICE);
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
fn a_token_is_of_use_to_its_holder_and_nobody_else() {
    let world = World::new();
    let api = world.api(ALICE);
    let made = Made::accepted(&api, &create_project("Demo", BUILT_IN, json!({})));
    let token = &*made.token;
    let question = json!({ "query": "{ projects { nextToken } }" }).to_string();
    for person in [Person { user: "bob", ..ALICE }, Person { tenant: "zenith", ..ALICE }] {
        let other = world.api(person).after(token);
        let answer = other.post("/graphql", question.as_bytes());
        assert_eq!((answer.status, answer.error()), (400, "INVALID_CONSISTENCY_TOKEN"));
        let answer = other.command("project/CreateProject", &create_project("Other", BUILT_IN, json!({})));
        assert_eq!((answer.status, answer.problem()), (400, "INVALID_CONSISTENCY_TOKEN"));
    }
    assert_eq!(api.after(token).post("/graphql", question.as_bytes()).status, 200);
}
