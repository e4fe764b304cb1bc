//! What the `commands` function does when it is asked for something that may happen.

use crate::support::{Faults, Seen, World, ada, alice, bob, project, types, vera, zoe};
use crate::support::{TINY_FILES, acme, command_event, text_files};
use serde_json::{Value, json};
use skafu_events::AggregateKind;
use uuid::Uuid;

fn body(command_id: Uuid, data: Value) -> Value {
    json!({ "commandId": command_id, "data": data })
}

#[tokio::test]
async fn a_project_is_created_with_one_event_and_the_answer_names_it() {
    let world = World::new().await;
    let (command, correlation) = (Uuid::now_v7(), Uuid::now_v7());
    let mut whole = body(command, project("My Shop", "tiny"));
    whole["correlationId"] = json!(correlation);
    whole["timestamp"] = json!("2025-01-18T10:30:00Z");
    let answer = world.post(&alice(), "project", "CreateProject", &whole).await;

    assert_eq!((answer.status, answer.content_type.as_str()), (202, "application/json"));
    let id = answer.body["aggregateId"].as_str().unwrap();
    assert_eq!(
        answer.body,
        json!({ "commandId": command, "correlationId": correlation, "aggregateId": id, "version": 1 })
    );
    let commits = world.commits(AggregateKind::Project, id);
    assert_eq!((commits.len(), types(&commits[0])), (1, vec!["ProjectCreated"]));
    let commit = &commits[0];
    assert_eq!((commit.command_id, commit.correlation_id), (command, correlation));
    assert_eq!((commit.user_id.as_str(), commit.stream.tenant()), ("alice", &acme()));
    assert_eq!(commit.events[0].data["name"], "My Shop");
    assert_eq!(commit.events[0].data["ownerId"], "alice");
}

#[tokio::test]
async fn a_new_command_costs_one_eventual_read_of_each_stream_it_needs_and_one_write() {
    let world = World::new().await;
    world.store.take_seen();
    world.create_project(&alice(), "Shop", "tiny").await;
    let eventual = Seen::Load(skafu_store::Consistency::Eventual);
    assert_eq!(world.store.take_seen(), [eventual, eventual, Seen::Append], "the project and its template");
}

#[tokio::test]
async fn correlation_defaults_to_the_command_itself() {
    let world = World::new().await;
    let command = Uuid::now_v7();
    let answer =
        world.post(&alice(), "project", "CreateProject", &body(command, project("Shop", "tiny"))).await;
    assert_eq!(answer.body["correlationId"], json!(command));
}

#[tokio::test]
async fn a_developer_makes_fills_and_publishes_a_template() {
    let world = World::empty();
    let create = json!({ "templateId": "tiny", "name": "Tiny" });
    let upload = json!({ "templateId": "tiny", "files": text_files(TINY_FILES) });
    let publish = json!({ "templateId": "tiny" });
    let steps = [("CreateTemplate", create), ("UploadTemplateFiles", upload), ("PublishTemplate", publish)];
    for ((command, data), version) in steps.into_iter().zip(1..) {
        let answer = world.send(&alice(), "template", command, data).await;
        assert_eq!(answer.status, 200, "{command}: {}", answer.body);
        assert_eq!((&answer.body["aggregateId"], &answer.body["version"]), (&json!("tiny"), &json!(version)));
    }
    let commits = world.commits(AggregateKind::Template, "tiny");
    let published = &commits[2].events[0];
    assert_eq!(published.event_type, "TemplatePublished");
    assert_eq!(published.data["fileCount"], 2);
    let parameters = published.data["parameters"].as_array().unwrap();
    let names: Vec<_> = parameters.iter().map(|parameter| parameter["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["port", "colour"]);
    assert!(commits[1].events[0].data["files"][0].get("text").is_none(), "contents stay outside events");
}

#[tokio::test]
async fn a_built_in_template_can_be_used_by_every_tenant() {
    let world = World::empty();
    world.publish_builtin("sam-python-api").await;
    for person in [alice(), zoe()] {
        world.create_project(&person, "Shop", "sam-python-api").await;
    }
}

#[tokio::test]
async fn what_the_configuration_says_counts_as_the_template_parameter_of_that_name() {
    let world = World::empty();
    world.publish_builtin("sam-python-api").await;
    let mut data = project("Shop", "sam-python-api");
    data["configuration"] = json!({ "runtime": "python3.12" });
    data["templateParameters"] = json!({ "memory": "512" });
    let answer = world.send(&alice(), "project", "CreateProject", data).await;
    let id = answer.body["aggregateId"].as_str().unwrap();
    let created = &world.commits(AggregateKind::Project, id)[0].events[0].data;
    assert_eq!(created["templateParameters"], json!({ "memory": 512, "runtime": "python3.12" }));
    assert_eq!(created["configuration"]["region"], "us-east-1", "the template's default");
}

#[tokio::test]
async fn a_repeated_command_gets_the_same_answer_and_no_second_commit() {
    let world = World::new().await;
    let whole = body(Uuid::now_v7(), project("Shop", "tiny"));
    let first = world.post(&alice(), "project", "CreateProject", &whole).await;
    let mut reordered = whole.clone();
    reordered["data"] = json!({ "templateId": "tiny", "name": "Shop" });
    let commits = world.store.all_commits().len();
    for again in [&whole, &reordered] {
        assert_eq!(world.post(&alice(), "project", "CreateProject", again).await, first);
    }
    assert_eq!(world.store.all_commits().len(), commits);
}

#[tokio::test]
async fn a_repeated_command_gets_its_own_answer_however_far_its_target_has_moved_on() {
    let world = World::new().await;
    let files = |text: &str| json!({ "templateId": "tiny", "files": text_files(&[("a", text)]) });
    let whole = body(Uuid::now_v7(), files("one"));
    let first = world.post(&alice(), "template", "UploadTemplateFiles", &whole).await;
    assert_eq!(world.send(&alice(), "template", "UploadTemplateFiles", files("two")).await.status, 200);
    assert_eq!(world.post(&alice(), "template", "UploadTemplateFiles", &whole).await, first);
    let mut expecting = whole.clone();
    expecting["expectedVersion"] = json!(3);
    assert_eq!(world.post(&alice(), "template", "UploadTemplateFiles", &expecting).await, first);
}

#[tokio::test]
async fn the_same_command_id_with_other_data_is_refused() {
    let world = World::new().await;
    let command = Uuid::now_v7();
    let one = body(command, project("Shop", "tiny"));
    let other = body(command, project("Other", "tiny"));
    assert_eq!(world.post(&alice(), "project", "CreateProject", &one).await.status, 202);
    let refused = world.post(&alice(), "project", "CreateProject", &other).await;
    refused.refused(409, "IDEMPOTENCY_MISMATCH");
    assert_eq!(world.commits_of(command).len(), 1);
}

#[tokio::test]
async fn command_ids_of_different_people_do_not_meet() {
    let world = World::new().await;
    let command = Uuid::now_v7();
    let one = world.post(&alice(), "project", "CreateProject", &body(command, project("A", "tiny"))).await;
    let other = world.post(&bob(), "project", "CreateProject", &body(command, project("B", "tiny"))).await;
    assert_eq!((one.status, other.status), (202, 202));
    assert_ne!(one.body["aggregateId"], other.body["aggregateId"]);
}

#[tokio::test]
async fn what_is_so_already_is_accepted_and_nothing_happens() {
    let world = World::new().await;
    let commits = world.store.all_commits().len();
    let answer = world.send(&alice(), "template", "PublishTemplate", json!({ "templateId": "tiny" })).await;
    assert_eq!((answer.status, &answer.body["version"]), (200, &json!(3)));
    assert_eq!(world.store.all_commits().len(), commits);
}

#[tokio::test]
async fn a_lost_acknowledgement_of_a_create_then_a_retry_gives_the_original_answer() {
    let world = World::new().await;
    let command = Uuid::now_v7();
    let whole = body(command, project("Shop", "tiny"));
    for lag in [0, 1] {
        world.store.suffer(Faults { lost_acks: usize::from(lag == 0), lag, ..Faults::default() });
        let answer = world.post(&alice(), "project", "CreateProject", &whole).await;
        if lag == 0 {
            answer.refused(503, "RETRYABLE_ERROR");
        } else {
            assert_eq!((answer.status, &answer.body["version"]), (202, &json!(1)), "{}", answer.body);
        }
    }
    assert_eq!(world.commits_of(command).len(), 1);
}

#[tokio::test]
async fn a_body_in_base64_is_a_body() {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let world = World::new().await;
    let text = body(Uuid::now_v7(), project("Shop", "tiny")).to_string();
    let mut event = command_event(Some(&ada()), "project", "CreateProject", &STANDARD.encode(&text));
    event["isBase64Encoded"] = json!(true);
    assert_eq!(world.invoke(event.clone()).await.status, 202);
    event["body"] = json!("not base64!");
    world.invoke(event).await.refused(400, "MALFORMED_BODY");
}

#[tokio::test]
async fn a_viewer_may_look_but_not_ask() {
    let world = World::new().await;
    world.send(&vera(), "project", "CreateProject", project("Shop", "tiny")).await.refused(403, "FORBIDDEN");
}
