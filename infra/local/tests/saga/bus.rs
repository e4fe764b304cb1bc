//! What leads to executions and from them: the starter's way to the machine, and what the bus is told of their ends.

use std::sync::Mutex;

use async_trait::async_trait;
use aws_lambda_events::sqs::SqsEvent;
use serde_json::{Value, json};
use skafu::states::{EndObserver, Execution, Executions, StartError, status_change};
use skafu_events::Envelope;
use skafu_functions::saga::{Started, WorkflowError, Workflows};

use crate::world::MACHINE;

/// The way from the starter of sagas to their machine.
#[derive(Clone)]
pub struct Machines(pub Executions);

#[async_trait]
impl Workflows for Machines {
    async fn start(&self, name: &str, input: Value) -> Result<Started, WorkflowError> {
        match self.0.start(MACHINE, name, input) {
            Ok(_) => Ok(Started::Now),
            Err(StartError::AlreadyExists) => Ok(Started::Before),
            Err(error) => Err(WorkflowError(Box::new(error))),
        }
    }
}

/// What the bus has been told and nobody has taken yet.
#[derive(Default)]
pub struct Bus(Mutex<Vec<Value>>);

impl Bus {
    /// What it has been told since it was last asked.
    pub fn take(&self) -> Vec<Value> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

#[async_trait]
impl EndObserver for Bus {
    async fn ended(&self, execution: &Execution) {
        let change = status_change(execution);
        let event =
            json!({ "source": change.source, "detail-type": change.detail_type, "detail": change.detail });
        self.0.lock().unwrap().push(event);
    }
}

/// An event as the bus hands it to a queue.
pub fn announcement(envelope: &Envelope) -> Value {
    json!({ "source": "skafu.project", "detail-type": envelope.event_type, "detail": envelope })
}

/// Messages of a queue.
pub fn batch(bodies: &[Value]) -> SqsEvent {
    let record =
        |(at, body): (usize, &Value)| json!({ "messageId": format!("m{at}"), "body": body.to_string() });
    let records: Vec<Value> = bodies.iter().enumerate().map(record).collect();
    serde_json::from_value(json!({ "Records": records })).unwrap()
}
