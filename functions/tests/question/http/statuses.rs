//! What becomes of a well-formed request: its status depends on the media type.

use serde_json::{Value, json};

use super::{ask, get, nothing_yet, post};
use crate::support::{Person, alice, graphql_event};

/// Requests that are not executed, and why.
fn request_errors() -> Vec<(Value, &'static str)> {
    let needs = "query($id: ID!) { project(id: $id) { id } }";
    let defaulted = "query($id: ID! = \"x\") { project(id: $id) { id } }";
    let two = "query A { __typename } query B { __typename }";
    let unparsed = "GRAPHQL_PARSE_FAILED";
    let invalid = "GRAPHQL_VALIDATION_FAILED";
    let unclear = "OPERATION_NOT_FOUND";
    vec![
        (json!({ "query": "" }), unparsed),
        (json!({ "query": "{" }), unparsed),
        (json!({ "query": "{ 8f31403dfe404bccbb0e835f2629c6a7 }" }), unparsed),
        (json!({ "query": "fragment F on Query { __typename }" }), unparsed),
        (json!({ "query": "{ everything }" }), invalid),
        (json!({ "query": "subscription { __typename }" }), invalid),
        (json!({ "query": "query Q($id: ID!) { __typename }", "variables": { "id": "x" } }), invalid),
        (json!({ "query": needs }), invalid),
        (json!({ "query": needs, "variables": { "id": null } }), invalid),
        (json!({ "query": defaulted, "variables": { "id": null } }), invalid),
        (json!({ "query": needs, "variables": { "id": [1] } }), invalid),
        (json!({ "query": two }), unclear),
        (json!({ "query": two, "operationName": "C" }), unclear),
        (json!({ "query": two, "operationName": "" }), unclear),
        (json!({ "query": "{ __typename }", "operationName": "A" }), unclear),
    ]
}

#[tokio::test]
async fn what_is_not_executed_is_400_where_the_status_counts_and_200_where_it_does_not() {
    let questions = nothing_yet().await;
    for (request, code) in request_errors() {
        for (accept, status) in [("application/graphql-response+json", 400), ("application/json", 200)] {
            let reply = post(&questions, json!({ "accept": accept }), &request.to_string()).await;
            let errors = reply.body["errors"].as_array().unwrap();
            let codes = errors.iter().map(|error| &error["extensions"]["code"]);
            assert!(!errors.is_empty() && codes.clone().all(|it| it == code), "{request}: {errors:?}");
            assert_eq!((reply.status, reply.body.get("data")), (status, None), "{request}");
        }
    }
}

#[tokio::test]
async fn a_get_is_judged_alike() {
    let questions = nothing_yet().await;
    for (request, code) in request_errors() {
        let mut parameters = request.clone();
        if let Some(variables) = parameters.get_mut("variables") {
            *variables = json!(variables.to_string());
        }
        // There an empty name is none.
        if request["operationName"] != "" {
            let reply = get(&questions, &alice(), parameters).await;
            assert_eq!((reply.status, &reply.body["errors"][0]["extensions"]["code"]), (400, &json!(code)));
        }
    }
}

#[tokio::test]
async fn a_parse_error_says_where() {
    let questions = nothing_yet().await;
    let reply = ask(&questions, json!({ "query": "{\n  projects(" })).await;
    reply.refused(400, "GRAPHQL_PARSE_FAILED");
    assert_eq!(reply.body["errors"][0]["locations"][0]["line"], 2);
}

#[tokio::test]
async fn variables_that_must_be_there_are_named() {
    let questions = nothing_yet().await;
    let query = "query($id: ID!) { project(id: $id) { id } }";
    for (variables, wrong) in [(json!({}), "must be given"), (json!({ "id": null }), "must not be null")] {
        let reply = ask(&questions, json!({ "query": query, "variables": variables })).await;
        reply.refused(400, "GRAPHQL_VALIDATION_FAILED");
        let message = reply.body["errors"][0]["message"].as_str().unwrap();
        assert_eq!(message, format!("the variable $id of type ID! {wrong}"));
    }
    let optional = "query($id: ID = \"x\", $limit: Int) { project(id: $id) { id } projects(limit: $limit) { nextToken } }";
    ask(&questions, json!({ "query": optional, "variables": { "limit": null } })).await.answered();
}

#[tokio::test]
async fn what_is_executed_is_200_however_little_comes_of_it() {
    let questions = nothing_yet().await;
    let query = json!({ "query": "{ project(id: \"x\") { id } }" }).to_string();
    let stranger = Person { groups: "[]", ..alice() };
    for accept in ["application/graphql-response+json", "application/json"] {
        let mut event = graphql_event(Some(&stranger), &query);
        event["headers"]["accept"] = json!(accept);
        let answer = questions.invoke(event).await;
        assert_eq!((answer.status, answer.error_code()), (200, "FORBIDDEN"), "{}", answer.body);
        assert!(answer.body.get("data").is_some(), "{}", answer.body);
    }
}
