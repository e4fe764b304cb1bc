//! What the `commands` function refuses, and how it says so.

use crate::support::{
    Answer, Person, World, acme, alice, bob, command_event, project, text_files, vera, zoe,
};
use serde_json::{Value, json};
use skafu_events::AggregateKind;
use uuid::Uuid;

async fn create(world: &World, person: &Person, data: Value) -> Answer {
    world.send(person, "project", "CreateProject", data).await
}

#[tokio::test]
async fn a_name_of_another_project_of_the_tenant_is_taken_and_nothing_is_written() {
    let world = World::new().await;
    world.create_project(&alice(), "Shop", "tiny").await;
    let commits = world.store.all_commits().len();
    for name in ["Shop", "shop", " SHOP "] {
        create(&world, &bob(), project(name, "tiny")).await.refused(409, "NAME_TAKEN");
    }
    assert_eq!(world.store.all_commits().len(), commits);
    world.publish(&zoe(), "tiny", crate::support::TINY_FILES).await;
    assert_eq!(create(&world, &zoe(), project("Shop", "tiny")).await.status, 202, "another tenant's affair");
}

#[tokio::test]
async fn a_target_that_moved_on_is_a_conflict_that_tells_the_current_version() {
    let world = World::new().await;
    let expecting = |version: u64, text: &str| {
        let data = json!({ "templateId": "tiny", "files": text_files(&[("a", text)]) });
        json!({ "commandId": Uuid::now_v7(), "expectedVersion": version, "data": data })
    };
    let refused = world.post(&alice(), "template", "UploadTemplateFiles", &expecting(2, "x")).await;
    refused.refused(409, "CONFLICT");
    assert_eq!(refused.body["currentVersion"], 3);
    let answer = world.post(&alice(), "template", "UploadTemplateFiles", &expecting(3, "x")).await;
    assert_eq!((answer.status, &answer.body["version"]), (200, &json!(4)));
}

#[tokio::test]
async fn a_command_nobody_knows_is_not_found() {
    let world = World::new().await;
    for (context, command) in
        [("project", "Explode"), ("nothing", "CreateProject"), ("template", "CreateProject"), ("", "")]
    {
        world.send(&alice(), context, command, json!({})).await.refused(404, "UNKNOWN_COMMAND");
    }
}

#[tokio::test]
async fn what_is_not_json_is_told_with_its_place() {
    let world = World::new().await;
    let event = command_event(Some(&alice()), "project", "CreateProject", "{\n  \"commandId\": }");
    let refused = world.invoke(event).await;
    refused.refused(400, "MALFORMED_JSON");
    assert!(refused.body["detail"].as_str().unwrap().contains("line 2, column 16"), "{}", refused.body);
    let mut none = command_event(Some(&alice()), "project", "CreateProject", "");
    none.as_object_mut().unwrap().remove("body");
    world.invoke(none).await.refused(400, "MALFORMED_JSON");
}

#[tokio::test]
async fn everything_that_is_wrong_is_told_at_once() {
    let world = World::new().await;
    let body = json!({
        "commandId": "7",
        "surprise": true,
        "data": {
            "name": "a/b",
            "templateParameters": [],
            "configuration": { "region": "Mars", "features": ["X"] }
        }
    });
    let refused = world.post(&alice(), "project", "CreateProject", &body).await;
    refused.refused(400, "VALIDATION_ERROR");
    let mut violations = refused.violations();
    violations.sort_unstable();
    assert_eq!(
        violations,
        [
            ("/commandId", "format"),
            ("/data/configuration/features/0", "pattern"),
            ("/data/configuration/region", "pattern"),
            ("/data/name", "pattern"),
            ("/data/templateId", "required"),
            ("/data/templateParameters", "type"),
            ("/surprise", "unknown"),
        ]
    );
    assert!(!refused.body.to_string().contains("Mars"), "a refusal never repeats what was sent");
}

#[tokio::test]
async fn rules_beyond_the_form_are_told_at_once_too() {
    let world = World::new().await;
    let mut data = project("Admin", "tiny");
    data["configuration"] = json!({ "runtime": "cobol85" });
    data["templateParameters"] = json!({ "port": "many", "colour": "blue", "size": 1 });
    let refused = create(&world, &alice(), data).await;
    refused.refused(400, "VALIDATION_ERROR");
    let mut violations = refused.violations();
    violations.sort_unstable();
    assert_eq!(
        violations,
        [
            ("/data/configuration/runtime", "choice"),
            ("/data/name", "reserved"),
            ("/data/templateParameters/colour", "choice"),
            ("/data/templateParameters/port", "type"),
            ("/data/templateParameters/size", "unknown"),
        ]
    );
}

#[tokio::test]
async fn nobody_speaks_for_somebody_else() {
    let world = World::new().await;
    let body =
        |user: &str| json!({ "commandId": Uuid::now_v7(), "userId": user, "data": project("Shop", "tiny") });
    world.post(&alice(), "project", "CreateProject", &body("bob")).await.refused(403, "FORBIDDEN");
    let answer = world.post(&alice(), "project", "CreateProject", &body("alice")).await;
    assert_eq!(answer.status, 202);
}

#[tokio::test]
async fn who_is_not_signed_in_is_nobody() {
    let world = World::new().await;
    let body = json!({ "commandId": Uuid::now_v7(), "data": project("Shop", "tiny") }).to_string();
    world.invoke(command_event(None, "project", "CreateProject", &body)).await.refused(401, "UNAUTHORIZED");
    let claims: [(&str, &[Value]); 2] = [
        ("custom:tenant", &[json!("_shared"), json!("a/b"), json!("acme#1"), json!(""), Value::Null]),
        ("sub", &[json!("system:saga"), json!("system:operator"), json!("a/b"), json!(""), Value::Null]),
    ];
    for (claim, values) in claims {
        for value in values {
            let mut event = command_event(Some(&alice()), "project", "CreateProject", &body);
            let claims = &mut event["requestContext"]["authorizer"]["jwt"]["claims"];
            if value.is_null() {
                claims.as_object_mut().unwrap().remove(claim);
            } else {
                claims[claim] = value.clone();
            }
            world.invoke(event).await.refused(401, "UNAUTHORIZED");
        }
    }
}

#[tokio::test]
async fn who_has_no_role_may_do_nothing() {
    let world = World::new().await;
    let stranger = Person { groups: "[Root Everything]", ..alice() };
    create(&world, &stranger, project("Shop", "tiny")).await.refused(403, "FORBIDDEN");
    create(&world, &vera(), project("Shop", "tiny")).await.refused(403, "FORBIDDEN");
}

#[tokio::test]
async fn another_tenants_template_does_not_exist() {
    let world = World::new().await;
    let refused = create(&world, &zoe(), project("Shop", "tiny")).await;
    refused.refused(422, "BUSINESS_RULE_VIOLATION");
    let upload = json!({ "templateId": "tiny", "files": text_files(&[("a", "b")]) });
    world.send(&zoe(), "template", "UploadTemplateFiles", upload).await.refused(404, "NOT_FOUND");
    let publish = json!({ "templateId": "tiny" });
    world.send(&zoe(), "template", "PublishTemplate", publish).await.refused(404, "NOT_FOUND");
    let theirs = world.commits(AggregateKind::Template, "tiny");
    assert!(theirs.iter().all(|commit| commit.user_id == "alice" && *commit.stream.tenant() == acme()));
}

#[tokio::test]
async fn a_template_must_be_published_to_be_used() {
    let world = World::new().await;
    let draft = json!({ "templateId": "draft", "name": "Draft" });
    assert_eq!(world.send(&alice(), "template", "CreateTemplate", draft).await.status, 200);
    for template in ["draft", "unheard-of"] {
        let refused = create(&world, &alice(), project("Shop", template)).await;
        refused.refused(422, "BUSINESS_RULE_VIOLATION");
        assert_eq!(refused.body["rule"], "template-published");
        assert_eq!(refused.violations(), [("/data/templateId", "unknown-template")]);
    }
}

#[tokio::test]
async fn a_body_over_a_mebibyte_is_too_large() {
    let world = World::new().await;
    let mut data = project("Shop", "tiny");
    let body = |data: &Value| json!({ "commandId": Uuid::now_v7(), "data": data }).to_string();
    data["templateParameters"] = json!({ "colour": "x".repeat(1024 * 1024 - body(&data).len() - 40) });
    let event = |body: String| command_event(Some(&alice()), "project", "CreateProject", &body);
    assert!(body(&data).len() <= 1024 * 1024);
    world.invoke(event(body(&data))).await.refused(400, "VALIDATION_ERROR");
    data["description"] = json!("y".repeat(100));
    world.invoke(event(body(&data))).await.refused(413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn what_does_not_fit_in_a_commit_is_accepted_and_kept_beside_it() {
    let world = World::new().await;
    let big = json!({ "name": "Big", "parameters": [{ "name": "text", "type": "string", "default": "" }] });
    world.publish(&alice(), "big", &[("template.json", &big.to_string()), ("a.j2", "{{ text }}")]).await;
    let mut data = project("Shop", "big");
    data["templateParameters"] = json!({ "text": "x".repeat(400 * 1024) });
    assert_eq!(create(&world, &alice(), data).await.status, 202);
}
