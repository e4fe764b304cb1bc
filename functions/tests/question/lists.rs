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
