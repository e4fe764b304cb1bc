use async_trait::async_trait;
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use aws_types::SdkConfig;

use crate::chunks::chunks;
use crate::queues::{MessageQueue, QueueError};

/// The most messages one request may hold.
const MAX_MESSAGES: usize = 10;
/// The most bytes they may have together: what every queue takes.
const MAX_REQUEST_BYTES: usize = 240 * 1024;

/// A queue of SQS.
#[derive(Debug, Clone)]
pub struct SqsQueue {
    client: Client,
    url: String,
}

impl SqsQueue {
    /// The queue of that URL.
    pub fn new(config: &SdkConfig, url: impl Into<String>) -> Self {
        Self { client: Client::new(config), url: url.into() }
    }

    async fn send_request(&self, bodies: &[String]) -> Result<(), QueueError> {
        let mut request = self.client.send_message_batch().queue_url(&self.url);
        for (at, body) in bodies.iter().enumerate() {
            let entry = SendMessageBatchRequestEntry::builder().id(at.to_string()).message_body(body);
            let entry = entry.build().map_err(|error| QueueError::Unavailable(Box::new(error)))?;
            request = request.entries(entry);
        }
        let answer = request.send().await.map_err(|error| QueueError::Unavailable(Box::new(error)))?;
        match answer.failed() {
            [] => Ok(()),
            [first, ..] => {
                Err(QueueError::Refused { refused: answer.failed().len(), code: first.code().to_owned() })
            }
        }
    }
}

#[async_trait]
impl MessageQueue for SqsQueue {
    async fn send(&self, bodies: &[String]) -> Result<(), QueueError> {
        for request in chunks(bodies, MAX_MESSAGES, MAX_REQUEST_BYTES, String::len) {
            self.send_request(request).await?;
        }
        Ok(())
    }
}
