//! Telling others that an execution has ended, as EventBridge does.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::execution::{Execution, Status};
use crate::bus::Entry;

/// The most bytes an event carries of an execution's input and output, written as JSON text in JSON;
/// Step Functions' own limit.
const MAX_PAYLOAD_BYTES: usize = 248 * 1024;

/// Is told how executions end.
#[async_trait]
pub trait EndObserver: Send + Sync {
    /// The execution has ended as `SUCCEEDED`, `FAILED`, `TIMED_OUT` or `ABORTED`. Called before that is
    /// recorded, so at least once: if the process dies in between, the execution goes on from its last
    /// checkpoint, and its end is told again, which may then be another. The execution's end waits for this;
    /// what goes wrong here is for the observer to report.
    async fn ended(&self, execution: &Execution);
}

/// EventBridge's `Step Functions Execution Status Change`, for the bus named `default`: times in milliseconds
/// since the epoch, input and output as JSON text, each left out if it is too large for an event.
pub fn status_change(execution: &Execution) -> Entry {
    let output = execution.output.as_ref().map(Value::to_string);
    let input = execution.input.to_string();
    let output_bytes = output.as_deref().map_or(0, bytes);
    let has_output = output_bytes <= MAX_PAYLOAD_BYTES;
    let has_input = bytes(&input) + output_bytes <= MAX_PAYLOAD_BYTES;
    let millis = |time: DateTime<Utc>| time.timestamp_millis();
    let can_be_redriven = matches!(execution.status, Status::Failed | Status::TimedOut | Status::Aborted);
    let detail = json!({
        "executionArn": execution.arn(),
        "stateMachineArn": execution.machine_arn(),
        "stateMachineVersionArn": null,
        "stateMachineAliasArn": null,
        "name": execution.name,
        "status": execution.status,
        "startDate": millis(execution.started_at),
        "stopDate": execution.stopped_at.map(millis),
        "input": has_input.then_some(input),
        "inputDetails": { "included": has_input },
        "outputDetails": output.as_ref().map(|_| json!({ "included": has_output })),
        "output": output.filter(|_| has_output),
        "error": execution.error,
        "cause": execution.cause,
        "redriveCount": 0,
        "redriveDate": null,
        "redriveStatus": if can_be_redriven { "REDRIVABLE" } else { "NOT_REDRIVABLE" },
    });
    Entry {
        bus: "default".to_owned(),
        source: "aws.states".to_owned(),
        detail_type: "Step Functions Execution Status Change".to_owned(),
        detail,
        time: Some(execution.stopped_at.unwrap_or(execution.started_at)),
    }
}

/// How long the text is inside of JSON.
fn bytes(text: &str) -> usize {
    Value::from(text).to_string().len()
}
