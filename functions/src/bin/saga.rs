//! The `saga` function: where the stack names a state machine it starts executions, else it does steps.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;
use skafu_forge::repositories::BundleStore;
use skafu_forge::sandbox::serve_if_asked;
use skafu_functions::aws::{Environment, served};
use skafu_functions::saga::{SagaStart, SagaTask};

/// How long a template may be resolved or rendered: less than `SelectTemplate`, the more impatient state, waits.
const RENDERING: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    serve_if_asked().unwrap_or_else(|| served(serve()))
}

#[tokio::main(flavor = "current_thread")]
async fn serve() -> Result<(), Error> {
    let environment = Environment::start()?;
    let watched = &environment.watched()?;
    if environment.variable("STATE_MACHINE_ARN").is_ok() {
        let start = &SagaStart::new(Arc::new(environment.workflows()?));
        let handle = |event: LambdaEvent<SqsEvent>| async move {
            let answer = async { Ok::<_, Error>(start.handle(event.payload).await) };
            watched.answer(&event.context.request_id, answer).await
        };
        return run(service_fn(handle)).await;
    }
    let blobs = Arc::new(environment.blobs()?);
    let repositories = Arc::new(BundleStore::new(blobs.clone()));
    let gateway = Arc::new(environment.gateway()?);
    let renderers = environment.renderers(RENDERING)?;
    let task = &SagaTask::new(environment.events()?, blobs, repositories, gateway, renderers)
        .analysing_with(environment.variable("ANALYSIS_PROVIDER").ok());
    run(service_fn(|event: LambdaEvent<Value>| async move {
        watched.answer(&event.context.request_id, task.handle(event.payload)).await
    }))
    .await
}
