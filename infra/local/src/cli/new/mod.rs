mod import;
mod report;

use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use serde_json::{Map, Value, json};
use skafu_forge::runtimes;
use uuid::Uuid;

use super::args::{Global, NewArgs};
use super::failure::Failure;
use super::session::Session;
use crate::data::DataDir;
use crate::system::Step;
use report::{Outcome, Report};

/// How long the saga may take to begin, and the view to show how it ended.
const PATIENCE: Duration = Duration::from_secs(60);
const FIRST_PAUSE: Duration = Duration::from_millis(2);
const LONGEST_PAUSE: Duration = Duration::from_millis(100);

const PROJECT: &str = "query ($id: ID!) {
    project(id: $id) { status failure { code message } repository { cloneUrl initialCommitId } }
}";

/// Creates a project and waits for its repository. Success only if the project is ready.
pub(super) fn run(global: &Global, args: &NewArgs) -> Result<ExitCode, Failure> {
    let begun = Instant::now();
    let report = Report::new(global.json);
    let data = DataDir::new(&global.data)?;
    let mut session = Session::open(data, args.caller.clone())?;
    let created = create(&mut session, args, &report, begun);
    let memory = session.is_own().then(report::peak_memory).flatten();
    session.close();
    Ok(report.end(&created?, memory))
}

fn create(
    session: &mut Session,
    args: &NewArgs,
    report: &Report,
    begun: Instant,
) -> Result<Outcome, Failure> {
    let template_id = template(session, &args.template, report)?;
    let parameters: Map<String, Value> =
        args.parameters.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    runtimes::warnings(&parameters).iter().for_each(|warning| report.warn(&warning.message));
    let mut command =
        json!({ "name": args.name, "templateId": template_id, "templateParameters": parameters });
    if let Some(description) = &args.description {
        command["description"] = json!(description);
    }
    let command_id = Uuid::now_v7();
    let answer =
        session.request(|client| client.command("project", "CreateProject", command_id, &command))?;
    report.begin(&args.name, &template_id);
    let project_id = answer.aggregate_id;
    let steps = follow(session, &project_id, report)?;
    let project = settled(session, &project_id)?;
    let status = project["status"].as_str().unwrap_or("unknown").to_owned();
    Ok(Outcome { project_id, status, project, steps, took: begun.elapsed() })
}

/// The id of the template to use. A path is imported first; a bare word is an id.
fn template(session: &mut Session, template: &str, report: &Report) -> Result<String, Failure> {
    let is_id = template.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
        && template.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    if is_id { Ok(template.to_owned()) } else { import::import(session, Path::new(template), report) }
}

/// Tells each step as it ends, until the execution has.
fn follow(session: &mut Session, project_id: &str, report: &Report) -> Result<Vec<Step>, Failure> {
    let execution = format!("prj-{project_id}-1");
    let (deadline, mut pause) = (Instant::now() + PATIENCE, FIRST_PAUSE);
    let (mut after, mut told) = (0, 0);
    loop {
        let Some(progress) = session.request(|client| client.progress(&execution, after))? else {
            if Instant::now() > deadline {
                let message = format!(
                    "the creation of project {project_id} did not begin; it will, once the system runs"
                );
                return Err(Failure::new("NOT_STARTED", message));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(LONGEST_PAUSE);
            continue;
        };
        let running = progress.status == "RUNNING";
        let ended = |step: &Step| step.ms.is_some() || !running;
        for step in progress.steps[told..].iter().take_while(|step| ended(step)) {
            report.step(step);
            told += 1;
        }
        if !running {
            return Ok(progress.steps);
        }
        after = progress.last;
    }
}

/// The project as GraphQL shows it, once the view knows how it ended.
fn settled(session: &mut Session, project_id: &str) -> Result<Value, Failure> {
    let (deadline, mut pause) = (Instant::now() + PATIENCE, FIRST_PAUSE);
    loop {
        let mut data = session.request(|client| client.query(PROJECT, &json!({ "id": project_id })))?;
        let project = data["project"].take();
        if matches!(project["status"].as_str(), Some("ready" | "failed")) || Instant::now() > deadline {
            return Ok(project);
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}
