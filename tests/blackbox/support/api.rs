use std::time::Duration;

use serde_json::{Value, json};
use ureq::Agent;

const TIMEOUT: Duration = Duration::from_secs(20);

/// One caller's way to the HTTP API.
#[derive(Clone)]
pub struct Api {
    agent: Agent,
    url: String,
    token: Option<String>,
    /// What is sent as `x-consistency-token`.
    written: Option<String>,
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    pub status: u16,
    pub content_type: String,
    /// `null` if it is not JSON.
    pub body: Value,
}

impl Answer {
    /// The code of a problem; that it is one in form is checked.
    pub fn problem(&self) -> &str {
        assert_eq!(self.content_type, "application/problem+json", "{self:?}");
        assert_eq!(self.body["status"], self.status, "{self:?}");
        for field in ["type", "title", "detail"] {
            assert!(self.body[field].as_str().is_some_and(|text| !text.is_empty()), "{field}: {self:?}");
        }
        self.body["code"].as_str().unwrap()
    }

    /// The code of a GraphQL answer's only error; that it is one in form is checked.
    pub fn error(&self) -> &str {
        assert!(self.content_type.starts_with("application/"), "{self:?}");
        let errors = self.body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        assert!(errors.len() == 1 && errors[0]["message"].is_string(), "{self:?}");
        errors[0]["extensions"]["code"].as_str().unwrap()
    }

    /// `(field, code)` of every violation, sorted.
    pub fn violations(&self) -> Vec<(&str, &str)> {
        let violations = self.body["violations"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut all: Vec<_> = violations
            .iter()
            .map(|it| (it["field"].as_str().unwrap(), it["code"].as_str().unwrap()))
            .collect();
        all.sort_unstable();
        all
    }
}

impl Api {
    pub fn new(url: &str, token: Option<&str>) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(TIMEOUT));
        Self {
            agent: config.proxy(None).build().into(),
            url: url.to_owned(),
            token: token.map(str::to_owned),
            written: None,
        }
    }

    /// The same caller, who tells what they have written.
    pub fn after(&self, consistency_token: &str) -> Self {
        Self { written: Some(consistency_token.to_owned()), ..self.clone() }
    }

    /// Posts a body. An error only if no answer came.
    pub fn try_post(&self, path: &str, body: &[u8]) -> Result<Answer, ureq::Error> {
        let mut request = self.agent.post(format!("{}{path}", self.url)).content_type("application/json");
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if let Some(written) = &self.written {
            request = request.header("x-consistency-token", written);
        }
        answer(request.send(body)?)
    }

    pub fn post(&self, path: &str, body: &[u8]) -> Answer {
        self.try_post(path, body).unwrap()
    }

    pub fn get(&self, path: &str) -> Answer {
        let mut request = self.agent.get(format!("{}{path}", self.url));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        answer(request.call().unwrap()).unwrap()
    }

    /// Sends a command, such as `project/CreateProject`.
    pub fn command(&self, command: &str, body: &Value) -> Answer {
        self.post(&format!("/commands/{command}"), body.to_string().as_bytes())
    }

    /// Asks over GraphQL; the `data`, for nothing may go wrong.
    pub fn ask(&self, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let mut answer = self.post("/graphql", body.as_bytes());
        assert_eq!((answer.status, &answer.body["errors"]), (200, &Value::Null), "{answer:?}");
        answer.body["data"].take()
    }
}

fn answer(mut response: ureq::http::Response<ureq::Body>) -> Result<Answer, ureq::Error> {
    let text = response.body_mut().read_to_string()?;
    let content_type = response.headers().get("content-type").map(|it| it.to_str().unwrap().to_owned());
    Ok(Answer {
        status: response.status().as_u16(),
        content_type: content_type.unwrap_or_default(),
        body: serde_json::from_str(&text).unwrap_or_default(),
    })
}
