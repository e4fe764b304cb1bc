use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use aws_lambda_events::sqs::SqsEvent;
use serde_json::json;
use skafu_functions::queues::{MessageQueue, QueueError};
use skafu_store::faults::Random;
use tokio::time::Instant;

/// What goes wrong on the way, in percent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Troubles {
    /// Of the bus's deliveries: lost for good.
    pub lost: usize,
    /// Of the bus's deliveries: made twice.
    pub twice: usize,
    /// Of the bus's deliveries: late by up to two hundred ticks.
    pub late: usize,
    /// Of entries: refused by the bus.
    pub refused: usize,
    /// Of requests to the bus: no answer, with everything taken or with nothing.
    pub silent: usize,
    /// Of invocations: killed somewhere.
    pub killed: usize,
}

/// One tick of time: virtual on the twins.
pub const TICK: Duration = Duration::from_millis(1);
const VISIBILITY: u32 = 40;
const MOST_RECEIVES: u32 = 5;

/// A message, and how often it was handed out.
#[derive(Debug, Clone)]
pub struct Message {
    pub id: usize,
    pub body: String,
    pub receives: u32,
    visible_at: Instant,
}

#[derive(Default)]
struct State {
    messages: Vec<Message>,
    dead: Vec<Message>,
    sent: usize,
    failing: usize,
}

/// An SQS queue with its dead-letter queue: at least once, in no order.
#[derive(Clone)]
pub struct SimQueue {
    state: Arc<Mutex<State>>,
    random: Arc<Mutex<Random>>,
    delay: u32,
}

impl SimQueue {
    pub fn new(seed: u64, delay: u32) -> Self {
        Self { state: Arc::default(), random: Arc::new(Mutex::new(Random::new(seed))), delay }
    }

    /// So many of a hundred requests to send fail.
    pub fn failing(&self, percent: usize) {
        self.state.lock().unwrap().failing = percent;
    }

    pub fn push(&self, body: String, late: u32) {
        let mut state = self.state.lock().unwrap();
        state.sent += 1;
        let visible_at = Instant::now() + TICK * (self.delay + late);
        let message = Message { id: state.sent, body, receives: 0, visible_at };
        state.messages.push(message);
    }

    /// Up to ten messages, any of those that can be seen; each is hidden for a while.
    pub fn receive(&self) -> Vec<Message> {
        let (mut state, mut random) = (self.state.lock().unwrap(), self.random.lock().unwrap());
        let now = Instant::now();
        let gone = |message: &Message| message.visible_at <= now && message.receives >= MOST_RECEIVES;
        let dead: Vec<Message> = state.messages.extract_if(.., |message| gone(message)).collect();
        state.dead.extend(dead);
        let mut seen: Vec<usize> =
            (0..state.messages.len()).filter(|at| state.messages[*at].visible_at <= now).collect();
        random.shuffle(&mut seen);
        seen.truncate(1 + random.below(10));
        let mut batch = Vec::new();
        for at in seen {
            let message = &mut state.messages[at];
            message.receives += 1;
            message.visible_at = now + TICK * VISIBILITY;
            batch.push(message.clone());
        }
        batch
    }

    /// Those are done.
    pub fn delete(&self, ids: impl Fn(usize) -> bool) {
        self.state.lock().unwrap().messages.retain(|message| !ids(message.id));
    }

    pub fn is_empty(&self) -> bool {
        self.state.lock().unwrap().messages.is_empty()
    }

    /// An operator sends what was given up back, as new.
    pub fn redrive(&self) -> usize {
        let mut state = self.state.lock().unwrap();
        let mut dead = std::mem::take(&mut state.dead);
        let many = dead.len();
        for message in &mut dead {
            (message.receives, message.visible_at) = (0, Instant::now());
        }
        state.messages.append(&mut dead);
        many
    }
}

/// The batch as the function gets it.
pub fn sqs_event(batch: &[Message]) -> SqsEvent {
    let record = |message: &Message| {
        json!({
            "messageId": message.id.to_string(),
            "body": message.body,
            "attributes": { "ApproximateReceiveCount": message.receives.to_string() },
            "messageAttributes": {}
        })
    };
    serde_json::from_value(json!({ "Records": batch.iter().map(record).collect::<Vec<_>>() })).unwrap()
}

#[async_trait]
impl MessageQueue for SimQueue {
    async fn send(&self, bodies: &[String]) -> Result<(), QueueError> {
        tokio::task::yield_now().await;
        let failing = self.state.lock().unwrap().failing;
        if self.random.lock().unwrap().chance(failing) {
            return Err(QueueError::Unavailable("injected".into()));
        }
        bodies.iter().for_each(|body| self.push(body.clone(), 0));
        tokio::task::yield_now().await;
        Ok(())
    }
}
