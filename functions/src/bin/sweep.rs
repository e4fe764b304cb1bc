//! The `sweep` function.

use std::sync::Arc;

use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use skafu_functions::aws::Environment;
use skafu_functions::metrics::EmbeddedMetrics;
use skafu_functions::projections::feeds;
use skafu_functions::sweep::Sweep;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::start()?;
    let watched = &environment.watched()?;
    let events = environment.events()?;
    let views = feeds(&events, &environment.views()?);
    let workflows = Arc::new(environment.workflows()?);
    let sweep = &Sweep::new(events, views, workflows)
        .with_metrics(Arc::new(EmbeddedMetrics::new(environment.variable("STACK_NAME")?)));
    run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
        let answer = async { Ok::<_, Error>(sweep.handle(event.payload).await) };
        watched.answer(&event.context.request_id, answer).await
    }))
    .await
}
