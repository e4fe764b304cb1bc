//! The `projections` function: one deployment per view, named by the variable `VIEW`.

use std::sync::Arc;

use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use skafu_functions::aws::Environment;
use skafu_functions::metrics::EmbeddedMetrics;
use skafu_functions::projections::{Projections, feed};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::start()?;
    let view = environment.variable("VIEW")?;
    let feed = feed(&view, environment.events()?, environment.views()?)?;
    let projections = &Projections::new(feed)
        .with_metrics(Arc::new(EmbeddedMetrics::new(environment.variable("STACK_NAME")?)));
    let handle =
        |event: LambdaEvent<SqsEvent>| async move { Ok::<_, Error>(projections.handle(event.payload).await) };
    run(service_fn(handle)).await
}
