//! Which request is answered how.

use lambda_http::http::{Method, StatusCode, header};
use lambda_http::{Body, Error, Request, RequestExt, Response};
use serde::Serialize;
use serde_json::json;

use crate::item::{Item, NewItem};
use crate::store::Items;

/// Answers one request. An error is a failed invocation: the client sees a plain 500, the log the reason.
pub async fn answer(items: &impl Items, request: Request) -> Result<Response<Body>, Error> {
    let path = request.uri().path().trim_matches('/').to_owned();
    let parts: Vec<&str> = path.split('/').collect();
    match (request.method(), parts.as_slice()) {
        (&Method::POST, ["items"]) => create(items, &request).await,
        (&Method::GET, ["items"]) => list(items, &request).await,
        (&Method::GET, ["items", id]) => show(items, id).await,
        _ => refusal(StatusCode::NOT_FOUND, "There is no such route."),
    }
}

async fn create(items: &impl Items, request: &Request) -> Result<Response<Body>, Error> {
    let Ok(wanted) = serde_json::from_slice::<NewItem>(request.body().as_ref()) else {
        return refusal(
            StatusCode::BAD_REQUEST,
            "The body must be JSON like {\"name\": \"tea\"}.",
        );
    };
    match Item::new(&wanted) {
        Ok(item) => {
            items.add(&item).await?;
            reply(StatusCode::CREATED, &item)
        }
        Err(problem) => refusal(StatusCode::BAD_REQUEST, problem),
    }
}

async fn list(items: &impl Items, request: &Request) -> Result<Response<Body>, Error> {
    let query = request.query_string_parameters();
    let page = items.page(query.first("after")).await?;
    reply(StatusCode::OK, &json!({ "items": page.items, "next": page.next }))
}

async fn show(items: &impl Items, id: &str) -> Result<Response<Body>, Error> {
    match items.find(id).await? {
        Some(item) => reply(StatusCode::OK, &item),
        None => refusal(StatusCode::NOT_FOUND, "There is no such item."),
    }
}

fn refusal(status: StatusCode, problem: &str) -> Result<Response<Body>, Error> {
    reply(status, &json!({ "error": problem }))
}

fn reply(status: StatusCode, body: &impl Serialize) -> Result<Response<Body>, Error> {
    let body = serde_json::to_string(body)?;
    Ok(Response::builder()
        .status(status)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body))?)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::Value;

    use super::*;
    use crate::store::memory::MemoryItems;

    async fn ask(items: &MemoryItems, method: &str, path: &str, body: &str) -> (u16, Value) {
        let request = lambda_http::http::Request::builder().method(method).uri(path);
        let mut request = request.body(Body::from(body)).unwrap();
        if let Some((_, after)) = path.split_once("?after=") {
            let query = HashMap::from([("after".to_owned(), vec![after.to_owned()])]);
            request = request.with_query_string_parameters(query);
        }
        let answer = answer(items, request).await.unwrap();
        assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/json");
        (
            answer.status().as_u16(),
            serde_json::from_slice(answer.body().as_ref()).unwrap(),
        )
    }

    #[tokio::test]
    async fn an_item_that_is_created_is_found() {
        let items = MemoryItems::default();
        let (status, item) = ask(&items, "POST", "/items", r#"{"name": " tea "}"#).await;
        assert_eq!((status, &item["name"]), (201, &json!("tea")));
        let path = format!("/items/{}", item["id"].as_str().unwrap());
        assert_eq!(ask(&items, "GET", &path, "").await, (200, item));
    }

    #[tokio::test]
    async fn all_items_are_listed_page_after_page() {
        let items = MemoryItems::default();
        for name in ["tea", "coffee", "milk"] {
            ask(&items, "POST", "/items", &json!({ "name": name }).to_string()).await;
        }
        let (_, first) = ask(&items, "GET", "/items", "").await;
        let (_, last) = ask(
            &items,
            "GET",
            &format!("/items?after={}", first["next"].as_str().unwrap()),
            "",
        )
        .await;
        let mut names: Vec<&str> = [&first, &last]
            .iter()
            .flat_map(|page| page["items"].as_array().unwrap())
            .map(|item| item["name"].as_str().unwrap())
            .collect();
        names.sort_unstable();
        assert_eq!((names, &last["next"]), (vec!["coffee", "milk", "tea"], &Value::Null));
    }

    #[tokio::test]
    async fn what_is_no_item_is_refused() {
        let items = MemoryItems::default();
        for body in ["", "tea", "[]", "{}", r#"{"name": 1}"#, r#"{"name": " "}"#] {
            let (status, answer) = ask(&items, "POST", "/items", body).await;
            assert_eq!(status, 400, "{body}");
            assert!(answer["error"].is_string(), "{body}");
        }
        assert_eq!(ask(&items, "GET", "/items", "").await.1["items"], json!([]));
    }

    #[tokio::test]
    async fn other_routes_are_not_found() {
        let items = MemoryItems::default();
        for (method, path) in [
            ("GET", "/"),
            ("DELETE", "/items"),
            ("GET", "/items/none"),
            ("GET", "/items/a/b"),
        ] {
            assert_eq!(ask(&items, method, path, "").await.0, 404, "{method} {path}");
        }
    }

    #[tokio::test]
    async fn a_store_that_cannot_be_reached_fails_the_invocation() {
        let items = MemoryItems::unplugged();
        let request = lambda_http::http::Request::builder()
            .uri("/items")
            .body(Body::Empty)
            .unwrap();
        assert_eq!(
            answer(&items, request).await.unwrap_err().to_string(),
            "the items could not be reached"
        );
    }
}
