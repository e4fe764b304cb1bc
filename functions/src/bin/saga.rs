//! The `saga` function: where the stack names a state machine it starts executions, else it does steps.

use std::sync::Arc;

use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;
use skafu_forge::repositories::BundleStore;
use skafu_functions::aws::Environment;
use skafu_functions::saga::{SagaStart, SagaTask};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
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
    let task = &SagaTask::new(environment.events()?, blobs, repositories, Arc::new(environment.gateway()?));
    run(service_fn(|event: LambdaEvent<Value>| async move {
        watched.answer(&event.context.request_id, task.handle(event.payload)).await
    }))
    .await
}
