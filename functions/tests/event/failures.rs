//! What the error bus is told of, and what not.

use std::sync::Arc;

use async_trait::async_trait;
use lambda_runtime::Diagnostic;
use serde_json::{Value, json};
use skafu_functions::SystemClock;
use skafu_functions::failures::{ErrorOccurred, FailureReports, MemoryReports, ReportError, Watched};
use skafu_functions::saga::StepError;

/// The answer as it goes out, and what was told: without when.
async fn watched(answer: Result<Value, StepError>) -> (Result<Value, String>, Vec<Value>) {
    let reports = Arc::new(MemoryReports::default());
    let watched = Watched::new("skafu-sweep", reports.clone(), Arc::new(SystemClock));
    let answer = watched.answer("request-1", async { answer }).await;
    let told = reports.told().into_iter().map(|occurred| {
        let mut told = serde_json::to_value(occurred).unwrap();
        assert!(told.as_object_mut().unwrap().remove("at").unwrap().is_string());
        told
    });
    (answer.map_err(|Diagnostic { error_type, .. }| error_type), told.collect())
}

fn told(rest: Value) -> Vec<Value> {
    let mut told = json!({ "function": "skafu-sweep", "requestId": "request-1" });
    told.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    vec![told]
}

#[tokio::test]
async fn an_answer_of_the_server_s_fault_is_told_and_passed_on() {
    let answer = json!({ "statusCode": 503, "body": "secret" });
    let (passed, reports) = watched(Ok(answer.clone())).await;
    assert_eq!(passed, Ok(answer));
    assert_eq!(reports, told(json!({ "kind": "SERVER_ERROR", "status": 503 })));
}

#[tokio::test]
async fn records_that_will_come_again_are_told_by_their_number() {
    let answer = json!({ "batchItemFailures": [{ "itemIdentifier": "a" }, { "itemIdentifier": "b" }] });
    let (passed, reports) = watched(Ok(answer.clone())).await;
    assert_eq!(passed, Ok(answer));
    assert_eq!(reports, told(json!({ "kind": "RECORDS_FAILED", "records": 2 })));
}

#[tokio::test]
async fn an_error_is_told_by_its_type_without_its_words() {
    let (passed, reports) = watched(Err(StepError::Retryable("alice@example.com".to_owned()))).await;
    assert_eq!(passed, Err("Retryable".to_owned()));
    assert_eq!(reports, told(json!({ "kind": "FAILED", "errorType": "Retryable" })));
}

#[tokio::test]
async fn what_the_user_brought_about_is_no_failure() {
    for answer in [
        Ok(json!({ "statusCode": 200 })),
        Ok(json!({ "statusCode": 409 })),
        Ok(json!({ "batchItemFailures": [] })),
        Ok(Value::Null),
        Err(StepError::Rejected("the template cannot be rendered".to_owned())),
    ] {
        assert_eq!(watched(answer).await.1, [] as [Value; 0]);
    }
}

struct Deaf;

#[async_trait]
impl FailureReports for Deaf {
    async fn report(&self, _: &ErrorOccurred) -> Result<(), ReportError> {
        Err(ReportError("nobody listens".into()))
    }
}

#[tokio::test]
async fn a_bus_that_takes_nothing_changes_no_answer() {
    let watched = Watched::new("skafu-commands", Arc::new(Deaf), Arc::new(SystemClock));
    let answer = json!({ "statusCode": 500 });
    let passed = watched.answer("request-1", async { Ok::<_, StepError>(answer.clone()) }).await;
    assert_eq!(passed.ok(), Some(answer));
}
