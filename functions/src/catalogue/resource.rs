use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use skafu_store::keyring::{Keyring, KeysError};
use skafu_store::{Chain, EventStore};

use crate::Clock;
use crate::commands::Commands;

use super::{CatalogueError, publish};

/// The resource's id, the same in every deployment: another one would make CloudFormation delete the former.
const PHYSICAL_ID: &str = "built-in-templates";

/// How long to wait between the attempts: well within the function's timeout.
const PAUSES_SECONDS: [u64; 5] = [1, 2, 4, 8, 16];

/// CloudFormation shows about that much of a reason, in bytes.
const MAX_REASON: usize = 1024;

/// What CloudFormation asks of a custom resource; fields nobody needs are left out.
/// Source: "Custom resource request objects" of the CloudFormation user guide.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Request {
    request_type: RequestType,
    #[serde(rename = "ResponseURL")]
    response_url: String,
    stack_id: String,
    request_id: String,
    logical_resource_id: String,
    physical_resource_id: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum RequestType {
    Create,
    Update,
    Delete,
}

/// What CloudFormation is told. Source: "Custom resource response objects" of the same guide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Outcome {
    /// `SUCCESS` or `FAILED`.
    pub status: String,
    /// Why it failed; empty if it did not.
    pub reason: String,
    /// Which thing the resource stands for.
    pub physical_resource_id: String,
    /// As in the request.
    pub stack_id: String,
    /// As in the request.
    pub request_id: String,
    /// As in the request.
    pub logical_resource_id: String,
}

/// CloudFormation could not be told. It waits until its time is up, so the invocation had better be repeated.
#[derive(Debug, thiserror::Error)]
#[error("the outcome could not be left: {0}")]
pub struct OutcomeError(pub String);

/// Where outcomes are left.
#[async_trait]
pub trait Outcomes: Send + Sync {
    /// Leaves the outcome at the URL that came with the request.
    async fn leave(&self, url: &str, outcome: &Outcome) -> Result<(), OutcomeError>;
}

/// The twin: keeps outcomes with their URLs.
#[derive(Debug, Default)]
pub struct MemoryOutcomes(Mutex<Vec<(String, Outcome)>>);

impl MemoryOutcomes {
    /// Everything left so far.
    pub fn left(&self) -> Vec<(String, Outcome)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Outcomes for MemoryOutcomes {
    async fn leave(&self, url: &str, outcome: &Outcome) -> Result<(), OutcomeError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((url.to_owned(), outcome.clone()));
        Ok(())
    }
}

/// Why the function fails, to be invoked once more.
#[derive(Debug, thiserror::Error)]
pub enum ResourceError {
    /// Not a request of CloudFormation: there is nobody to tell.
    #[error("not a custom resource's request")]
    Request(#[from] serde_json::Error),
    /// CloudFormation could not be told.
    #[error(transparent)]
    Outcome(#[from] OutcomeError),
}

/// What a deployment is to find could not be left.
#[derive(Debug, thiserror::Error)]
enum DeploymentError {
    #[error("the keys of tokens could not be made")]
    Keys(#[from] KeysError),
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
}

/// The handler of the `catalogue` function: a resource that exists once the built-in templates are published, and the
/// keys are made that tokens are signed with. Whoever answers questions needs those and may not write.
pub struct CatalogueResource {
    events: Arc<dyn EventStore>,
    commands: Arc<Commands>,
    keyring: Keyring,
    clock: Arc<dyn Clock>,
    outcomes: Arc<dyn Outcomes>,
}

impl CatalogueResource {
    /// Publishes by these commands, whose event store that is.
    pub fn new(
        events: Arc<dyn EventStore>,
        commands: Arc<Commands>,
        keyring: Keyring,
        clock: Arc<dyn Clock>,
        outcomes: Arc<dyn Outcomes>,
    ) -> Self {
        Self { events, commands, keyring, clock, outcomes }
    }

    /// Does what a deployment asks for, and tells how it went: a deployment that is told nothing waits for an hour.
    /// The end of a stack takes nothing back, for the events stay.
    pub async fn handle(&self, event: Value) -> Result<(), ResourceError> {
        let request: Request = serde_json::from_value(event)?;
        let done = match request.request_type {
            RequestType::Delete => Ok(0),
            RequestType::Create | RequestType::Update => self.prepare().await,
        };
        let reason = match done {
            Ok(published) => {
                tracing::info!(published, "the built-in templates are published");
                None
            }
            Err(error) => {
                tracing::error!(error = %Chain(&error), "what the deployment needs is not there");
                Some(shortened(Chain(&error).to_string()))
            }
        };
        let outcome = Outcome {
            status: if reason.is_none() { "SUCCESS" } else { "FAILED" }.to_owned(),
            reason: reason.unwrap_or_default(),
            physical_resource_id: request.physical_resource_id.unwrap_or_else(|| PHYSICAL_ID.to_owned()),
            stack_id: request.stack_id,
            request_id: request.request_id,
            logical_resource_id: request.logical_resource_id,
        };
        Ok(self.outcomes.leave(&request.response_url, &outcome).await?)
    }

    /// Tries for a while: a role that is seconds old is not known everywhere yet, and a failure would undo the stack.
    async fn prepare(&self) -> Result<usize, DeploymentError> {
        for pause in PAUSES_SECONDS {
            match self.try_once().await {
                Ok(published) => return Ok(published),
                Err(error) => {
                    tracing::warn!(error = %Chain(&error), "not yet prepared: will be tried again")
                }
            }
            tokio::time::sleep(Duration::from_secs(pause)).await;
        }
        self.try_once().await
    }

    async fn try_once(&self) -> Result<usize, DeploymentError> {
        self.keyring.renew(self.clock.now()).await?;
        Ok(publish(&*self.events, &self.commands).await?)
    }
}

/// The beginning, cut between two characters.
fn shortened(mut reason: String) -> String {
    reason.truncate(reason.floor_char_boundary(MAX_REASON));
    reason
}
