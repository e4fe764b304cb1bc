//! Our event store and others' side by side: on one DynamoDB, in one run.

mod endpoint;
mod measure;
mod proxy;
mod report;
mod stores;
mod subject;
mod verdict;

use std::path::PathBuf;
use std::process::ExitCode;

use measure::Effort;
use stores::{Castore, CqrsEs, EventStoreAdapter, Mode, Skafu, Ways};
use subject::Subject;

/// An event's payload is `{"text":"…"}` of so many bytes.
const PAYLOAD_BYTES: usize = 600;

/// What could not be measured, and why.
#[derive(Debug, thiserror::Error)]
#[error("{what} failed")]
pub struct Failure {
    what: String,
    source: Box<dyn std::error::Error + Send + Sync>,
}

impl Failure {
    /// That failed, for this reason.
    pub fn new(what: impl Into<String>, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self { what: what.into(), source: source.into() }
    }
}

struct Arguments {
    effort: Effort,
    out: Option<PathBuf>,
    castore: PathBuf,
}

fn arguments() -> Result<Arguments, Failure> {
    let mut arguments = Arguments { effort: Effort::Short, out: None, castore: PathBuf::from("castore") };
    let mut given = std::env::args().skip(1);
    while let Some(name) = given.next() {
        match (name.as_str(), name == "--full") {
            (_, true) => arguments.effort = Effort::Full,
            ("--out", _) => arguments.out = given.next().map(PathBuf::from),
            ("--castore", _) => arguments.castore = given.next().map(PathBuf::from).unwrap_or_default(),
            _ => return Err(Failure::new("the call", format!("{name} is no argument"))),
        }
    }
    Ok(arguments)
}

async fn run() -> Result<bool, Failure> {
    let Arguments { effort, out, castore } = arguments()?;
    let direct = endpoint::start()?;
    let (counting, account) = proxy::start(direct).await?;
    let ways = Ways { counting, direct };
    let text_bytes = PAYLOAD_BYTES - r#"{"text":""}"#.len();
    let subjects: Vec<Box<dyn Subject>> = vec![
        Box::new(Skafu::new(ways, text_bytes)),
        Box::new(CqrsEs::new(ways, Mode::Snapshots, text_bytes)),
        Box::new(CqrsEs::new(ways, Mode::AggregateStore, text_bytes)),
        Box::new(EventStoreAdapter::open(ways, text_bytes).await?),
        Box::new(Castore::start(&castore, ways, text_bytes)?),
    ];
    let results = measure::everything(&subjects, &account, effort).await?;
    let verdict = verdict::verdict(&results);
    let text = report::markdown(&results, &verdict, effort);
    println!("{text}");
    if let Some(out) = out {
        std::fs::write(&out, text).map_err(|error| Failure::new("writing the results", error))?;
    }
    Ok(verdict.broken.is_empty())
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            let mut error: &dyn std::error::Error = &failure;
            eprint!("{error}");
            while let Some(source) = error.source() {
                eprint!(": {source}");
                error = source;
            }
            eprintln!();
            ExitCode::from(2)
        }
    }
}
