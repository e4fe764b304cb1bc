//! The `relay` function.

use std::sync::Arc;

use aws_lambda_events::dynamodb::Event;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use skafu_functions::aws::Environment;
use skafu_functions::relay::Relay;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::start()?;
    let relay = &Relay::new(Arc::new(environment.bus()?));
    run(service_fn(
        |event: LambdaEvent<Event>| async move { Ok::<_, Error>(relay.handle(event.payload).await) },
    ))
    .await
}
