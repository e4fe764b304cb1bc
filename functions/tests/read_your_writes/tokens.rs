//! Which tokens count, and what becomes of those that do not.

use serde_json::json;
use skafu_events::{AggregateKind, StreamId};
use skafu_store::{Consistency, Draft, EventStore, NewEvent};
use uuid::Uuid;

use crate::lagging::Lagging;
use crate::support::{Person, acme, alice, bob, graphql_event, http_event, project, zoe};

#[tokio::test]
async fn a_token_counts_in_an_argument_too_and_in_a_get() {
    let mut it = Lagging::new().await;
    let id = it.create("Shop").await;
    let token = it.token.clone().unwrap();
    let own = "query($id: ID!, $token: String) { project(id: $id, consistencyToken: $token) { name } }";
    let answer = it.questions.ask(&alice(), own, json!({ "id": id, "token": token })).await;
    assert_eq!(answer["data"]["project"]["name"], "Shop", "{answer}");
    for query in [
        format!(
            "{{ ...F }} fragment F on Query {{ ... {{ projects(consistencyToken: \"{token}\") {{ items {{ name }} }} }} }}"
        ),
        format!(
            "query($t: String = \"{token}\") {{ projects(consistencyToken: $t) {{ items {{ name }} }} }}"
        ),
    ] {
        let answer = it.questions.ask(&alice(), &query, json!({})).await;
        assert_eq!(answer["data"]["projects"]["items"], json!([{ "name": "Shop" }]), "{answer}");
    }
    let mut event = http_event(Some(&alice()), "GET", "/graphql");
    event["queryStringParameters"] = json!({ "query": "{ projects { items { name } } }" });
    event["headers"]["X-Consistency-Token"] = json!(token);
    let answer = it.questions.invoke(event).await;
    assert_eq!(answer.body["data"]["projects"]["items"], json!([{ "name": "Shop" }]));
}

#[tokio::test]
async fn a_token_that_does_not_count_is_refused_before_anything_is_answered() {
    let mut it = Lagging::new().await;
    it.create("Shop").await;
    let token = it.token.clone().unwrap();
    let broken = format!("{token}A");
    let empty = String::new();
    let header = async |person: &Person, token: &str| {
        let mut event =
            graphql_event(Some(person), &json!({ "query": "{ projects { nextToken } }" }).to_string());
        event["headers"]["x-consistency-token"] = json!(token);
        it.questions.invoke(event).await
    };
    for (person, token) in [(zoe(), &token), (bob(), &token), (alice(), &broken), (alice(), &empty)] {
        let answer = header(&person, token).await;
        assert_eq!((answer.status, answer.error_code()), (400, "INVALID_CONSISTENCY_TOKEN"));
        let query = "query($t: String) { projects(consistencyToken: $t) { nextToken } }";
        let body = json!({ "query": query, "variables": { "t": token } }).to_string();
        let answer = it.questions.post(&person, &body).await;
        assert_eq!((answer.status, answer.error_code()), (400, "INVALID_CONSISTENCY_TOKEN"));
        assert_eq!(answer.body.get("data"), None);
    }
}

#[tokio::test]
async fn a_token_that_has_expired_is_refused_by_questions_and_dropped_by_commands() {
    let mut it = Lagging::new().await;
    let id = it.create("Shop").await;
    let current = it.token.clone().unwrap();
    let old = it.issued_at("2025-01-18T09:00:00Z", &id, 1).await;
    let body = json!({ "query": "{ projects { items { name } } }" }).to_string();
    let ask = async |token: &str| {
        let mut event = graphql_event(Some(&alice()), &body);
        event["headers"]["x-consistency-token"] = json!(token);
        it.questions.invoke(event).await
    };
    let answer = ask(&old).await;
    assert_eq!((answer.status, answer.error_code()), (400, "CONSISTENCY_TOKEN_EXPIRED"));
    assert_eq!(ask(&current).await.body["data"]["projects"]["items"], json!([{ "name": "Shop" }]));
    let mut renewed = Some(old);
    let answer = it.world.send_after(&mut renewed, &alice(), "CreateProject", project("Blog", "tiny")).await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    let answer = ask(&renewed.unwrap()).await;
    assert_eq!(answer.body["data"]["projects"]["items"], json!([{ "name": "Blog" }]), "{}", answer.body);
}

#[tokio::test]
async fn a_command_with_a_foreign_token_does_nothing() {
    let mut it = Lagging::new().await;
    it.create("Shop").await;
    let before = it.world.store.all_commits().len();
    let answer = it.world.send_after(&mut it.token, &bob(), "CreateProject", project("Blog", "tiny")).await;
    answer.refused(400, "INVALID_CONSISTENCY_TOKEN");
    assert_eq!(it.world.store.all_commits().len(), before);
}

#[tokio::test]
async fn a_command_that_changes_nothing_tells_of_the_version_it_saw() {
    let mut it = Lagging::new().await;
    let id = it.create("Shop").await;
    it.token = None;
    let answer = it.send("UpdateProject", json!({ "projectId": id, "name": "Shop" })).await;
    assert_eq!(answer["version"], 1);
    assert_eq!(it.ask(&id).await["data"]["project"]["name"], "Shop");
}

#[tokio::test]
async fn what_a_view_cannot_fold_is_an_error_there_and_nowhere_else() {
    let mut it = Lagging::new().await;
    let id = it.create("Shop").await;
    let stream = StreamId::new(acme(), AggregateKind::Project, &*id).unwrap();
    let history = it.world.store.load(&stream, Consistency::Strong).await.unwrap();
    let unknown = NewEvent { event_type: "ProjectTeleported".to_owned(), event_version: 1, data: json!({}) };
    let draft = Draft {
        events: vec![unknown],
        command_id: Uuid::now_v7(),
        body_hash: "hash".to_owned(),
        correlation_id: Uuid::now_v7(),
        user_id: "alice".to_owned(),
        timestamp: "2025-01-18T10:45:00Z".parse().unwrap(),
        metadata: serde_json::Map::new(),
    };
    it.world.store.append(&history, draft, &[]).await.unwrap();
    let token = it.issued_at("2025-01-18T10:45:00Z", &id, 2).await;
    let query = "query($id: ID!) { project(id: $id) { name } templates { items { name } } }";
    let answer = it.questions.ask_after(&alice(), &token, query, json!({ "id": id })).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "VIEW_BEHIND", "{answer}");
    assert_eq!(answer["data"]["templates"]["items"], json!([]), "{answer}");
}
