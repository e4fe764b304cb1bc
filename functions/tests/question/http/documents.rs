//! Automatic persisted queries: a client sends a document's SHA-256, and its text only when asked to.

use serde_json::{Value, json};
use skafu_functions::graphql::DocumentId;

use super::{ask, get, nothing_yet, post};
use crate::support::{alice, zoe};

const QUERY: &str = "{ __typename }";

pub fn hash(text: &str) -> String {
    DocumentId::of(text).to_string()
}

pub fn persisted(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

#[test]
fn a_document_is_named_by_the_sha256_of_its_text() {
    // From the specification's appendix on persisted documents.
    let text = "query($id:ID!){user(id:$id){name}}";
    assert_eq!(hash(text), "71f7dc5758652baac68e4a10c50be732b741c892ade2883a99358f52b555286b");
    assert!(DocumentId::parse(&hash(text)).is_some());
    for no_name in ["", "71f7", &hash(text).to_uppercase(), &"g".repeat(64), &"é".repeat(32)] {
        assert_eq!(DocumentId::parse(no_name), None, "{no_name}");
    }
}

#[tokio::test]
async fn a_document_is_sent_once() {
    let questions = nothing_yet().await;
    let named = json!({ "extensions": persisted(&hash(QUERY)) });
    let unknown = ask(&questions, named.clone()).await;
    unknown.refused(400, "PERSISTED_QUERY_NOT_FOUND");
    // Some clients know it by its message.
    assert_eq!(unknown.body["errors"][0]["message"], "PersistedQueryNotFound");
    let unknown = post(&questions, json!({ "accept": "application/json" }), &named.to_string()).await;
    unknown.refused(200, "PERSISTED_QUERY_NOT_FOUND");

    let whole = json!({ "query": QUERY, "extensions": persisted(&hash(QUERY)) });
    ask(&questions, whole).await.answered();
    ask(&questions, named).await.answered();
    ask(&questions, json!({ "documentId": format!("sha256:{}", hash(QUERY)) })).await.answered();
}

#[tokio::test]
async fn by_get_too_and_for_everybody() {
    let questions = nothing_yet().await;
    let extensions = persisted(&hash(QUERY)).to_string();
    let named = json!({ "extensions": extensions });
    get(&questions, &alice(), named.clone()).await.refused(400, "PERSISTED_QUERY_NOT_FOUND");
    get(&questions, &alice(), json!({ "query": QUERY, "extensions": extensions })).await.answered();
    get(&questions, &zoe(), named).await.answered();
    let id = json!({ "documentId": format!("sha256:{}", hash(QUERY)) });
    get(&questions, &zoe(), id).await.answered();
}

#[tokio::test]
async fn variables_and_operation_come_with_the_name() {
    let questions = nothing_yet().await;
    let query = "query A { __typename } query B($n: String!) { __type(name: $n) { name } }";
    let mut request = json!({
        "query": query, "extensions": persisted(&hash(query)), "operationName": "B", "variables": { "n": "Project" }
    });
    ask(&questions, request.clone()).await.answered();
    request.as_object_mut().unwrap().remove("query");
    assert_eq!(*ask(&questions, request).await.answered(), json!({ "__type": { "name": "Project" } }));
}

#[tokio::test]
async fn nobody_gives_a_name_to_another_text() {
    let questions = nothing_yet().await;
    let extensions = persisted(&hash(QUERY));
    let other = "{ me { id } }";
    for accept in ["application/json", "application/graphql-response+json"] {
        for request in [
            json!({ "query": other, "extensions": extensions }),
            json!({ "query": other, "documentId": format!("sha256:{}", hash(QUERY)) }),
        ] {
            let reply = post(&questions, json!({ "accept": accept }), &request.to_string()).await;
            reply.refused(400, "PERSISTED_QUERY_HASH_MISMATCH");
        }
    }
    ask(&questions, json!({ "extensions": extensions })).await.refused(400, "PERSISTED_QUERY_NOT_FOUND");
}

#[tokio::test]
async fn only_documents_are_kept() {
    let questions = nothing_yet().await;
    let broken = "{ __typename";
    let request = json!({ "query": broken, "extensions": persisted(&hash(broken)) });
    ask(&questions, request).await.refused(400, "GRAPHQL_PARSE_FAILED");
    let named = json!({ "extensions": persisted(&hash(broken)) });
    ask(&questions, named).await.refused(400, "PERSISTED_QUERY_NOT_FOUND");
}

#[tokio::test]
async fn a_mutation_is_not_executed_by_get_under_its_name_either() {
    let questions = nothing_yet().await;
    let mutation = "mutation { __typename }";
    let extensions = persisted(&hash(mutation));
    ask(&questions, json!({ "query": mutation, "extensions": extensions })).await;
    let named = json!({ "extensions": extensions.to_string() });
    get(&questions, &alice(), named).await.refused(405, "METHOD_NOT_ALLOWED");
}

#[tokio::test]
async fn names_of_other_kinds_are_malformed() {
    let questions = nothing_yet().await;
    let hash = hash(QUERY);
    for request in [
        json!({ "documentId": hash }),
        json!({ "documentId": format!("md5:{hash}") }),
        json!({ "documentId": format!("sha256:{}", hash.to_uppercase()) }),
        json!({ "documentId": "sha256:" }),
        json!({ "extensions": { "persistedQuery": { "version": 2, "sha256Hash": hash } } }),
        json!({ "extensions": { "persistedQuery": { "sha256Hash": hash } } }),
        json!({ "extensions": { "persistedQuery": { "version": 1 } } }),
        json!({ "extensions": persisted(&hash[1..]) }),
        json!({ "documentId": format!("sha256:{hash}"), "extensions": persisted(&"0".repeat(64)) }),
    ] {
        ask(&questions, request).await.refused(400, "MALFORMED_REQUEST");
    }
}
