//! GraphQL over HTTP: what a client may send, and what status, type and body it gets.

mod documents;
mod malformed;
mod negotiation;
mod statuses;
mod trusted;

use serde_json::{Value, json};

use crate::support::{Person, Questions, World, alice, http_event};

pub const JSON: &str = "application/json; charset=utf-8";
pub const GRAPHQL: &str = "application/graphql-response+json; charset=utf-8";

/// The `graphql` function where nothing has happened yet.
pub async fn nothing_yet() -> Questions {
    Questions::of(&World::empty()).await
}

/// An answer with its headers.
#[derive(Debug)]
pub struct Reply {
    pub status: u64,
    pub headers: Value,
    pub body: Value,
}

impl Reply {
    pub fn content_type(&self) -> &str {
        self.headers["content-type"].as_str().unwrap()
    }

    /// Asserts that the request was not executed, and why not: one error with a message, and no data.
    #[track_caller]
    pub fn refused(&self, status: u64, code: &str) {
        let errors = self.body["errors"].as_array().unwrap();
        assert_eq!((self.status, &errors[0]["extensions"]["code"]), (status, &json!(code)), "{self:?}");
        assert!(errors.len() == 1 && !errors[0]["message"].as_str().unwrap().is_empty(), "{self:?}");
        assert_eq!((self.body.get("data"), &self.headers["cache-control"]), (None, &json!("no-store")));
    }

    /// Asserts that the request was executed without errors.
    #[track_caller]
    pub fn answered(&self) -> &Value {
        assert_eq!((self.status, self.body.get("errors")), (200, None), "{self:?}");
        &self.body["data"]
    }
}

pub async fn send(questions: &Questions, event: Value) -> Reply {
    let response = questions.graphql.handle(&serde_json::from_value(event).unwrap()).await;
    let response = serde_json::to_value(response).unwrap();
    let body = serde_json::from_str(response["body"].as_str().unwrap()).unwrap();
    Reply { status: response["statusCode"].as_u64().unwrap(), headers: response["headers"].clone(), body }
}

/// Posts a body as JSON, with more headers or others; one that is null is left out.
pub async fn post(questions: &Questions, headers: Value, body: &str) -> Reply {
    let mut event = http_event(Some(&alice()), "POST", "/graphql");
    for (name, value) in headers.as_object().unwrap() {
        event["headers"][name] = value.clone();
    }
    event["headers"].as_object_mut().unwrap().retain(|_, value| !value.is_null());
    event["body"] = json!(body);
    send(questions, event).await
}

/// Posts a request, to be answered in GraphQL's own type.
pub async fn ask(questions: &Questions, body: Value) -> Reply {
    post(questions, json!({ "accept": "application/graphql-response+json" }), &body.to_string()).await
}

/// The same by GET, for any person.
pub async fn get(questions: &Questions, person: &Person, parameters: Value) -> Reply {
    let mut event = http_event(Some(person), "GET", "/graphql");
    event["headers"]["accept"] = json!("application/graphql-response+json");
    event["queryStringParameters"] = parameters;
    send(questions, event).await
}
