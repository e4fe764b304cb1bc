//! The `rebuild` function: does the tasks of a view's rebuild, and compares views with fresh folds.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;
use skafu_functions::aws::Environment;
use skafu_functions::metrics::EmbeddedMetrics;
use skafu_functions::projections::feeds;
use skafu_functions::rebuild::RebuildTask;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::start()?;
    let watched = &environment.watched()?;
    let (events, rows) = (environment.events()?, environment.views()?);
    let wait = Duration::from_secs(environment.variable("WAIT_SECONDS")?.parse()?);
    let metrics = Arc::new(EmbeddedMetrics::new(environment.variable("STACK_NAME")?));
    let task = RebuildTask::new(feeds(&events, &rows), events, rows, wait).with_metrics(metrics);
    let task = &task;
    run(service_fn(|event: LambdaEvent<Value>| async move {
        let left = event.context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
        watched.answer(&event.context.request_id, task.handle(event.payload, left)).await
    }))
    .await
}
