use std::process::ExitCode;

use serde_json::json;
use skafu_domain::project::ProjectStatus;
use skafu_functions::gateway::CommandAnswer;

use super::args::{ResolveArgs, RetryArgs};
use super::creation::Status;
use super::desk::Desk;
use super::standing::Standing;
use super::way_out::way_out;
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::store::print;

const RETRY_CREATION: &str = "RetryProjectCreation";
const RETRY_COMPENSATION: &str = "RetryCompensation";
const RESOLVE: &str = "ResolveProjectCreation";

/// Has the creation tried again, or its undoing; whatever does not stand still is the project's to refuse.
pub(super) async fn retry(
    global: &Global,
    args: &RetryArgs,
    desk: &Desk,
    standing: &Standing,
) -> Result<ExitCode, Failure> {
    let project = &standing.creation.project;
    let is_deleted = project.status == ProjectStatus::Deleted;
    let command = match standing.status() {
        Status::Failed => RETRY_CREATION,
        Status::Stuck => RETRY_COMPENSATION,
        Status::Running if args.give_up => RETRY_COMPENSATION,
        // Of a deleted project no other attempt can be made, and an undoing under way is not given up unasked.
        Status::Running if is_deleted => return Err(being_undone(desk, standing)),
        _ if is_deleted => RETRY_COMPENSATION,
        _ => RETRY_CREATION,
    };
    let stream = &standing.creation.stream;
    let answer = desk.send(stream, command, json!({ "projectId": stream.id() })).await;
    let answer = answer.map_err(|failure| refused(desk, standing, failure))?;
    let attempt = project.current_attempt();
    let (attempt, what) = match command {
        RETRY_CREATION => {
            (attempt + 1, format!("attempt {} goes on where attempt {attempt} ended", attempt + 1))
        }
        _ if project.stuck => (attempt, format!("attempt {attempt} is undone once more")),
        _ => (attempt, format!("attempt {attempt} is given up, and undone")),
    };
    let next = if desk.is_resting() {
        "it begins once the system runs: `skafu dev`".to_owned()
    } else {
        format!("`{}` tells how far it is", desk.command("show", stream))
    };
    tell(global, standing, command, attempt, &answer, &format!("{what}: {next}"))
}

/// Says that a stuck creation was seen to by hand.
pub(super) async fn resolve(
    global: &Global,
    args: &ResolveArgs,
    desk: &Desk,
    standing: &Standing,
) -> Result<ExitCode, Failure> {
    let stream = &standing.creation.stream;
    let data = json!({ "projectId": stream.id(), "note": args.note });
    let answer = desk.send(stream, RESOLVE, data).await;
    let answer = answer.map_err(|failure| refused(desk, standing, failure))?;
    let attempt = standing.creation.project.current_attempt();
    let what = "the creation counts as undone, and the project's name is free again";
    tell(global, standing, RESOLVE, attempt, &answer, what)
}

/// A rule forbids it: what can be done instead follows from how the creation stands.
fn refused(desk: &Desk, standing: &Standing, failure: Failure) -> Failure {
    let is_rule = failure.is("BUSINESS_RULE_VIOLATION");
    // Of one that is undone, the rule itself says it all.
    if is_rule && standing.status() != Status::Compensated {
        failure.hint(&way_out(desk, standing))
    } else {
        failure
    }
}

fn being_undone(desk: &Desk, standing: &Standing) -> Failure {
    let message =
        format!("{} is deleted, and what its creation made is being undone", standing.creation.stream);
    Failure::new("BUSINESS_RULE_VIOLATION", message).hint(&way_out(desk, standing))
}

fn tell(
    global: &Global,
    standing: &Standing,
    command: &str,
    attempt: u32,
    answer: &CommandAnswer,
    text: &str,
) -> Result<ExitCode, Failure> {
    if !global.json {
        return print(text, ExitCode::SUCCESS);
    }
    let stream = &standing.creation.stream;
    let answer = json!({
        "projectId": stream.id(),
        "tenant": stream.tenant(),
        "command": command,
        "commandId": answer.command_id,
        "attempt": attempt,
        "version": answer.version,
    });
    print(&answer.to_string(), ExitCode::SUCCESS)
}
