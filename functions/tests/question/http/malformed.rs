//! What is no GraphQL request: refused with its own status, whatever the media type.

use serde_json::{Value, json};

use super::{get, nothing_yet, post, send};
use crate::support::{alice, graphql_event, http_event};

#[tokio::test]
async fn a_request_has_its_parts_each_of_its_type() {
    let questions = nothing_yet().await;
    let query = "{ __typename }";
    let mut cases =
        vec![json!({}), json!({ "query": null }), json!({ "qeury": query }), json!("x"), json!(7)];
    for wrong in [json!({ "obj": "ect" }), json!(0), json!(false), json!(["array"])] {
        cases.push(json!({ "query": wrong }));
        cases.push(json!({ "query": query, "operationName": wrong }));
        cases.push(json!({ "documentId": wrong }));
    }
    for wrong in [json!("string"), json!(0), json!(false), json!(["array"])] {
        cases.push(json!({ "query": query, "variables": wrong }));
        cases.push(json!({ "query": query, "extensions": wrong }));
        cases.push(json!({ "query": query, "extensions": { "persistedQuery": wrong } }));
    }
    for accept in ["application/json", "application/graphql-response+json"] {
        for case in &cases {
            let reply = post(&questions, json!({ "accept": accept }), &case.to_string()).await;
            reply.refused(400, "MALFORMED_REQUEST");
        }
        for body in ["", "{", "nothing", "{\"query\": \"{ __typename }\"}}", "\u{feff}{}"] {
            let reply = post(&questions, json!({ "accept": accept }), body).await;
            reply.refused(400, "MALFORMED_REQUEST");
        }
    }
}

#[tokio::test]
async fn what_is_null_is_not_there_and_what_is_unknown_is_passed_over() {
    let questions = nothing_yet().await;
    let request = json!({
        "query": "{ __typename }", "operationName": null, "variables": null, "extensions": null,
        "documentId": null, "id": 7, "more": { "of": "this" }
    });
    post(&questions, json!({}), &request.to_string()).await.answered();
    let request =
        json!({ "query": "{ __typename }", "extensions": { "persistedQuery": null, "some": "value" } });
    post(&questions, json!({}), &request.to_string()).await.answered();
}

#[tokio::test]
async fn the_parameters_of_a_get_are_json_where_a_body_has_objects() {
    let questions = nothing_yet().await;
    let query = "{ __typename }";
    for parameters in [
        json!({}),
        json!({ "documentId": "" }),
        json!({ "query": query, "variables": "{" }),
        json!({ "query": query, "variables": "[]" }),
        json!({ "query": query, "variables": "\"{}\"" }),
        json!({ "query": query, "extensions": "1" }),
    ] {
        get(&questions, &alice(), parameters).await.refused(400, "MALFORMED_REQUEST");
    }
}

#[tokio::test]
async fn a_batch_is_refused_with_the_way_out() {
    let questions = nothing_yet().await;
    for batch in [json!([]), json!([{ "query": "{ __typename }" }]), json!([1, 2])] {
        let reply = post(&questions, json!({}), &batch.to_string()).await;
        reply.refused(400, "BATCH_NOT_SUPPORTED");
        let message = reply.body["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("a request of its own"), "{message}");
    }
}

#[tokio::test]
async fn a_body_is_bounded_and_whole() {
    let questions = nothing_yet().await;
    let huge = json!({ "query": "#".repeat(1024 * 1024) }).to_string();
    post(&questions, json!({}), &huge).await.refused(413, "PAYLOAD_TOO_LARGE");
    let mut event = http_event(Some(&alice()), "POST", "/graphql");
    event["body"] = json!("no base64!");
    event["isBase64Encoded"] = json!(true);
    send(&questions, event).await.refused(400, "MALFORMED_BODY");
    let mut none = http_event(Some(&alice()), "POST", "/graphql");
    none["body"] = Value::Null;
    send(&questions, none).await.refused(400, "MALFORMED_REQUEST");
}

#[tokio::test]
async fn who_is_nobody_is_told_so_in_problem_details() {
    let questions = nothing_yet().await;
    questions.invoke(graphql_event(None, "{}")).await.refused(401, "UNAUTHORIZED");
    let mut strange = http_event(None, "PUT", "/graphql");
    strange["headers"]["accept"] = json!("text/html");
    questions.invoke(strange).await.refused(401, "UNAUTHORIZED");
}
