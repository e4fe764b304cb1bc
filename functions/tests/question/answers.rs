//! What the `graphql` function answers over HTTP.

use std::sync::Arc;

use crate::support::{Person, Questions, Saga, World, ada, alice, bob, graphql_event, vera, zoe};
use serde_json::{Value, json};
use skafu_forge::repositories::BundleStore;

const PROJECT: &str = "query Q($id: ID!) { project(id: $id) {
    id name description status templateId templateName ownerId userEmail
    configuration { runtime region features environment }
    repository { name cloneUrl defaultBranch initialCommitId }
    failure { code message }
    createdAt updatedAt deploymentCount lastDeployedAt totalEvents successRate
} }";

/// A project of Alice's that is ready, and what its saga left.
async fn ready() -> (World, Questions, String, Value) {
    let world = World::new().await;
    let id = world.create_project(&alice(), "My Shop", "tiny").await;
    let saga = Saga::new(&world, Arc::new(BundleStore::new(world.blobs.clone())), &id);
    let left = saga.whole().await;
    let questions = Questions::of(&world).await;
    (world, questions, id, left)
}

#[tokio::test]
async fn a_project_is_shown_with_everything_that_is_known_of_it() {
    let (_, questions, id, left) = ready().await;
    let result = questions.ask(&alice(), PROJECT, json!({ "id": id })).await;
    let project = &result["data"]["project"];
    let moment = |field: &str| project[field].as_str().unwrap().to_owned();
    assert!(moment("createdAt").ends_with(".123Z") && moment("updatedAt") > moment("createdAt"));
    assert_eq!(
        *project,
        json!({
            "id": id,
            "name": "My Shop",
            "description": null,
            "status": "ready",
            "templateId": "tiny",
            "templateName": "Template tiny",
            "ownerId": "alice",
            "userEmail": "alice@acme.example",
            "configuration": { "runtime": null, "region": null, "features": [], "environment": {} },
            "repository": {
                "name": "my-shop",
                "cloneUrl": format!("https://git.example/acme/{id}/my-shop.bundle"),
                "defaultBranch": "main",
                "initialCommitId": left["repository"]["initialCommitId"]
            },
            "failure": null,
            "createdAt": moment("createdAt"),
            "updatedAt": moment("updatedAt"),
            "deploymentCount": 0,
            "lastDeployedAt": null,
            "totalEvents": 5,
            "successRate": null
        })
    );
}

#[tokio::test]
async fn the_name_of_a_built_in_template_is_joined_too() {
    let world = World::empty();
    world.publish_builtin("sam-python-api").await;
    let id = world.create_project(&alice(), "Shop", "sam-python-api").await;
    let questions = Questions::of(&world).await;
    let query = "query($id: ID!) { project(id: $id) { templateName configuration { runtime region } } }";
    let result = questions.ask(&alice(), query, json!({ "id": id })).await;
    assert_eq!(
        result["data"]["project"],
        json!({
            "templateName": "Template sam-python-api",
            "configuration": { "runtime": "python3.13", "region": "us-east-1" }
        })
    );
}

#[tokio::test]
async fn only_the_owner_sees_an_email() {
    let (_, questions, id, _) = ready().await;
    let query = "query($id: ID!) { project(id: $id) { ownerId userEmail } }";
    for (person, email) in
        [(alice(), json!("alice@acme.example")), (ada(), Value::Null), (vera(), Value::Null)]
    {
        let result = questions.ask(&person, query, json!({ "id": id })).await;
        assert_eq!(result["data"]["project"]["userEmail"], email, "{person:?}");
    }
}

#[tokio::test]
async fn another_tenant_sees_nothing() {
    let (_, questions, id, _) = ready().await;
    let query = "query($id: ID!) {
        project(id: $id) { id }
        projects { items { id } nextToken }
        projectsByUser(userId: \"alice\") { items { id } nextToken }
    }";
    let result = questions.ask(&zoe(), query, json!({ "id": id })).await;
    let empty = json!({ "items": [], "nextToken": null });
    assert_eq!(result, json!({ "data": { "project": null, "projects": empty, "projectsByUser": empty } }));
}

#[tokio::test]
async fn an_id_that_reaches_for_another_tenants_row_finds_nothing() {
    let (_, questions, id, _) = ready().await;
    for id in
        [format!("../acme/project.1#{id}"), format!("acme/project.1#{id}"), String::new(), "#".to_owned()]
    {
        let result =
            questions.ask(&zoe(), "query($id: ID!) { project(id: $id) { id } }", json!({ "id": id })).await;
        assert_eq!(result["data"]["project"], Value::Null);
        let query = "query($id: ID!) { projectsByUser(userId: $id) { items { id } } }";
        let result = questions.ask(&zoe(), query, json!({ "id": id })).await;
        assert_eq!(result["data"]["projectsByUser"]["items"], json!([]));
    }
}

#[tokio::test]
async fn who_has_no_role_sees_nothing_and_is_told() {
    let (_, questions, id, _) = ready().await;
    let stranger = Person { groups: "[]", ..alice() };
    let result =
        questions.ask(&stranger, "query($id: ID!) { project(id: $id) { id } }", json!({ "id": id })).await;
    assert_eq!(result["errors"][0]["extensions"]["code"], "FORBIDDEN");
    assert_eq!(result["data"], Value::Null);
}

#[tokio::test]
async fn a_failed_project_says_why() {
    let world = World::new().await;
    let id = world.create_project(&bob(), "Shop", "tiny").await;
    let saga = Saga::new(&world, Arc::new(BundleStore::new(world.blobs.clone())), &id);
    saga.step("FailProject", Saga::failure("SelectTemplate", "Rejected", "no luck")).await.unwrap();
    let questions = Questions::of(&world).await;
    let query =
        "query($id: ID!) { project(id: $id) { status failure { code message } repository { name } } }";
    let result = questions.ask(&vera(), query, json!({ "id": id })).await;
    let failure = json!({ "code": "Rejected", "message": "no luck" });
    assert_eq!(
        result["data"]["project"],
        json!({ "status": "failed", "failure": failure, "repository": null })
    );
}

#[tokio::test]
async fn what_is_no_graphql_request_is_a_problem() {
    let (_, questions, ..) = ready().await;
    for body in ["", "{", "[]", "{}", r#"{"query": 1}"#, r#"{"query": "{ x }", "variables": []}"#] {
        questions.post(&alice(), body).await.refused(400, "MALFORMED_REQUEST");
    }
    questions.get(&alice(), json!({})).await.refused(400, "MALFORMED_REQUEST");
    let parameters = json!({ "query": "{ projects { nextToken } }", "variables": "{" });
    questions.get(&alice(), parameters).await.refused(400, "MALFORMED_REQUEST");
    questions.invoke(graphql_event(None, "{}")).await.refused(401, "UNAUTHORIZED");
    let huge = json!({ "query": "#".repeat(1024 * 1024) }).to_string();
    questions.post(&alice(), &huge).await.refused(413, "PAYLOAD_TOO_LARGE");
}

#[tokio::test]
async fn a_question_the_schema_does_not_know_has_errors_and_no_data() {
    let (_, questions, ..) = ready().await;
    for query in ["{ projects { total } }", "{ everything }", "{ projects { items", "mutation { x }", ""] {
        let answer = questions.post(&alice(), &json!({ "query": query }).to_string()).await;
        assert!(!answer.body["errors"].as_array().unwrap().is_empty(), "{query}");
        assert_eq!(answer.body["data"], Value::Null, "{query}");
    }
}
