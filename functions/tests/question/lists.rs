//! Lists of projects: their order, their pages, and the two ways to ask for them.

use crate::support::{Person, Questions, World, ada, alice, bob, zoe};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

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
    let forged = ["no hash", "2025#a/b", "2025#../x", "2025#"].map(|text| URL_SAFE_NO_PAD.encode(text));
    for token in forged.iter().map(String::as_str).chain(["", "%%%", "####", "_w"]) {
        let code = first_error(&questions, &alice(), json!({ "nextToken": token })).await;
        assert_eq!(code, "VALIDATION_ERROR", "{token}");
    }
}

#[tokio::test]
async fn a_token_of_another_tenant_shows_nothing_of_theirs() {
    let questions = seven().await;
    let first = questions.ask(&alice(), PAGE, json!({ "limit": 2 })).await;
    let token = &first["data"]["projects"]["nextToken"];
    let result = questions.ask(&zoe(), PAGE, json!({ "nextToken": token })).await;
    assert_eq!(result["data"]["projects"], json!({ "items": [], "nextToken": null }));
}

#[tokio::test]
async fn a_list_goes_on_behind_a_place_that_is_no_longer_in_it() {
    let questions = seven().await;
    let first = questions.ask(&alice(), PAGE, json!({ "limit": 3 })).await;
    let token = first["data"]["projects"]["nextToken"].as_str().unwrap();
    let place = String::from_utf8(URL_SAFE_NO_PAD.decode(token).unwrap()).unwrap();
    let (moment, _) = place.split_once('#').unwrap();
    let gone = URL_SAFE_NO_PAD.encode(format!("{moment}#0"));
    let result = questions.ask(&alice(), PAGE, json!({ "nextToken": gone })).await;
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
    // A token of the whole list, at the newest: what the filter leaves out stays out.
    let whole = questions.ask(&alice(), query, json!({ "limit": 1 })).await;
    let next = whole["data"]["projects"]["nextToken"].clone();
    let variables = json!({ "filter": { "createdUntil": at(1) }, "next": next });
    let answer = questions.ask(&alice(), query, variables).await;
    assert_eq!(answer["data"]["projects"]["items"][0]["name"], "Two", "{answer}");
    let long = json!({ "filter": { "ownerId": "x".repeat(3_000) } });
    assert_eq!(questions.ask(&alice(), query, long).await["data"]["projects"]["items"], json!([]));
    let backwards = json!({ "filter": { "createdFrom": at(2), "createdUntil": at(1) } });
    let refused = questions.ask(&alice(), query, backwards).await;
    assert_eq!(refused["errors"][0]["extensions"]["code"], "VALIDATION_ERROR");
}
