//! Lists of projects: their order, their pages, and the two ways to ask for them.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use skafu_events::AggregateKind;
use skafu_events::project::ProjectStatus;
use skafu_forge::repositories::BundleStore;
use skafu_store::{Consistency, Order, Row, RowKey, ViewStore};
use skafu_views::{FIRST_GENERATION, Keys, ProjectView, View};

use crate::support::{Person, Questions, Saga, TINY_FILES, World, ada, alice, bob, show_in, zoe};

const PAGE: &str = "query($limit: Int, $nextToken: String) {
    projects(limit: $limit, nextToken: $nextToken) { items { name } nextToken }
}";

/// Seven projects of two people, the oldest first.
const NAMES: [&str; 7] = ["One", "Two", "Three", "Four", "Five", "Six", "Seven"];

async fn seven() -> Questions {
    let world = World::new().await;
    for (at, name) in NAMES.into_iter().enumerate() {
        let person = if at % 2 == 0 { alice() } else { bob() };
        world.create_project(&person, name, "tiny").await;
    }
    Questions::of(&world).await
}

fn names(connection: &Value) -> Vec<&str> {
    connection["items"].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap()).collect()
}

fn newest_first() -> Vec<&'static str> {
    NAMES.into_iter().rev().collect()
}

#[tokio::test]
async fn the_projects_of_a_tenant_are_listed_newest_first() {
    let questions = seven().await;
    let result = questions.ask(&ada(), PAGE, json!({})).await;
    assert_eq!(names(&result["data"]["projects"]), newest_first());
    assert_eq!(result["data"]["projects"]["nextToken"], Value::Null);
}

#[tokio::test]
async fn the_projects_of_a_person_are_listed_newest_first() {
    let questions = seven().await;
    let query = "query($id: ID!) { projectsByUser(userId: $id, limit: 3) { items { name } nextToken } }";
    let result = questions.ask(&ada(), query, json!({ "id": "alice" })).await;
    assert_eq!(names(&result["data"]["projectsByUser"]), ["Seven", "Five", "Three"]);
    assert!(result["data"]["projectsByUser"]["nextToken"].is_string());
    let result = questions.ask(&ada(), query, json!({ "id": "nobody" })).await;
    assert_eq!(result["data"]["projectsByUser"], json!({ "items": [], "nextToken": null }));
}

#[tokio::test]
async fn following_the_token_reads_every_project_once_whatever_the_page_size() {
    let questions = seven().await;
    for limit in [1, 2, 3, 7, 100] {
        let (mut seen, mut token, mut pages) = (Vec::new(), Value::Null, 0);
        loop {
            let variables = json!({ "limit": limit, "nextToken": token });
            let result = questions.ask(&alice(), PAGE, variables).await;
            let page = &result["data"]["projects"];
            assert!(names(page).len() <= limit);
            seen.extend(names(page).into_iter().map(str::to_owned));
            (token, pages) = (page["nextToken"].clone(), pages + 1);
            if token.is_null() {
                break;
            }
        }
        assert_eq!(
            (seen, pages),
            (newest_first().iter().map(|it| (*it).to_owned()).collect(), 7_usize.div_ceil(limit))
        );
    }
}

async fn first_error(questions: &Questions, person: &Person, variables: Value) -> Value {
    let result = questions.ask(person, PAGE, variables).await;
    assert_eq!(result["data"], Value::Null);
    result["errors"][0]["extensions"]["code"].clone()
}

#[tokio::test]
async fn a_page_has_one_to_a_hundred_projects() {
    let questions = seven().await;
    for limit in [-1, 0, 101] {
        assert_eq!(first_error(&questions, &alice(), json!({ "limit": limit })).await, "VALIDATION_ERROR");
    }
}

#[tokio::test]
async fn a_token_nobody_gave_out_is_refused() {
    let questions = seven().await;
    let first = questions.ask(&alice(), PAGE, json!({ "limit": 2 })).await;
    let token = first["data"]["projects"]["nextToken"].as_str().unwrap();
    let (payload, code) = token.split_once('.').unwrap();
    let mut other: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap();
    other["p"] = json!("2025-01-18T10:30:00.123Z#0");
    let forged = URL_SAFE_NO_PAD.encode(other.to_string());
    let unsigned = URL_SAFE_NO_PAD.encode("2025-01-18T10:30:00.123Z#0");
    let strange = [
        format!("{forged}.{code}"),
        format!("{payload}."),
        format!("{payload}.{code}A"),
        payload.to_owned(),
        format!("{payload}.{payload}"),
        unsigned,
        "x".repeat(100_000),
    ];
    for token in
        strange.iter().map(String::as_str).chain(["", ".", "%%%", "####", "_w", "_w._w", "bnVsbA.bnVsbA"])
    {
        let code = first_error(&questions, &alice(), json!({ "nextToken": token })).await;
        assert_eq!(code, "VALIDATION_ERROR", "{token}");
    }
}

#[tokio::test]
async fn a_token_counts_in_its_own_tenant_and_for_its_own_question_alone() {
    let questions = seven().await;
    let first = questions.ask(&alice(), PAGE, json!({ "limit": 2 })).await;
    let token = &first["data"]["projects"]["nextToken"];
    // Whatever the size of the page, and whoever of the tenant asks.
    let goes_on = questions.ask(&ada(), PAGE, json!({ "limit": 1, "nextToken": token })).await;
    assert_eq!(names(&goes_on["data"]["projects"]), ["Five"]);
    assert_eq!(first_error(&questions, &zoe(), json!({ "nextToken": token })).await, "VALIDATION_ERROR");
    for other in [
        "projects(filter: { ownerId: \"alice\" }, nextToken: $token)",
        "projects(filter: { status: [draft] }, nextToken: $token)",
        "projects(filter: { templateId: \"tiny\" }, nextToken: $token)",
        "projects(filter: { createdFrom: \"2020-01-01T00:00:00Z\" }, nextToken: $token)",
        "projectsByUser(userId: \"alice\", nextToken: $token)",
        "templates(nextToken: $token)",
    ] {
        let query = format!("query($token: String) {{ {other} {{ nextToken }} }}");
        let answer = questions.ask(&alice(), &query, json!({ "token": token })).await;
        assert_eq!(answer["errors"][0]["extensions"]["code"], "VALIDATION_ERROR", "{other}: {answer}");
    }
}

#[tokio::test]
async fn a_list_goes_on_behind_a_place_that_is_no_longer_in_it() {
    let world = World::new().await;
    let mut ids = Vec::new();
    for name in NAMES {
        ids.push(world.create_project(&alice(), name, "tiny").await);
    }
    let questions = Questions::of(&world).await;
    let first = questions.ask(&alice(), PAGE, json!({ "limit": 3 })).await;
    assert_eq!(names(&first["data"]["projects"]), ["Seven", "Six", "Five"]);
    let delete = json!({ "projectId": ids[4], "reason": "not needed" });
    let answer = world.send(&alice(), "project", "DeleteProject", delete).await;
    assert!(answer.status < 300, "{}", answer.body);
    let deleted = world.commits(AggregateKind::Project, &ids[4]).pop().unwrap();
    show_in("project", &*questions.views, &deleted).await;
    let variables = json!({ "nextToken": first["data"]["projects"]["nextToken"] });
    let result = questions.ask(&alice(), PAGE, variables).await;
    assert_eq!(names(&result["data"]["projects"]), ["Four", "Three", "Two", "One"]);
}

#[tokio::test]
async fn what_can_be_posted_can_be_got() {
    let questions = seven().await;
    let parameters = json!({
        "query": "query A($limit: Int, $nextToken: String) { \
                  projects(limit: $limit, nextToken: $nextToken) { items { name }, nextToken } } \
                  query B { projects { nextToken } }",
        "variables": r#"{"limit": 2, "nextToken": null}"#,
        "operationName": "A"
    });
    let answer = questions.get(&alice(), parameters).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert_eq!(names(&answer.body["data"]["projects"]), ["Seven", "Six"]);
    let bare =
        questions.get(&alice(), json!({ "query": "{ projects { items { name } } }", "variables": "" })).await;
    assert_eq!(names(&bare.body["data"]["projects"]).len(), 7);
}

#[tokio::test]
async fn a_filter_is_a_part_of_the_list_s_key() {
    let world = World::new().await;
    let mut made = Vec::new();
    for (person, name) in [(alice(), "One"), (bob(), "Two"), (alice(), "Three"), (bob(), "Four")] {
        made.push(world.create_project(&person, name, "tiny").await);
    }
    let questions = Questions::of(&world).await;
    let query = "query($filter: ProjectFilter, $limit: Int, $next: String) { \
        projects(filter: $filter, limit: $limit, nextToken: $next) { items { name createdAt } nextToken } }";
    let names = async |filter: Value, limit: u32| {
        let (mut all, mut next) = (Vec::new(), Value::Null);
        loop {
            let variables = json!({ "filter": filter, "limit": limit, "next": next });
            let answer = questions.ask(&alice(), query, variables).await;
            assert_eq!(answer["errors"], Value::Null, "{answer}");
            let page = &answer["data"]["projects"];
            let items = page["items"].as_array().unwrap();
            all.extend(items.iter().map(|it| it["name"].as_str().unwrap().to_owned()));
            next = page["nextToken"].clone();
            if next.is_null() {
                return all;
            }
        }
    };
    let all = questions.ask(&alice(), query, json!({})).await["data"]["projects"]["items"].clone();
    let at = |place: usize| all[3 - place]["createdAt"].clone();
    for limit in [1, 2, 100] {
        let cases = [
            (json!({}), vec!["Four", "Three", "Two", "One"]),
            (json!({ "ownerId": "bob" }), vec!["Four", "Two"]),
            (json!({ "ownerId": "nobody" }), vec![]),
            (json!({ "createdFrom": at(1) }), vec!["Four", "Three", "Two"]),
            (json!({ "createdUntil": at(1) }), vec!["Two", "One"]),
            (json!({ "createdFrom": at(1), "createdUntil": at(2) }), vec!["Three", "Two"]),
            (json!({ "ownerId": "alice", "createdUntil": at(1) }), vec!["One"]),
            (json!({ "createdFrom": "2031-01-01T00:00:00Z" }), vec![]),
            (json!({ "createdUntil": "2001-01-01T00:00:00Z" }), vec![]),
        ];
        for (filter, expected) in cases {
            assert_eq!(names(filter.clone(), limit).await, expected, "{filter} by {limit}");
        }
    }
    let long = json!({ "filter": { "ownerId": "x".repeat(3_000) } });
    assert_eq!(questions.ask(&alice(), query, long).await["data"]["projects"]["items"], json!([]));
    let backwards = json!({ "filter": { "createdFrom": at(2), "createdUntil": at(1) } });
    let refused = questions.ask(&alice(), query, backwards).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "VALIDATION_ERROR");
}

/// A list that was read before the move has it, and so has one that was read after.
#[tokio::test]
async fn a_project_that_moves_between_two_reads_is_listed_once() {
    let (world, questions) = standing().await;
    let ready = world.store.all_commits().into_iter().find(|it| it.stream.kind() == AggregateKind::Project);
    let stream = ready.unwrap().stream;
    let keys = Keys::new(stream.tenant(), ProjectView::NAME, FIRST_GENERATION);
    let prefix = ProjectView::LISTED;
    let list = |status| ProjectView::of_status(&keys, status);
    let how = (Order::Ascending, 1, None, Consistency::Strong);
    let there = questions.views.list(&list(ProjectStatus::Ready), prefix, how.0, how.1, how.2, how.3).await;
    let row = there.unwrap().rows.remove(0);
    // As if it still stood there, too.
    let stale = Row { key: RowKey { partition: list(ProjectStatus::Failed), ..row.key.clone() }, ..row };
    questions.views.put(&stale, None).await.unwrap();
    let query = "{ projects(filter: { status: [failed, ready] }) { items { name } } }";
    let answer = questions.ask(&alice(), query, json!({})).await;
    assert_eq!(names(&answer["data"]["projects"]), ["Three", "One"], "{answer}");
    let query = "{ projects(filter: { status: [failed] }) { items { name } } }";
    let answer = questions.ask(&alice(), query, json!({})).await;
    assert_eq!(answer["data"]["projects"]["items"], json!([]), "it does not stand there");
}

/// Fewer fit than a page has, and those far behind: a page reads its list four times and is empty, and so on.
#[tokio::test]
async fn a_page_reads_on_four_times_at_most_and_says_where_it_ended() {
    let world = World::new().await;
    world.publish(&alice(), "other", TINY_FILES).await;
    world.create_project(&alice(), "Rare", "other").await;
    for at in 0..9 {
        world.create_project(&alice(), &format!("Common {at}"), "tiny").await;
    }
    let questions = Questions::of(&world).await;
    let query = "query($next: String) { projects(filter: { ownerId: \"alice\", templateId: \"other\" }, limit: 2, \
        nextToken: $next) { items { name } nextToken } }";
    let first = questions.ask(&alice(), query, json!({})).await["data"]["projects"].clone();
    assert_eq!(first["items"], json!([]));
    let second = questions.ask(&alice(), query, json!({ "next": first["nextToken"] })).await;
    assert_eq!(names(&second["data"]["projects"]), ["Rare"]);
    assert_eq!(second["data"]["projects"]["nextToken"], Value::Null);
}

/// Six projects, from two templates, in four places.
async fn standing() -> (World, Questions) {
    let world = World::new().await;
    world.publish(&alice(), "other", TINY_FILES).await;
    let mut ids = Vec::new();
    for (person, name, template) in [
        (alice(), "One", "tiny"),
        (bob(), "Two", "other"),
        (alice(), "Three", "tiny"),
        (alice(), "Four", "other"),
        (bob(), "Five", "tiny"),
        (alice(), "Six", "tiny"),
    ] {
        ids.push(world.create_project(&person, name, template).await);
    }
    // One and Three are ready, Four is put away, Six is gone.
    for at in [0, 2, 3] {
        let repositories = Arc::new(BundleStore::new(world.blobs.clone()));
        Saga::new(&world, repositories, &ids[at]).whole().await;
    }
    for (command, at) in [("ArchiveProject", 3), ("DeleteProject", 5)] {
        let answer =
            world.send(&alice(), "project", command, json!({ "projectId": ids[at], "reason": "test" })).await;
        assert!(answer.status < 300, "{}", answer.body);
    }
    let questions = Questions::of(&world).await;
    (world, questions)
}

#[tokio::test]
async fn projects_are_found_by_where_they_stand_and_by_their_template() {
    let (_, questions) = standing().await;
    let query = "query($filter: ProjectFilter, $limit: Int, $next: String) { \
        projects(filter: $filter, limit: $limit, nextToken: $next) { items { name } nextToken } }";
    for limit in [1, 2, 3, 100] {
        for (filter, expected) in [
            (json!({ "status": ["ready"] }), vec!["Three", "One"]),
            (json!({ "status": ["archived"] }), vec!["Four"]),
            (json!({ "status": ["draft", "ready", "draft"] }), vec!["Five", "Three", "Two", "One"]),
            (json!({ "status": ["deleted", "failed"] }), vec![]),
            (json!({ "status": [] }), vec![]),
            (json!({ "templateId": "tiny" }), vec!["Five", "Three", "One"]),
            (json!({ "templateId": "nothing" }), vec![]),
            (json!({ "templateId": "x".repeat(3_000) }), vec![]),
            (json!({ "templateId": "other", "status": ["draft"] }), vec!["Two"]),
            (json!({ "templateId": "tiny", "ownerId": "alice" }), vec!["Three", "One"]),
            (json!({ "ownerId": "alice", "status": ["ready", "archived"] }), vec!["Four", "Three", "One"]),
            (json!({ "ownerId": "bob", "status": ["ready"] }), vec![]),
            (json!({ "ownerId": "bob", "status": [] }), vec![]),
            (json!({ "status": ["ready"], "createdUntil": "2001-01-01T00:00:00Z" }), vec![]),
            (json!({ "status": ["draft"], "createdFrom": "2001-01-01T00:00:00Z" }), vec!["Five", "Two"]),
        ] {
            let (mut seen, mut next) = (Vec::new(), Value::Null);
            loop {
                let variables = json!({ "filter": filter, "limit": limit, "next": next });
                let answer = questions.ask(&ada(), query, variables).await;
                assert_eq!(answer["errors"], Value::Null, "{answer}");
                let page = &answer["data"]["projects"];
                assert!(names(page).len() <= limit, "{filter}");
                seen.extend(names(page).into_iter().map(str::to_owned));
                next = page["nextToken"].clone();
                if next.is_null() {
                    break;
                }
            }
            assert_eq!(seen, expected, "{filter} by {limit}");
        }
        let foreign = questions.ask(&zoe(), query, json!({ "filter": { "status": ["ready"] } })).await;
        assert_eq!(foreign["data"]["projects"], json!({ "items": [], "nextToken": null }));
    }
}
