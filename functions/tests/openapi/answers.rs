//! What commands are answered, against what the document says they are.

use std::sync::Arc;

use crate::schemas::validator;
use crate::support::{
    Answer, Faults, Person, World, ada, alice, bob, command_event, project, text_files, vera, zoe,
};
use serde_json::{Value, json};
use skafu_functions::http::CONSISTENCY_TOKEN;
use skafu_functions::openapi;
use skafu_store::MemoryViewStore;
use uuid::Uuid;

/// Asserts that the document knows this answer to this command.
#[track_caller]
fn documented(context: &str, command: &str, answer: &Answer) {
    let path = format!("/commands/{context}/{command}");
    let responses = &openapi::document()["paths"][path]["post"]["responses"];
    let mut response = &responses[answer.status.to_string()];
    if let Some(target) = response["$ref"].as_str() {
        response = openapi::document().pointer(&target[1..]).unwrap();
    }
    let schema = &response["content"][&answer.content_type]["schema"];
    assert!(schema.is_object(), "{command} is not said to be answered so: {answer:?}");
    let wrong: Vec<_> = validator(schema).iter_errors(&answer.body).map(|it| it.to_string()).collect();
    assert!(wrong.is_empty(), "{command}: {wrong:?}: {answer:?}");
}

/// The statuses one person gets for these, each of which is documented.
async fn statuses(world: &World, person: Person, sent: &[(&str, &str, Value)]) -> Vec<u64> {
    let mut statuses = Vec::new();
    for (context, command, body) in sent {
        let answer = world.post(&person, context, command, body).await;
        documented(context, command, &answer);
        statuses.push(answer.status);
    }
    statuses
}

fn new(data: Value) -> Value {
    json!({ "commandId": Uuid::now_v7(), "data": data })
}

#[tokio::test]
async fn what_is_accepted_and_what_is_refused() {
    let world = World::new().await;
    let id = world.create_project(&alice(), "Shop", "tiny").await;
    let of = |mut data: Value| {
        data["projectId"] = json!(id);
        new(data)
    };
    let repeated = new(json!({ "templateId": "one", "name": "One" }));
    let mut changed = repeated.clone();
    changed["data"]["name"] = json!("Two");
    let mut stale = of(json!({ "description": "x" }));
    stale["expectedVersion"] = json!(7);
    let mut foreign = of(json!({}));
    foreign["userId"] = json!("bob");
    let sent = [
        ("project", "CreateProject", new(project("Other", "tiny")), 202),
        ("project", "CreateProject", new(project("Shop", "tiny")), 409),
        ("project", "CreateProject", new(project("More", "nowhere")), 422),
        ("project", "CreateProject", json!({ "data": { "name": 1, "x": 2 } }), 400),
        ("project", "CreateProject", json!([]), 400),
        ("project", "UpdateProject", of(json!({ "description": "y" })), 200),
        ("project", "UpdateProject", stale, 409),
        ("project", "UpdateProject", foreign, 403),
        ("project", "ArchiveProject", of(json!({})), 422),
        ("project", "ArchiveProject", new(json!({ "projectId": "nobody" })), 404),
        ("project", "RetryCompensation", of(json!({})), 403),
        ("project", "DeleteProject", of(json!({ "reason": "over" })), 200),
        ("template", "CreateTemplate", repeated.clone(), 200),
        ("template", "CreateTemplate", repeated, 200),
        ("template", "CreateTemplate", changed, 409),
        ("template", "UploadTemplateFiles", new(json!({ "templateId": "one", "files": [] })), 400),
        (
            "template",
            "UploadTemplateFiles",
            new(json!({ "templateId": "one", "files": text_files(&[("a.j2", "{% if %}")]) })),
            200,
        ),
        ("template", "PublishTemplate", new(json!({ "templateId": "one" })), 422),
        ("template", "PublishTemplate", new(json!({ "templateId": "two" })), 404),
    ];
    let expected: Vec<u64> = sent.iter().map(|it| it.3).collect();
    let sent: Vec<_> = sent.into_iter().map(|(context, command, body, _)| (context, command, body)).collect();
    assert_eq!(statuses(&world, alice(), &sent).await, expected);
}

#[tokio::test]
async fn every_example_by_everybody() {
    let world = World::new().await;
    for person in [ada(), alice(), bob(), vera(), zoe(), Person { groups: "[]", ..alice() }] {
        for spec in openapi::commands() {
            let path = format!("/commands/{}/{}", spec.context, spec.name);
            let content = &openapi::document()["paths"][path]["post"]["requestBody"]["content"];
            let example = &content["application/json"]["examples"]["example"]["value"];
            let answer = world.post(&person, spec.context, spec.name, example).await;
            documented(spec.context, spec.name, &answer);
            assert_ne!(answer.status, 400, "{}: {}", spec.name, answer.body);
        }
    }
}

#[tokio::test]
async fn who_is_nobody_what_is_no_body_and_what_is_too_much() {
    let world = World::new().await;
    let mut binary = command_event(Some(&alice()), "project", "CreateProject", "%");
    binary["isBase64Encoded"] = json!(true);
    for (event, status) in [
        (command_event(None, "project", "CreateProject", "{}"), 401),
        (command_event(Some(&alice()), "project", "CreateProject", "{"), 400),
        (binary, 400),
        (command_event(Some(&alice()), "project", "CreateProject", &" ".repeat(1024 * 1024 + 1)), 413),
    ] {
        let answer = world.invoke(event).await;
        assert_eq!(answer.status, status);
        documented("project", "CreateProject", &answer);
    }
}

#[tokio::test]
async fn a_token_of_somebody_else_and_a_store_that_does_not_answer() {
    let world = World::new().await;
    let mut event = command_event(Some(&alice()), "project", "CreateProject", "{}");
    event["headers"][CONSISTENCY_TOKEN] = json!("made.up");
    let with_tokens = World::with_tokens(Arc::new(MemoryViewStore::default()));
    let refused = with_tokens.invoke(event).await;
    assert_eq!(refused.code(), "INVALID_CONSISTENCY_TOKEN");
    documented("project", "CreateProject", &refused);

    world.store.suffer(Faults { failing: 100, ..Faults::default() });
    let refused = world.send(&alice(), "project", "CreateProject", project("Shop", "tiny")).await;
    assert_eq!(refused.status, 503);
    documented("project", "CreateProject", &refused);
}
