//! The event-source mapping: calls a function with batches of a queue's messages.

use skafu_store::Chain;
use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinSet};

use super::{
    Message, QueueError, Queues,
    event::{failed_items, sqs_event},
};
use crate::invoke::Invoke;

/// How long the poller rests when the database failed.
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(1);

/// The subscription of a function to a queue.
#[derive(Debug, Clone)]
pub struct Mapping {
    /// Name of the queue.
    pub queue: String,
    /// At most this many messages in one call.
    pub batch_size: usize,
    /// At most this many calls at a time. With 1, messages are handled nearly in their order.
    pub concurrency: usize,
    /// Whether the function answers which messages of a batch failed (`ReportBatchItemFailures`); without,
    /// its answer is ignored and a batch succeeds or fails as one.
    pub report_item_failures: bool,
    /// When a failed message comes back; `None` is what AWS does: after the visibility timeout.
    pub retry_after: Option<RetryAfter>,
}

impl Mapping {
    /// One call at a time with up to ten messages, without reports of single failures; what failed comes
    /// back after a second at first, after a minute at last.
    pub fn new(queue: impl Into<String>) -> Self {
        let retry = RetryAfter { first: Duration::from_secs(1), max: Duration::from_secs(60) };
        Self {
            queue: queue.into(),
            batch_size: 10,
            concurrency: 1,
            report_item_failures: false,
            retry_after: Some(retry),
        }
    }
}

/// Delays that double with each receive: a developer who mends a function should not wait for a visibility
/// timeout meant for production.
#[derive(Debug, Clone, Copy)]
pub struct RetryAfter {
    /// After the first failure.
    pub first: Duration,
    /// Never more than this.
    pub max: Duration,
}

impl RetryAfter {
    fn delay(&self, receive_count: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(receive_count.saturating_sub(1));
        self.first.saturating_mul(doubled).min(self.max)
    }
}

/// Serves the mapping until `stop` becomes true or its sender is dropped, then returns as soon as the calls
/// under way have ended. Fails only if the queue was not declared. A queue has one mapping at most: of two,
/// only one is woken by a new message.
pub async fn poll(
    queues: Queues,
    mapping: Mapping,
    function: Arc<dyn Invoke>,
    mut stop: watch::Receiver<bool>,
) -> Result<(), QueueError> {
    let sent = queues.queue(&mapping.queue)?.1.clone();
    let mapping = Arc::new(mapping);
    let mut calls = JoinSet::new();
    loop {
        let wake_up = match start_calls(&queues, &mapping, &function, &mut calls) {
            Ok(wake_up) => wake_up,
            Err(error) => {
                report(&mapping.queue, &error);
                Some(PAUSE_AFTER_ERROR)
            }
        };
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => break,
            () = sent.notified() => {}
            Some(ended) = calls.join_next() => log_panic(&mapping.queue, ended),
            () = tokio::time::sleep(wake_up.unwrap_or_default()), if wake_up.is_some() => {}
        }
    }
    while let Some(ended) = calls.join_next().await {
        log_panic(&mapping.queue, ended);
    }
    Ok(())
}

/// Starts as many calls as there are messages and free places for. Returns after which time to look again
/// if nothing else happens before.
fn start_calls(
    queues: &Queues,
    mapping: &Arc<Mapping>,
    function: &Arc<dyn Invoke>,
    calls: &mut JoinSet<()>,
) -> Result<Option<Duration>, QueueError> {
    while calls.len() < mapping.concurrency.max(1) {
        let batch = queues.receive(&mapping.queue, mapping.batch_size.max(1))?;
        if batch.is_empty() {
            let next = queues.next_visible_at(&mapping.queue)?;
            return Ok(next.map(|at| (at - queues.0.clock.now()).to_std().unwrap_or_default()));
        }
        calls.spawn(call(queues.clone(), mapping.clone(), function.clone(), batch));
    }
    Ok(None)
}

async fn call(queues: Queues, mapping: Arc<Mapping>, function: Arc<dyn Invoke>, batch: Vec<Message>) {
    let answer = function.invoke(sqs_event(&mapping.queue, &batch)).await;
    let settled = match &answer {
        Ok(answer) if mapping.report_item_failures => {
            let failed = failed_items(answer, &batch);
            settle(&queues, &mapping, &batch, |m| failed.contains(m.id.as_str()))
        }
        Ok(_) => settle(&queues, &mapping, &batch, |_| false),
        Err(failure) => {
            tracing::warn!(queue = mapping.queue, %failure, messages = batch.len(), "a batch failed");
            settle(&queues, &mapping, &batch, |_| true)
        }
    };
    // What could not be settled comes back after its visibility timeout.
    if let Err(error) = settled {
        report(&mapping.queue, &error);
    }
}

fn settle(
    queues: &Queues,
    mapping: &Mapping,
    batch: &[Message],
    failed: impl Fn(&Message) -> bool,
) -> Result<(), QueueError> {
    for message in batch {
        let known = match (failed(message), mapping.retry_after) {
            (false, _) => queues.delete(&message.receipt)?,
            (true, Some(retry)) => queues.release(&message.receipt, retry.delay(message.receive_count))?,
            (true, None) => true,
        };
        if !known {
            tracing::warn!(queue = mapping.queue, message = message.id, "outlasted its visibility timeout");
        }
    }
    Ok(())
}

fn report(queue: &str, error: &QueueError) {
    tracing::error!(queue, error = %Chain(error), "queue not served");
}

fn log_panic(queue: &str, ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(queue, %error, "a function panicked");
    }
}
