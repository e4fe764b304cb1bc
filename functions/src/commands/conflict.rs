use serde_json::{Map, Value};
use skafu_domain::command::ConflictStrategy;
use skafu_domain::{Aggregate, changed, flatten};
use skafu_store::{Consistency, History};

use super::execute::Job;
use crate::Problem;
use crate::aggregates::fold_until;

/// Whether the command may be applied although its sender has seen an older version of its target.
///
/// The outer error is a failure to find out; the inner one is the refusal.
pub(super) async fn check<A: Aggregate>(
    job: &Job<'_>,
    history: &History,
    state: &A,
) -> Result<Result<(), Problem>, Problem> {
    let Some(expected) = job.command.expected_version.filter(|expected| *expected != history.version())
    else {
        return Ok(Ok(()));
    };
    if expected > history.version() {
        return Ok(Err(moved_on(history.version(), Vec::new())));
    }
    if job.command.conflict == ConflictStrategy::LastWriteWins {
        return Ok(Ok(()));
    }
    // The base of the comparison may lie before the snapshot: this is the one read that looks past it.
    let whole = job.store.load(&job.stream, Consistency::Strong).await?;
    let base: A = fold_until(&whole, expected)?;
    let theirs = changed(&base.fields(), &state.fields());
    let mine = wanted(&job.command.data);
    let merges = job.command.conflict == ConflictStrategy::Merge;
    // A field may hold an object that the command replaces: then what it sets lies below the field.
    let sets = |set: &str, field: &str| {
        set.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let overlaps = |field: &String| mine.keys().any(|set| sets(set, field));
    if merges && !theirs.iter().any(overlaps) {
        return Ok(Ok(()));
    }
    Ok(Err(moved_on(history.version(), theirs)))
}

/// The fields the command sets.
fn wanted(data: &Value) -> Map<String, Value> {
    let mut fields = data.as_object().map(flatten).unwrap_or_default();
    fields.retain(|_, value| !value.is_null());
    fields
}

fn moved_on(current_version: u64, changed_fields: Vec<String>) -> Problem {
    let detail = "the target is not at the expected version: read it again";
    Problem {
        current_version: Some(current_version),
        changed_fields,
        ..Problem::new(409, "CONFLICT", "Conflict", detail)
    }
}
