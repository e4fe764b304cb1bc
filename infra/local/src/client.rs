//! A client of the HTTP API, as any other would be: what the command line knows, it asks for.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use skafu_functions::Problem;
use skafu_functions::gateway::CommandAnswer;
use ureq::Agent;
use ureq::http::Response;
use uuid::Uuid;

use crate::system::{DeadLetterPage, DeadLetterQueue, Progress, Redriven, SagaRun};

/// Longer than the API lets anybody wait.
const TIMEOUT: Duration = Duration::from_secs(60);
/// In bytes: more messages than anybody looks at, each as large as a queue takes.
const LARGEST_ANSWER: u64 = 256 << 20;
const HEALTH_TIMEOUT: Duration = Duration::from_secs(2);

/// Why a request led to nothing.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answered.
    #[error("the system at {url} does not answer")]
    Unreachable {
        /// Where it was to be.
        url: String,
        /// What happened instead.
        #[source]
        source: Box<ureq::Error>,
    },
    /// The API refused.
    #[error(transparent)]
    Refused(#[from] Problem),
    /// The answer was none of those the API gives.
    #[error("the system gave an answer that makes no sense: {0}")]
    Unexpected(String),
}

/// A client with one caller's token.
pub struct Client {
    agent: Agent,
    url: String,
    token: String,
}

/// Whether a system answers there.
pub fn is_alive(url: &str) -> bool {
    let agent = agent(HEALTH_TIMEOUT);
    agent.get(format!("{url}/health")).call().is_ok_and(|response| response.status().is_success())
}

fn agent(timeout: Duration) -> Agent {
    // A refusal is an answer, not an error. No proxy stands between this machine and itself.
    let config =
        Agent::config_builder().http_status_as_error(false).timeout_global(Some(timeout)).proxy(None);
    config.build().into()
}

impl Client {
    /// A client of the system at `url`.
    pub fn new(url: &str, token: String) -> Self {
        Self { agent: agent(TIMEOUT), url: url.to_owned(), token }
    }

    /// Sends a command. Sending it again under the same id is sending it once.
    pub fn command(
        &self,
        context: &str,
        command: &str,
        command_id: Uuid,
        data: &Value,
    ) -> Result<CommandAnswer, ClientError> {
        let body = json!({ "commandId": command_id, "data": data }).to_string();
        self.post(&format!("/commands/{context}/{command}"), body)
    }

    /// Asks a question; its `data`.
    pub fn query(&self, query: &str, variables: &Value) -> Result<Value, ClientError> {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let mut answer: Value = self.post("/graphql", body)?;
        match answer.get("errors") {
            Some(errors) => Err(ClientError::Unexpected(errors.to_string())),
            None => Ok(answer["data"].take()),
        }
    }

    /// How far an execution is, once there is news after event `after`. None: it has not started yet.
    pub fn progress(&self, execution: &str, after: u64) -> Result<Option<Progress>, ClientError> {
        let mut response = self.call(&format!("/executions/{execution}?after={after}"))?;
        if response.status() == 404 {
            return Ok(None);
        }
        self.read(&mut response).map(Some)
    }

    /// Every execution for a project of the caller's tenant, the first one first.
    pub fn saga_runs(&self, project: &str) -> Result<Vec<SagaRun>, ClientError> {
        self.get(&format!("/executions?project={}", segment(project)))
    }

    /// Every dead-letter queue.
    pub fn dead_letter_queues(&self) -> Result<Vec<DeadLetterQueue>, ClientError> {
        self.get("/queues")
    }

    /// A dead-letter queue and its oldest messages.
    pub fn dead_letters(&self, queue: &str, limit: usize) -> Result<DeadLetterPage, ClientError> {
        self.get(&format!("/queues/{}?limit={limit}", segment(queue)))
    }

    /// Sends the messages of a dead-letter queue back to where they came from.
    pub fn redrive(&self, queue: &str) -> Result<Redriven, ClientError> {
        self.post(&format!("/queues/{}/redrive", segment(queue)), String::new())
    }

    fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        let mut response = self.call(path)?;
        self.read(&mut response)
    }

    fn call(&self, path: &str) -> Result<Response<ureq::Body>, ClientError> {
        let request = self.agent.get(format!("{}{path}", self.url));
        let request = request.header("authorization", format!("Bearer {}", self.token));
        request.call().map_err(|error| self.unreachable(error))
    }

    fn post<T: DeserializeOwned>(&self, path: &str, body: String) -> Result<T, ClientError> {
        let request = self.agent.post(format!("{}{path}", self.url)).content_type("application/json");
        let request = request.header("authorization", format!("Bearer {}", self.token));
        let mut response = request.send(body).map_err(|error| self.unreachable(error))?;
        self.read(&mut response)
    }

    fn read<T: DeserializeOwned>(&self, response: &mut Response<ureq::Body>) -> Result<T, ClientError> {
        let body = response.body_mut().with_config().limit(LARGEST_ANSWER);
        let text = body.read_to_string().map_err(|error| self.unreachable(error))?;
        if response.status().is_success() {
            return serde_json::from_str(&text).map_err(|error| ClientError::Unexpected(error.to_string()));
        }
        match serde_json::from_str::<Problem>(&text) {
            Ok(problem) => Err(problem.into()),
            Err(_) => Err(ClientError::Unexpected(format!("HTTP {}", response.status()))),
        }
    }

    fn unreachable(&self, error: ureq::Error) -> ClientError {
        ClientError::Unreachable { url: self.url.clone(), source: Box::new(error) }
    }
}

/// Any text as one segment of a path.
fn segment(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escape).collect()
}
