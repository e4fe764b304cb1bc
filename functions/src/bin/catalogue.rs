//! The `catalogue` function: publishes the built-in templates when the stack is deployed, and makes the keys of tokens.

use std::sync::Arc;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;
use skafu_functions::SystemClock;
use skafu_functions::aws::{Environment, SignedUrls};
use skafu_functions::catalogue::CatalogueResource;
use skafu_functions::commands::Commands;
use skafu_functions::rendering::Renderers;
use skafu_store::keyring::Keyring;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::start()?;
    let watched = &environment.watched()?;
    let events = environment.events()?;
    // It publishes what is built in, and nothing else.
    let commands = Commands::new(
        events.clone(),
        Arc::new(environment.blobs()?),
        Arc::new(SystemClock),
        Renderers::trusting(),
    );
    let (commands, keyring) = (Arc::new(commands), Keyring::new(environment.views()?));
    let outcomes = Arc::new(SignedUrls::new());
    let resource = &CatalogueResource::new(events, commands, keyring, Arc::new(SystemClock), outcomes);
    run(service_fn(|event: LambdaEvent<Value>| async move {
        let answer = async { resource.handle(event.payload).await.map_err(Error::from) };
        watched.answer(&event.context.request_id, answer).await
    }))
    .await
}
