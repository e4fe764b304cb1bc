use std::fmt::Write;
use std::process::ExitCode;

use serde_json::{Value, json};
use skafu_events::StreamId;
use skafu_functions::projections::{Project, ProjectError};
use skafu_store::Consistency;

use super::args::ReleaseArgs;
use super::parked::parked;
use super::{Views, unreadable};
use crate::cli::aggregate::{candidates, identity};
use crate::cli::args::Global;
use crate::cli::failure::{Failure, chain};
use crate::cli::store::print;

/// What became of one aggregate.
struct Released {
    stream: StreamId,
    /// For programs: `released`; `parked`, if an event still cannot be folded; `failed`.
    outcome: &'static str,
    error: Option<String>,
}

/// Releases, and tells what came of it. Exit code 1 unless every one was released.
pub(super) async fn run(global: &Global, args: &ReleaseArgs, views: &Views) -> Result<ExitCode, Failure> {
    let view = views.named(&args.view)?;
    let streams = match &args.id {
        Some(id) => vec![find(view.as_ref(), candidates(id, &args.of)?).await?],
        None => parked(views, view.as_ref()).await?.into_iter().map(|stuck| stuck.stream).collect(),
    };
    let mut all = Vec::new();
    for stream in streams {
        all.push(release(view.as_ref(), stream).await);
    }
    let ok = all.iter().all(|it| it.error.is_none());
    let text = if global.json {
        let aggregates: Vec<_> = all.iter().map(Released::answer).collect();
        json!({ "view": args.view, "aggregates": aggregates }).to_string()
    } else {
        text(&args.view, &all)
    };
    print(&text, if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn release(view: &dyn Project, stream: StreamId) -> Released {
    let (outcome, error) = match view.release(&stream).await {
        Ok(_) => ("released", None),
        Err(ProjectError::Store(error)) => ("failed", Some(Failure::from(error).message().to_owned())),
        Err(error @ ProjectError::Unfoldable(_)) => ("parked", Some(chain(&error))),
        Err(error) => ("failed", Some(chain(&error))),
    };
    Released { stream, outcome, error }
}

/// The stream that is meant: the first that is parked.
async fn find(view: &dyn Project, candidates: Vec<StreamId>) -> Result<StreamId, Failure> {
    let gates = view.gates(&candidates, Consistency::Strong).await.map_err(unreadable)?;
    let names: Vec<_> = candidates.iter().map(StreamId::to_string).collect();
    let parked = |row: &Option<skafu_store::Row>| row.as_ref().is_some_and(|row| row.parked.is_some());
    let found = candidates.into_iter().zip(gates).find(|(_, row)| parked(row));
    found.map(|(stream, _)| stream).ok_or_else(|| {
        let message = format!("in the view {} nothing is parked of {}", view.view(), names.join(", nor of "));
        Failure::new("NOT_PARKED", message)
            .hint(&format!("`skafu views parked {}` lists what is", view.view()))
    })
}

impl Released {
    fn answer(&self) -> Value {
        let mut answer = identity(&self.stream);
        answer.insert("outcome".to_owned(), json!(self.outcome));
        if let Some(error) = &self.error {
            answer.insert("error".to_owned(), json!(error));
        }
        Value::Object(answer)
    }
}

fn text(view: &str, all: &[Released]) -> String {
    if all.is_empty() {
        return format!("nothing is parked in the view {view}");
    }
    let mut text = String::new();
    // Writing to a string does not fail.
    for Released { stream, error, .. } in all {
        let _ = match error {
            None => writeln!(text, "{stream} is up to date again"),
            Some(error) => writeln!(text, "{stream} stays parked: {error}"),
        };
    }
    text
}
