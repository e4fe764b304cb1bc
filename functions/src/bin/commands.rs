//! The `commands` function.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::Value;
use skafu_forge::sandbox::serve_if_asked;
use skafu_functions::SystemClock;
use skafu_functions::aws::{Environment, served};
use skafu_functions::commands::Commands;

/// How long a template may be inspected: well within the time of a request.
const INSPECTION: Duration = Duration::from_secs(8);

fn main() -> ExitCode {
    serve_if_asked().unwrap_or_else(|| served(serve()))
}

#[tokio::main(flavor = "current_thread")]
async fn serve() -> Result<(), Error> {
    let environment = Environment::start()?;
    let watched = &environment.watched()?;
    let blobs = Arc::new(environment.blobs()?);
    let commands = Commands::new(
        environment.events()?,
        blobs,
        Arc::new(SystemClock),
        environment.renderers(INSPECTION)?,
    );
    let commands = &commands.with_tokens(environment.views()?);
    run(service_fn(|event: LambdaEvent<Value>| async move {
        let answer = async { commands.handle(event.payload).await.map_err(Error::from) };
        watched.answer(&event.context.request_id, answer).await
    }))
    .await
}
