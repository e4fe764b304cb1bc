use async_trait::async_trait;
use aws_sdk_sfn::Client;
use aws_sdk_sfn::error::SdkError;
use aws_sdk_sfn::operation::start_execution::StartExecutionError;
use aws_types::SdkConfig;
use serde_json::Value;

use crate::saga::{Started, WorkflowError, Workflows};

/// A state machine of Step Functions.
#[derive(Debug, Clone)]
pub struct StepFunctions {
    client: Client,
    machine: String,
}

impl StepFunctions {
    /// The state machine of that ARN.
    pub fn new(config: &SdkConfig, machine: impl Into<String>) -> Self {
        Self { client: Client::new(config), machine: machine.into() }
    }
}

#[async_trait]
impl Workflows for StepFunctions {
    async fn start(&self, name: &str, input: Value) -> Result<Started, WorkflowError> {
        let request = self.client.start_execution().state_machine_arn(&self.machine).name(name);
        match request.input(input.to_string()).send().await {
            Ok(_) => Ok(Started::Now),
            Err(SdkError::ServiceError(error))
                if matches!(error.err(), StartExecutionError::ExecutionAlreadyExists(_)) =>
            {
                Ok(Started::Before)
            }
            Err(error) => Err(WorkflowError(Box::new(error))),
        }
    }
}
