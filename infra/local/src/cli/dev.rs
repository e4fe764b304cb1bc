use std::error::Error;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;
use skafu_functions::SystemClock;
use skafu_functions::graphql::{DocumentSource, Documents, Manifest, Trust};
use tokio::signal::unix::{SignalKind, signal};

use super::args::{DevArgs, Global};
use super::failure::Failure;
use super::session::runtime;
use crate::cli::out::{quoted, say};
use crate::data::DataDir;
use crate::ports::FileDocuments;
use crate::system::System;

/// Serves the system until Ctrl-C or SIGTERM.
pub(super) fn run(global: &Global, args: &DevArgs) -> Result<ExitCode, Failure> {
    let data = DataDir::new(&global.data)?;
    runtime()?.block_on(async {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let documents = documents(args).await?;
        let system = System::start_with(&data, args.port, documents).await?;
        greet(&system, &data, global.json);
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
        system.stop().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// The documents that are trusted. A manifest that is none keeps the system from starting.
async fn documents(args: &DevArgs) -> Result<Documents, Failure> {
    let Some(file) = &args.trusted_documents else { return Ok(Documents::default()) };
    let source = FileDocuments(file.clone());
    let unusable = |error: &dyn Error| Failure::chain("DOCUMENTS_UNUSABLE", error);
    let Some(manifest) = source.manifest().await.map_err(|error| unusable(&error))? else {
        return Err(Failure::new("DOCUMENTS_UNUSABLE", format!("there is no file {}", file.display())));
    };
    Manifest::read(&manifest).map_err(|error| unusable(&error))?;
    let trust = if args.only_trusted_documents { Trust::Only } else { Trust::Prefer };
    Ok(Documents::new(trust, Arc::new(source), Arc::new(SystemClock)))
}

fn greet(system: &System, data: &DataDir, as_json: bool) {
    let endpoint = system.endpoint();
    let stale = system.stale_views();
    if as_json {
        let (url, dynamodb_url) = (&endpoint.url, &endpoint.dynamodb_url);
        let data = data.root().display().to_string();
        say!("{}", json!({ "url": url, "dynamodbUrl": dynamodb_url, "data": data, "staleViews": stale }));
        return;
    }
    say!("Skafu is running at {}", endpoint.url);
    say!("  commands   POST {}/commands/{{context}}/{{Command}}", endpoint.url);
    say!("  questions  {}/graphql", endpoint.url);
    say!("  playground {}/playground", endpoint.url);
    say!("  DynamoDB   {}", endpoint.dynamodb_url);
    say!("  data       {}", data.root().display());
    let data = quoted(&data.root().display().to_string());
    say!("A token for the API: skafu token --data {data} --user alice --tenant acme --role developer");
    for view in stale {
        say!("The view {view} was made by other code: skafu views rebuild {view} --data {data}");
    }
    say!("Stop with Ctrl-C.");
}
