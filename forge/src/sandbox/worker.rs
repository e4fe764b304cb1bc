use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::job::{Answer, Frame, Job, RenderInto, Rendered, Task};
use super::output::Output;
use super::{Inspection, frame, limits};
use crate::source::{Limits, check_path, open};
use crate::template::{
    Chance, Finding, RenderError, RenderProblem, Template, inspect, inspect_source, values_from_text,
};

/// What a program is started with to be a worker.
pub const ARGUMENT: &str = "--render-worker";

/// Whether this program asks first whether it is to be a worker.
static ASKED: AtomicBool = AtomicBool::new(false);

/// Whether workers of this program can be started: not in a test, say, whose `main` is another's.
pub(super) fn can_serve() -> bool {
    ASKED.load(Ordering::Relaxed)
}

/// How often a worker tells how far it is.
const BETWEEN: Duration = Duration::from_millis(100);

/// Is a worker if this process was started as one, and then says with which code it should end. To be called
/// before anything else: no thread, no runtime, no connection.
pub fn serve_if_asked() -> Option<ExitCode> {
    ASKED.store(true, Ordering::Relaxed);
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != ARGUMENT || arguments.next().is_some() {
        return None;
    }
    let mut input = BufReader::new(io::stdin().lock());
    let mut out = BufWriter::new(io::stdout().lock());
    // Nobody is there to be told but the process that started this one: it sees the code.
    let served = serve(&mut input, &mut out).and_then(|()| out.flush());
    Some(if served.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn serve(input: &mut impl BufRead, out: &mut impl Write) -> io::Result<()> {
    let Frame::Job(job) = frame::read(input)? else { return Err(frame::unexpected()) };
    limits::keep(job.memory, job.seconds, job.limits.file_bytes)?;
    let answer = match work(*job, input, out)? {
        Ok(answer) => answer,
        Err(Refusal::Findings(findings)) => Answer::Findings(findings),
        Err(Refusal::Render(error)) => Answer::Failed(error),
    };
    frame::write(out, &Frame::Answer(answer))
}

/// Why a task was not done, the template's fault.
enum Refusal {
    Findings(Vec<Finding>),
    Render(RenderError),
}

impl From<Vec<Finding>> for Refusal {
    fn from(findings: Vec<Finding>) -> Self {
        Self::Findings(findings)
    }
}

impl From<RenderError> for Refusal {
    fn from(error: RenderError) -> Self {
        Self::Render(error)
    }
}

fn work(job: Job, input: &mut impl BufRead, out: &mut impl Write) -> io::Result<Result<Answer, Refusal>> {
    let files = match &job.task {
        Task::RenderInto(_) | Task::InspectAt(_) => Vec::new(),
        _ => frame::read_files(input, job.limits.file_bytes)?,
    };
    Ok(match job.task {
        Task::Inspect => {
            inspect(&files).map(|template| Answer::Inspected(template.into())).map_err(Refusal::from)
        }
        Task::Resolve { given, project } => inspect(&files)
            .and_then(|template| template.resolve(&given, &project))
            .map(Answer::Resolved)
            .map_err(Refusal::from),
        Task::Render { parameters, project } => {
            let template = match inspect(&files) {
                Ok(template) => template,
                Err(findings) => return Ok(Err(findings.into())),
            };
            drop(files);
            match template.render(&parameters, &project) {
                Ok(files) => {
                    files.iter().try_for_each(|file| frame::write_file(out, file))?;
                    Ok(Answer::Rendered)
                }
                Err(error) => Err(error.into()),
            }
        }
        Task::InspectAt(path) => inspect_at(&path, job.limits).map(Answer::Inspected),
        Task::RenderInto(task) => render_into(&task, job.limits, out).map(Answer::RenderedInto),
    })
}

fn inspect_at(path: &Path, limits: Limits) -> Result<Inspection, Refusal> {
    let source = open(path, limits).map_err(RenderError::from)?;
    Ok(inspect_source(Arc::from(source), limits)?.into())
}

fn render_into(task: &RenderInto, limits: Limits, out: &mut impl Write) -> Result<Rendered, Refusal> {
    let source = open(&task.source, limits).map_err(RenderError::from)?;
    let template = Template::open(Arc::from(source), limits)?;
    let (given, project) = values_from_text(&template, &task.given)?;
    let project = project.with_chance(Chance::of_the_machine());
    let parameters = template.resolve(&given, &project)?;
    let top = template.top(&parameters, &project)?;
    check_top(&top, &task.out)?;
    let mut output = Output::new(task.staging.join(&top))?;
    let total = template.size() as u64;
    let (mut done, mut told) = (0, Instant::now());
    template.render_each(&parameters, &project, &mut |made| {
        output.take(made)?;
        done += 1;
        if told.elapsed() >= BETWEEN {
            told = Instant::now();
            // Whoever no longer listens is told nothing; what is made goes on.
            let _ = frame::write(out, &Frame::Progress { done, total }).and_then(|()| out.flush());
        }
        Ok(())
    })?;
    output.finish()?;
    Ok(Rendered { top, files: output.files, bytes: output.bytes, notes: template.notes })
}

fn check_top(top: &str, out: &Path) -> Result<(), RenderError> {
    let refused = |problem, message: String| {
        Err(RenderError { problem, path: top.to_owned(), line: None, column: None, message })
    };
    if let Err(problem) = check_path(top) {
        return refused(RenderProblem::Tree, format!("cannot be the directory of a project: {problem}"));
    }
    if out.join(top).symlink_metadata().is_ok() {
        return refused(RenderProblem::Output, format!("`{}` is there already", out.join(top).display()));
    }
    Ok(())
}
