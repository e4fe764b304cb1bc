//! Who sent it: what comes over HTTP can never pass for what comes from inside.

use crate::support::{World, acme, ada, command_event, project};
use serde_json::{Value, json};
use skafu_domain::Principal;
use uuid::Uuid;

/// What only the saga may say.
fn begin_provisioning(project_id: &str) -> Value {
    let data = json!({
        "projectId": project_id, "attempt": 1
    });
    json!({ "commandId": Uuid::now_v7(), "data": data })
}

/// The saga saying it.
fn internal(project_id: &str) -> Value {
    json!({
        "principal": Principal::saga(acme()),
        "context": "project",
        "command": "BeginProvisioning",
        "body": begin_provisioning(project_id)
    })
}

#[tokio::test]
async fn the_saga_is_heard_from_inside() {
    let world = World::new().await;
    let id = world.create_project(&ada(), "Shop", "tiny").await;
    let answer = world.commands.handle(internal(&id)).await.unwrap();
    assert_eq!(answer["accepted"]["version"], 2, "{answer}");
}

#[tokio::test]
async fn what_the_saga_says_no_person_can_say() {
    let world = World::new().await;
    let id = world.create_project(&ada(), "Shop", "tiny").await;
    world
        .post(&ada(), "project", "BeginProvisioning", &begin_provisioning(&id))
        .await
        .refused(403, "FORBIDDEN");
}

#[tokio::test]
async fn an_http_body_that_looks_like_an_inside_command_is_only_a_body() {
    let world = World::new().await;
    let id = world.create_project(&ada(), "Shop", "tiny").await;
    let refused = world.post(&ada(), "project", "BeginProvisioning", &internal(&id)).await;
    refused.refused(400, "VALIDATION_ERROR");
    assert_eq!(world.store.all_commits().len(), 4);
}

#[tokio::test]
async fn extra_fields_of_an_http_event_change_nothing() {
    let world = World::new().await;
    let id = world.create_project(&ada(), "Shop", "tiny").await;
    let body = begin_provisioning(&id).to_string();
    let mut event = command_event(Some(&ada()), "project", "BeginProvisioning", &body);
    for (name, value) in internal(&id).as_object().unwrap() {
        if name != "body" {
            event[name] = value.clone();
        }
    }
    world.invoke(event.clone()).await.refused(403, "FORBIDDEN");
    // Nor does a body that is no text, or a context that is no context.
    event["body"] = begin_provisioning(&id);
    assert!(world.commands.handle(event.clone()).await.is_err());
    event["requestContext"] = Value::Null;
    assert!(world.commands.handle(event.clone()).await.is_err());
    event.as_object_mut().unwrap().remove("requestContext");
    assert!(world.commands.handle(event).await.is_err());
    assert_eq!(world.store.all_commits().len(), 4);
}

#[tokio::test]
async fn an_inside_command_has_its_own_fields_and_no_others() {
    let world = World::new().await;
    let id = world.create_project(&ada(), "Shop", "tiny").await;
    let mut more = internal(&id);
    more["requestContext"] = json!({});
    let mut surprise = internal(&id);
    surprise["surprise"] = json!(1);
    let mut principal = internal(&id);
    principal["principal"]["email"] = json!("saga@example.com");
    let mut role = internal(&id);
    role["principal"]["roles"] = json!(["Root"]);
    let mut tenant = internal(&id);
    tenant["principal"]["tenant"] = json!("a/b");
    let mut less = internal(&id);
    less.as_object_mut().unwrap().remove("principal");
    for event in [more, surprise, principal, role, tenant, less, json!({}), json!([]), Value::Null] {
        assert!(world.commands.handle(event.clone()).await.is_err(), "{event}");
    }
    assert_eq!(world.store.all_commits().len(), 4);
}

#[tokio::test]
async fn the_saga_may_not_ask_for_projects() {
    let world = World::new().await;
    let refused =
        world.send_as(Principal::saga(acme()), "project", "CreateProject", project("X", "tiny")).await;
    let Err(skafu_functions::gateway::GatewayError::Refused(problem)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!((problem.status, problem.code.as_str()), (403, "FORBIDDEN"));
}
