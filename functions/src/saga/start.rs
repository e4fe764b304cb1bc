use std::sync::Arc;

use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent};
use serde::Deserialize;
use skafu_events::{Envelope, StreamId};
use uuid::Uuid;

use super::{SagaInput, Started, WorkflowError, Workflows};

/// The first attempt of every project.
const FIRST_ATTEMPT: u32 = 1;

#[derive(Debug, Deserialize)]
struct BusEvent {
    detail: Envelope,
}

/// Starts one execution per created project.
pub struct SagaStart {
    workflows: Arc<dyn Workflows>,
}

impl SagaStart {
    /// A handler that starts executions of `workflows`.
    pub fn new(workflows: Arc<dyn Workflows>) -> Self {
        Self { workflows }
    }

    /// Handles a batch of `ProjectCreated` events. The answer names the messages to deliver again.
    pub async fn handle(&self, batch: SqsEvent) -> SqsBatchResponse {
        let mut response = SqsBatchResponse::default();
        for message in batch.records {
            if let Err(reason) = self.start(message.body.as_deref().unwrap_or_default()).await {
                let id = message.message_id.unwrap_or_default();
                tracing::error!(message = id, reason, "no execution was started: will be delivered again");
                let mut failure = BatchItemFailure::default();
                failure.item_identifier = id;
                response.batch_item_failures.push(failure);
            }
        }
        response
    }

    async fn start(&self, body: &str) -> Result<(), String> {
        let event: BusEvent = serde_json::from_str(body).map_err(|error| error.to_string())?;
        let stream = event.detail.stream().map_err(|error| error.to_string())?;
        start_first(&*self.workflows, &stream, event.detail.correlation_id).await.map(drop).map_err(|error| {
            let source = std::error::Error::source(&error).map(ToString::to_string).unwrap_or_default();
            format!("{error}: {source}")
        })
    }
}

/// Starts the execution of a project's first attempt. Starting it twice is starting it once.
pub async fn start_first(
    workflows: &dyn Workflows,
    project: &StreamId,
    correlation_id: Uuid,
) -> Result<Started, WorkflowError> {
    let input = SagaInput {
        tenant_id: project.tenant().clone(),
        project_id: project.id().to_owned(),
        correlation_id,
        attempt: FIRST_ATTEMPT,
    };
    let payload = serde_json::to_value(&input).map_err(|error| WorkflowError(Box::new(error)))?;
    workflows.start(&input.execution_name(), payload).await
}
