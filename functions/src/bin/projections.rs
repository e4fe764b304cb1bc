//! The `projections` function: one deployment per view, named by the variable `VIEW`.

use std::sync::Arc;

use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use skafu_functions::aws::Environment;
use skafu_functions::metrics::{EmbeddedMetrics, Metrics};
use skafu_functions::projections::{Projections, feed};
use skafu_store::Chain;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::start()?;
    let watched = &environment.watched()?;
    let view = environment.variable("VIEW")?;
    let feed = feed(&view, environment.events()?, environment.views()?)?;
    // A cheap request, which also opens the connection before the first event comes.
    let now = chrono::Utc::now().into();
    match feed.stale(now).await {
        Ok(None) => {}
        Ok(Some(generation)) => {
            let metrics = EmbeddedMetrics::new(environment.variable("STACK_NAME")?);
            metrics.count("FoldChanged", feed.view(), 1);
            tracing::warn!(
                view,
                generation,
                "its rows were made by another fold: skafu views rebuild {view}"
            );
        }
        // The first batch will say so again, if it lasts.
        Err(error) => tracing::warn!(view, error = %Chain(&error), "not looked at"),
    }
    let projections = &Projections::new(feed)
        .with_metrics(Arc::new(EmbeddedMetrics::new(environment.variable("STACK_NAME")?)));
    run(service_fn(|event: LambdaEvent<SqsEvent>| async move {
        let answer = async { Ok::<_, Error>(projections.handle(event.payload).await) };
        watched.answer(&event.context.request_id, answer).await
    }))
    .await
}
