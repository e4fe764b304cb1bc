use std::sync::Arc;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use serde::Deserialize;
use skafu_events::Envelope;
use skafu_store::Chain;

use super::due::{Told, following};
use super::stopped::StatusChange;
use super::{SagaInput, Started, WorkflowError, Workflows};

/// An event of the bus: a domain event, or what Step Functions tells of an execution.
#[derive(Debug, Deserialize)]
#[serde(tag = "source", content = "detail")]
enum BusEvent {
    #[serde(rename = "aws.states")]
    Execution(StatusChange),
    #[serde(rename = "skafu.project")]
    Project(Box<Envelope>),
}

/// Why a message must be delivered again.
#[derive(Debug, thiserror::Error)]
enum Undelivered {
    #[error("the message is no event of a project or an execution")]
    Unreadable(#[from] serde_json::Error),
    #[error("the event cannot be read")]
    Event(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error(transparent)]
    Workflow(#[from] WorkflowError),
}

/// Starts the executions that follow from events: one per attempt, and one for each time an attempt is to be undone
/// by other means than its own.
pub struct SagaStart {
    workflows: Arc<dyn Workflows>,
}

impl SagaStart {
    /// A handler that starts executions of `workflows`.
    pub fn new(workflows: Arc<dyn Workflows>) -> Self {
        Self { workflows }
    }

    /// Handles a batch of events. The answer names the messages to deliver again.
    pub async fn handle(&self, batch: SqsEvent) -> SqsBatchResponse {
        let mut response = SqsBatchResponse::default();
        for message in batch.records {
            if let Err(error) = self.start(message.body.as_deref().unwrap_or_default()).await {
                let id = message.message_id.unwrap_or_default();
                let error = Chain(&error);
                tracing::error!(message = id, %error, "no execution was started: will be delivered again");
                response.add_failure(id);
            }
        }
        response
    }

    async fn start(&self, body: &str) -> Result<(), Undelivered> {
        let input = match serde_json::from_str(body)? {
            BusEvent::Project(envelope) => following_envelope(&envelope)?,
            BusEvent::Execution(change) if change.is_premature() => {
                let undoing = change.undoing()?;
                if undoing.is_none() {
                    tracing::error!(execution = change.name, "an undoing ended before its time");
                }
                undoing
            }
            BusEvent::Execution(_) => None,
        };
        if let Some(input) = input {
            begin(&*self.workflows, &input).await?;
        }
        Ok(())
    }
}

fn following_envelope(envelope: &Envelope) -> Result<Option<SagaInput>, Undelivered> {
    let stream = envelope.stream().map_err(|error| Undelivered::Event(error.into()))?;
    let told = Told {
        event_type: &envelope.event_type,
        event_version: envelope.event_version,
        data: &envelope.data,
        correlation_id: envelope.correlation_id,
    };
    following(&stream, &told).map_err(|error| Undelivered::Event(error.into()))
}

/// Starts an execution. Starting it twice is starting it once.
pub async fn begin(workflows: &dyn Workflows, input: &SagaInput) -> Result<Started, WorkflowError> {
    let payload = serde_json::to_value(input).map_err(|error| WorkflowError(Box::new(error)))?;
    workflows.start(&input.execution_name(), payload).await
}
