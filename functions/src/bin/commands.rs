//! The `commands` function.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;
use skafu_functions::SystemClock;
use skafu_functions::aws::Environment;
use skafu_functions::commands::Commands;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::start()?;
    let watched = &environment.watched()?;
    let blobs = Arc::new(environment.blobs()?);
    let commands = Commands::new(environment.events()?, blobs, Arc::new(SystemClock));
    let commands = &commands.with_tokens(environment.views()?);
    run(service_fn(|event: LambdaEvent<Value>| async move {
        let answer = async { commands.handle(event.payload).await.map_err(Error::from) };
        watched.answer(&event.context.request_id, answer).await
    }))
    .await
}
