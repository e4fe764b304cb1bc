//! Media types, of answers and of bodies.

use serde_json::{Value, json};

use super::{GRAPHQL, JSON, get, nothing_yet, post, send};
use crate::support::{alice, http_event};

const QUERY: &str = r#"{"query": "{ __typename }"}"#;

#[tokio::test]
async fn an_answer_has_the_type_its_client_likes_best() {
    let questions = nothing_yet().await;
    let cases = [
        // Who says nothing, or takes anything, gets JSON.
        (Value::Null, JSON),
        (json!(""), JSON),
        (json!(" , "), JSON),
        (json!("*/*"), JSON),
        (json!("application/*"), JSON),
        (json!("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"), JSON),
        (json!("application/json"), JSON),
        (json!("Application/JSON;CHARSET=UTF-8"), JSON),
        (json!("application/json; charset=\"utf-8\""), JSON),
        (json!("application/graphql-response+json"), GRAPHQL),
        (json!("application/graphql-response+json;charset=utf-8"), GRAPHQL),
        // What is liked more counts first.
        (json!("application/graphql-response+json, application/json;q=0.9"), GRAPHQL),
        (json!("application/graphql-response+json;q=0.5, application/json;q=0.51"), JSON),
        (json!("application/graphql-response+json;q=0.5, application/json; q = 0.499"), GRAPHQL),
        // Then what is named more closely.
        (json!("application/json, text/plain, */*"), JSON),
        (json!("*/*, application/graphql-response+json"), GRAPHQL),
        // The closest range counts, whatever others say.
        (json!("application/*;q=0.1, application/json;q=0.2, */*"), JSON),
        (json!("application/json;q=0, */*"), GRAPHQL),
        (json!("application/graphql-response+json;q=0, application/*"), JSON),
        // Then what is named first.
        (json!("application/graphql-response+json, application/json"), GRAPHQL),
        (json!("application/json, application/graphql-response+json"), JSON),
        // Commas and semicolons in quotes part nothing.
        (json!("text/plain;a=\"x,*/*;\\\"q=1\", application/graphql-response+json"), GRAPHQL),
        // What makes no sense is passed over.
        (json!("application/json;q=high, application/graphql-response+json;q=0.1"), GRAPHQL),
        (json!("application/json;q=1.5, application/graphql-response+json;q=0.1"), GRAPHQL),
        (json!("application/json;charset=utf-16, */*;q=0.1"), JSON),
    ];
    for (accept, content_type) in cases {
        let reply = post(&questions, json!({ "accept": accept }), QUERY).await;
        assert_eq!((reply.status, reply.content_type()), (200, content_type), "{accept}");
        assert_eq!(reply.answered()["__typename"], "Query");
    }
}

#[tokio::test]
async fn who_takes_neither_type_gets_nothing_else() {
    let questions = nothing_yet().await;
    for accept in [
        "text/html",
        "application/graphql+json",
        "application/json;charset=latin1",
        "application/json;q=0",
        "*/*;q=0",
        "application/*;q=0.0, text/*",
        "json",
    ] {
        let reply = post(&questions, json!({ "accept": accept }), QUERY).await;
        reply.refused(406, "NOT_ACCEPTABLE");
        assert_eq!(reply.content_type(), JSON, "{accept}");
    }
}

#[tokio::test]
async fn refusals_have_the_type_that_was_agreed_on() {
    let questions = nothing_yet().await;
    for (accept, content_type) in [("application/json", JSON), ("application/graphql-response+json", GRAPHQL)]
    {
        let reply = post(&questions, json!({ "accept": accept }), "{").await;
        reply.refused(400, "MALFORMED_REQUEST");
        assert_eq!(reply.content_type(), content_type);
    }
}

#[tokio::test]
async fn a_body_is_json_in_utf8_whatever_stands_in_it() {
    let questions = nothing_yet().await;
    for content_type in [
        "application/json",
        "application/json; charset=utf-8",
        "APPLICATION/JSON;charset=\"UTF-8\"; x=y",
        "application/json;",
    ] {
        post(&questions, json!({ "content-type": content_type }), QUERY).await.answered();
    }
    for content_type in [
        Value::Null,
        json!(""),
        json!("text/plain"),
        json!("text/plain; application/json"),
        json!("application/x-www-form-urlencoded"),
        json!("multipart/form-data; boundary=x"),
        json!("application/graphql"),
        json!("application/json; charset=utf-16"),
        json!("application/json, application/json"),
        json!("application/json-patch+json"),
    ] {
        let reply = post(&questions, json!({ "content-type": content_type }), QUERY).await;
        reply.refused(415, "UNSUPPORTED_MEDIA_TYPE");
        assert_eq!(reply.headers["accept-post"], "application/json", "{content_type}");
    }
    post(&questions, json!({ "content-encoding": "gzip" }), QUERY)
        .await
        .refused(415, "UNSUPPORTED_MEDIA_TYPE");
    post(&questions, json!({ "content-encoding": "identity" }), QUERY).await.answered();
}

#[tokio::test]
async fn other_methods_are_told_which_there_are() {
    let questions = nothing_yet().await;
    for method in ["PUT", "DELETE", "PATCH", "HEAD", "OPTIONS"] {
        let reply = send(&questions, http_event(Some(&alice()), method, "/graphql")).await;
        reply.refused(405, "METHOD_NOT_ALLOWED");
        assert_eq!(reply.headers["allow"], "GET, POST", "{method}");
    }
}

#[tokio::test]
async fn a_get_asks_and_changes_nothing() {
    let questions = nothing_yet().await;
    let both = "query Look { __typename } mutation Change { __typename }";
    for parameters in [
        json!({ "query": "{ __typename }" }),
        json!({ "query": "{ __typename }", "operationName": "", "variables": "", "extensions": "" }),
        json!({ "query": "query($n: String!) { __type(name: $n) { name } }", "variables": "{\"n\": \"a,b\"}" }),
        json!({ "query": "{ __typename }", "variables": "null", "extensions": "{\"some\": 1}" }),
    ] {
        get(&questions, &alice(), parameters).await.answered();
    }
    for parameters in [
        json!({ "query": "mutation { __typename }" }),
        json!({ "query": "mutation Change { nothing(of: 1) }" }),
        json!({ "query": both, "operationName": "Change" }),
    ] {
        let reply = get(&questions, &alice(), parameters).await;
        reply.refused(405, "METHOD_NOT_ALLOWED");
        assert_eq!(reply.headers["allow"], "POST");
    }
    // A mutation that is not meant is in nobody's way; where it is unclear what is meant, nothing is executed.
    get(&questions, &alice(), json!({ "query": both, "operationName": "Look" })).await.answered();
    get(&questions, &alice(), json!({ "query": both })).await.refused(400, "OPERATION_NOT_FOUND");
}
