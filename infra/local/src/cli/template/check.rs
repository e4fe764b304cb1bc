use std::fs;
use std::process::ExitCode;

use serde_json::json;
use skafu_functions::commands::violation;
use tempfile::TempDir;

use super::args::CheckArgs;
use super::{failure, sandbox, unreadable};
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::out::say;

/// Says what a sound template asks. One that is not ends with everything that is wrong.
pub(super) async fn run(global: &Global, args: &CheckArgs) -> Result<ExitCode, Failure> {
    let source = fs::canonicalize(&args.path).map_err(unreadable(&args.path))?;
    let scratch = TempDir::new()?;
    let inspection = sandbox(&args.bounds)?
        .inspect_at(source, scratch.path().to_owned())
        .await
        .map_err(|error| failure(error, &args.path))?;
    if global.json {
        say!("{}", json!(inspection));
        return Ok(ExitCode::SUCCESS);
    }
    say!("{} is sound: {} files and directories", args.path.display(), inspection.files);
    for parameter in &inspection.parameters {
        let default = parameter.default.as_ref().or(parameter.choices.first());
        let default = default.map(|value| format!(" = {value}")).unwrap_or_default();
        let description = parameter.description.as_deref().map(|it| format!("  {it}")).unwrap_or_default();
        say!("  {}: {}{default}{description}", parameter.name, parameter.parameter_type.name());
    }
    for note in &inspection.notes {
        say!("  note: {note}");
    }
    for warning in &inspection.warnings {
        let warning = violation(warning);
        say!("  warning: {}: {} ({})", warning.field, warning.message, warning.code);
    }
    Ok(ExitCode::SUCCESS)
}
