use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_eventbridge::Client;
use aws_sdk_eventbridge::config::{Builder, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_eventbridge::primitives::DateTime;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_types::SdkConfig;

use crate::relay::{BusEntry, EventPublisher, PublishError};

/// A bus of EventBridge.
#[derive(Debug, Clone)]
pub struct EventBridgePublisher {
    client: Client,
    bus: String,
}

impl EventBridgePublisher {
    /// The bus of that name or ARN.
    pub fn new(config: &SdkConfig, bus: impl Into<String>) -> Self {
        // The relay tries again by itself, and must find out in time that nobody answers: its function ends
        // after 30 seconds, and what the bus did not take has to be queued before that.
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(1))
            .operation_timeout(Duration::from_secs(3))
            .build();
        let retries = RetryConfig::disabled();
        let config = Builder::from(config).timeout_config(timeouts).retry_config(retries).build();
        Self { client: Client::from_conf(config), bus: bus.into() }
    }
}

#[async_trait]
impl EventPublisher for EventBridgePublisher {
    async fn publish(&self, entries: &[BusEntry]) -> Result<Vec<bool>, PublishError> {
        let entry = |entry: &BusEntry| {
            Ok(PutEventsRequestEntry::builder()
                .event_bus_name(&self.bus)
                .source(&entry.source)
                .detail_type(&entry.detail_type)
                .detail(serde_json::to_string(&entry.detail)?)
                .time(DateTime::from_millis(entry.time.date_time().timestamp_millis()))
                .build())
        };
        let entries: Result<Vec<_>, serde_json::Error> = entries.iter().map(entry).collect();
        let answer = self.client.put_events().set_entries(Some(entries?)).send().await;
        let answer = answer.map_err(|error| PublishError::Unavailable(Box::new(error)))?;
        let taken = |entry: &aws_sdk_eventbridge::types::PutEventsResultEntry| {
            if let Some(code) = entry.error_code() {
                tracing::warn!(code, message = entry.error_message(), "the bus refused an entry");
            }
            entry.error_code().is_none()
        };
        Ok(answer.entries().iter().map(taken).collect())
    }
}
