use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::{Builder, timeout::TimeoutConfig};
use aws_sdk_lambda::primitives::Blob;
use aws_types::SdkConfig;

use crate::gateway::{CommandAnswer, CommandGateway, GatewayError, InternalAnswer, InternalCommand};

/// The `commands` function, invoked and awaited.
#[derive(Debug, Clone)]
pub struct LambdaGateway {
    client: Client,
    function: String,
}

impl LambdaGateway {
    /// The function of that name or ARN.
    pub fn new(config: &SdkConfig, function: impl Into<String>) -> Self {
        // As long as the other function may take, and a little more; in all less than any caller has, so that it can
        // still say that nobody answered.
        let timeouts = TimeoutConfig::builder()
            .operation_attempt_timeout(Duration::from_secs(20))
            .operation_timeout(Duration::from_secs(25))
            .build();
        let config = Builder::from(config).timeout_config(timeouts).build();
        Self { client: Client::from_conf(config), function: function.into() }
    }
}

#[async_trait]
impl CommandGateway for LambdaGateway {
    async fn send(&self, command: InternalCommand) -> Result<CommandAnswer, GatewayError> {
        let unavailable = |what: &dyn std::fmt::Display| GatewayError::Unavailable(what.to_string());
        let payload = serde_json::to_vec(&command).map_err(|error| unavailable(&error))?;
        let request = self.client.invoke().function_name(&self.function).payload(Blob::new(payload));
        let answer = request
            .send()
            .await
            .map_err(|error| unavailable(&aws_sdk_lambda::error::DisplayErrorContext(&error)))?;
        if let Some(kind) = answer.function_error() {
            return Err(unavailable(&kind));
        }
        let payload = answer.payload().map(Blob::as_ref).unwrap_or_default();
        match serde_json::from_slice(payload).map_err(|error| unavailable(&error))? {
            InternalAnswer::Accepted(answer) => Ok(answer),
            InternalAnswer::Refused(problem) => Err(problem.into()),
        }
    }
}
