//! What a state of a state machine costs on one machine, without what its functions do.
//!
//! `cargo bench -p skafu --bench states`
//!
//! Each machine has 200 states in a row. Its journal is an SQLite file in the temporary directory, opened as the
//! embedded cloud opens it. A figure is the time from the start of an execution to its recorded end, divided by
//! its states.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    reason = "a benchmark that cannot run ends"
)]

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use serde_json::{Map, Value, json};
use skafu::cloud_db::{Clock, CloudDb};
use skafu::states::{Executions, Failure, Journal, Machine, MemoryJournal, SqliteJournal, Status, Tasks};

const STATES: usize = 200;
const TURNS: usize = 31;
/// In milliseconds per state, for the middle of all turns.
const AIM: f64 = 1.0;

/// A service that answers at once.
struct Echo;

#[async_trait]
impl Tasks for Echo {
    async fn call(&self, _resource: &str, arguments: Value) -> Result<Value, Failure> {
        Ok(json!({ "StatusCode": 200, "Payload": arguments["Payload"] }))
    }
}

fn machine(state: &Value) -> Machine {
    let states = (0..STATES).map(|at| {
        let mut state = state.clone();
        match at + 1 {
            STATES => state["End"] = json!(true),
            next => state["Next"] = json!(format!("S{next}")),
        }
        (format!("S{at}"), state)
    });
    let states: Map<String, Value> = states.collect();
    Machine::load(&json!({ "QueryLanguage": "JSONata", "StartAt": "S0", "States": states })).unwrap()
}

fn kinds() -> [(&'static str, Value); 4] {
    let task = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": { "FunctionName": "echo", "Payload": "{% $states.input %}" },
        "Output": "{% $states.result.Payload %}",
        "TimeoutSeconds": 60,
        "Retry": [{ "ErrorEquals": ["States.ALL"] }],
    });
    [
        ("pass", json!({ "Type": "Pass" })),
        (
            "pass-output",
            json!({ "Type": "Pass", "Output": "{% $merge([$states.input, { 'n': $states.input.n + 1 }]) %}" }),
        ),
        (
            "pass-assign",
            json!({ "Type": "Pass", "Assign": { "n": "{% $states.input.n %}", "m": [1, "{% $states.input.text %}"] } }),
        ),
        ("task", task),
    ]
}

/// Milliseconds per state, from the quickest turn to the slowest.
async fn measure(machine: &str, executions: &Executions, journal: &str) -> Vec<f64> {
    let input = json!({ "n": 1, "text": "x".repeat(1_000) });
    let mut figures = Vec::new();
    for turn in 0..TURNS {
        let name = format!("{machine}-{journal}-{turn}");
        let start = Instant::now();
        executions.start(machine, &name, input.clone()).unwrap();
        executions.wait_for_more(&name, u64::MAX).await.unwrap();
        figures.push(start.elapsed().as_secs_f64() * 1e3 / STATES as f64);
        let ended = executions.describe(&name).unwrap().unwrap();
        assert_eq!(ended.status, Status::Succeeded, "{ended:?}");
    }
    figures.sort_by(f64::total_cmp);
    figures
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let on_disk = SqliteJournal::new(CloudDb::open(&folder.path().join("cloud.db")).unwrap());
    let journals: [(&str, Arc<dyn Journal>); 2] =
        [("SQLite", Arc::new(on_disk)), ("memory", Arc::new(MemoryJournal::default()))];
    println!("| state | journal | ms per state: least | middle | most |\n|---|---|---|---|---|");
    let mut missed = Vec::new();
    for (journal, port) in journals {
        let machines = kinds().map(|(kind, state)| (kind.to_owned(), machine(&state)));
        let executions = Executions::new(HashMap::from(machines), Arc::new(Echo), port, Clock::system());
        for (kind, _) in kinds() {
            let figures = measure(kind, &executions, journal).await;
            let [least, middle, most] = [0, TURNS / 2, TURNS - 1].map(|at| figures[at]);
            println!("| {kind} | {journal} | {least:.3} | {middle:.3} | {most:.3} |");
            if middle > AIM {
                missed.push(format!("{kind} on {journal}"));
            }
        }
    }
    println!(
        "aim of {AIM} ms: {}",
        if missed.is_empty() { "met".to_owned() } else { format!("missed by {missed:?}") }
    );
}
