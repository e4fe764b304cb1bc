use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::{Builder, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_types::SdkConfig;

use crate::failures::{ERROR_OCCURRED, ErrorOccurred, FailureReports, ReportError, SOURCE};

/// Whoever asked waits meanwhile.
const TIMEOUT: Duration = Duration::from_secs(1);

/// The error bus.
#[derive(Debug, Clone)]
pub struct ErrorBus {
    client: Client,
    bus: String,
}

impl ErrorBus {
    /// The bus of that name or ARN.
    pub fn new(config: &SdkConfig, bus: impl Into<String>) -> Self {
        let timeouts = TimeoutConfig::builder().operation_timeout(TIMEOUT).build();
        let config = Builder::from(config).timeout_config(timeouts).retry_config(RetryConfig::disabled());
        Self { client: Client::from_conf(config.build()), bus: bus.into() }
    }
}

#[async_trait]
impl FailureReports for ErrorBus {
    async fn report(&self, occurred: &ErrorOccurred) -> Result<(), ReportError> {
        let detail = serde_json::to_string(occurred).map_err(|error| ReportError(error.into()))?;
        let entry = PutEventsRequestEntry::builder().event_bus_name(&self.bus).source(SOURCE);
        let entry = entry.detail_type(ERROR_OCCURRED).detail(detail).build();
        let answer = self.client.put_events().entries(entry).send().await;
        let answer = answer.map_err(|error| ReportError(error.into()))?;
        match answer.entries().iter().find_map(|entry| entry.error_code()) {
            Some(code) => Err(ReportError(code.into())),
            None => Ok(()),
        }
    }
}
