//! Executions of whole machines, in virtual time.

mod callbacks;
mod callbacks_durability;
mod conformance;
mod definitions;
mod durability;
mod ended;
mod failures;
mod flow;
mod rebuild;
mod service;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::*;
use crate::cloud_db::Clock;

/// Functions with a behaviour each; notes every call as `name payload`.
#[derive(Debug, Default)]
struct Functions {
    calls: Mutex<Vec<String>>,
}

impl Functions {
    fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    /// Returns how often the function has been called, this time included.
    fn note(&self, name: &str, payload: &Value) -> usize {
        let mut calls = self.calls.lock().unwrap();
        calls.push(format!("{name} {payload}"));
        calls.iter().filter(|call| call.split(' ').next() == Some(name)).count()
    }
}

#[async_trait]
impl Tasks for Functions {
    async fn call(&self, _resource: &str, arguments: Value) -> Result<Value, Failure> {
        let (name, payload) = (arguments["FunctionName"].as_str().unwrap(), &arguments["Payload"]);
        let calls = self.note(name, payload);
        let payload = match name {
            "reserve" => json!({ "reservation": "r1" }),
            "double" => json!(payload["n"].as_i64().unwrap() * 2),
            "declined" => return Err(Failure::new("Declined", "no funds")),
            "throttledTwice" if calls < 3 => return Err(Failure::new("Throttled", "slow down")),
            "slow" => {
                tokio::time::sleep(Duration::from_secs(100)).await;
                json!("done")
            }
            _ => payload.clone(),
        };
        Ok(json!({ "StatusCode": 200, "Payload": payload, "ExecutedVersion": "$LATEST" }))
    }
}

fn start_of_time() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

/// A `Task` that calls the function with the payload; `extra` adds fields.
fn call(function: &str, payload: Value, extra: Value) -> Value {
    let mut state = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": { "FunctionName": function, "Payload": payload },
        "Output": "{% $states.result.Payload %}",
    });
    extra.as_object().unwrap().iter().for_each(|(name, value)| state[name] = value.clone());
    state
}

fn machine(start_at: &str, states: Value) -> Value {
    json!({ "QueryLanguage": "JSONata", "StartAt": start_at, "States": states })
}

fn executions(
    definition: Value,
    functions: &Arc<Functions>,
    journal: Arc<dyn Journal>,
    start: DateTime<Utc>,
) -> Executions {
    let machine = Machine::load(&definition).unwrap();
    let machines = HashMap::from([("test".to_owned(), machine)]);
    Executions::new(machines, functions.clone(), journal, Clock::starting_at(start))
}

/// Waits for the end of the execution named `x`.
async fn end_of(executions: &Executions) -> Execution {
    executions.wait_for_more("x", u64::MAX).await.unwrap();
    executions.describe("x").unwrap().unwrap()
}

/// How an execution went.
struct Went {
    result: Result<Value, (String, String)>,
    status: Status,
    calls: Vec<String>,
    seconds: u64,
    history: Vec<HistoryEvent>,
}

impl Went {
    /// The history without details: `StateEntered Pay`.
    fn steps(&self) -> Vec<String> {
        let step = |e: &HistoryEvent| format!("{:?} {}", e.kind, e.state.as_deref().unwrap_or_default());
        self.history.iter().map(|e| step(e).trim_end().to_owned()).collect()
    }
}

async fn run(definition: Value, input: Value) -> Went {
    let functions = Arc::<Functions>::default();
    let journal = Arc::new(MemoryJournal::default());
    let executions = executions(definition, &functions, journal, start_of_time());
    let began = tokio::time::Instant::now();
    executions.start("test", "x", input).unwrap();
    let ended = end_of(&executions).await;
    Went {
        result: ended
            .output
            .ok_or_else(|| (ended.error.unwrap_or_default(), ended.cause.unwrap_or_default())),
        status: ended.status,
        calls: functions.calls(),
        seconds: began.elapsed().as_secs(),
        history: executions.history("x", 0).unwrap(),
    }
}
