use std::io::{self, BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::job::{Answer, Frame, RenderInto, Rendered, Task};
use super::output::Output;
use super::{Inspection, frame, limits};
use crate::runtimes;
use crate::source::{Limits, Memory, SourceFile, check_path, open};
use crate::template::{
    Chance, Finding, Layout, RenderError, RenderProblem, Template, inspect_source, values_from_text,
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
    let input = BufReader::new(io::stdin().lock());
    let mut out = BufWriter::new(io::stdout().lock());
    let served = serve(input, &mut out).and_then(|()| out.flush());
    Some(match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The process that started this one reads it.
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    })
}

fn serve(mut input: impl BufRead, out: &mut impl Write) -> io::Result<()> {
    let Frame::Bounds(bounds) = frame::read(&mut input)? else { return Err(frame::unexpected()) };
    limits::keep(&bounds)?;
    let Frame::Task(task) = frame::read(&mut input)? else { return Err(frame::unexpected()) };
    let files = frame::read_files(&mut input, bounds.limits.file_bytes)?;
    drop(input);
    end_with_the_caller()?;
    let answer = match work(*task, files, bounds.limits, out)? {
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

/// Nothing more is sent after the files, so standard input ends when the calling process does, however it ends. A
/// worker that went on would have nobody to stop it, nor to take away what it makes.
fn end_with_the_caller() -> io::Result<()> {
    let watch = std::thread::Builder::new().spawn(|| {
        // Whether it ends or fails: nobody is there.
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        std::process::exit(1);
    });
    watch.map(drop)
}

fn work(
    task: Task,
    files: Vec<SourceFile>,
    limits: Limits,
    out: &mut impl Write,
) -> io::Result<Result<Answer, Refusal>> {
    let sent = Arc::new(Memory::new(files));
    Ok(match task {
        Task::Inspect => inspect_source(sent, limits)
            .map(|template| Answer::Inspected(template.into()))
            .map_err(Refusal::from),
        // What is resolved and rendered has been inspected before.
        Task::Resolve { given, project } => Template::open(sent, limits)
            .and_then(|template| template.resolve(&given, &project))
            .map(Answer::Resolved)
            .map_err(Refusal::from),
        Task::Render { parameters, project } => {
            match Template::open(sent, limits)
                .map_err(Refusal::from)
                .and_then(|template| template.render(&parameters, &project).map_err(Refusal::from))
            {
                Ok(files) => {
                    files.iter().try_for_each(|file| frame::write_file(out, file))?;
                    Ok(Answer::Rendered)
                }
                Err(refusal) => Err(refusal),
            }
        }
        Task::InspectAt { source, scratch } => inspect_at(&source, &scratch, limits).map(Answer::Inspected),
        Task::RenderInto(task) => render_into(&task, limits, out).map(Answer::RenderedInto),
    })
}

fn inspect_at(path: &Path, scratch: &Path, limits: Limits) -> Result<Inspection, Refusal> {
    let source = open(path, scratch, limits).map_err(RenderError::from)?;
    Ok(inspect_source(Arc::from(source), limits)?.into())
}

fn render_into(task: &RenderInto, limits: Limits, out: &mut impl Write) -> Result<Rendered, Refusal> {
    let source = open(&task.source, &task.scratch, limits).map_err(RenderError::from)?;
    let template = Template::open(Arc::from(source), limits)?;
    let (given, project) = values_from_text(&template, &task.given)?;
    // A native template has no clock, and the same values make the same files; cookiecutter's are like cookiecutter.
    let chance = match template.layout {
        Layout::Native => Chance::of(&project.name, 0),
        Layout::Cookiecutter => Chance::of_the_machine(),
    };
    let project = project.with_chance(chance);
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
            // Nobody listens any more: then nobody wants it either, or takes it away.
            let told = frame::write(out, &Frame::Progress { done, total }).and_then(|()| out.flush());
            told.map_err(|error| {
                refused(RenderProblem::Output, "", format!("nobody waits for it: {error}"))
            })?;
        }
        Ok(())
    })?;
    output.finish()?;
    let warnings = runtimes::warnings(&parameters);
    Ok(Rendered { top, files: output.files, bytes: output.bytes, notes: template.notes, warnings })
}

/// A name of several parts is moved by its first, which must not be there: nothing is written through what is.
fn check_top(top: &str, out: &Path) -> Result<(), RenderError> {
    if let Err(problem) = check_path(top) {
        let message = format!("cannot be the directory of a project: {problem}");
        return Err(refused(RenderProblem::Tree, top, message));
    }
    let first = out.join(top.split('/').next().unwrap_or(top));
    if first.symlink_metadata().is_ok() {
        return Err(refused(RenderProblem::Output, top, format!("`{}` is there already", first.display())));
    }
    Ok(())
}

fn refused(problem: RenderProblem, path: &str, message: String) -> RenderError {
    RenderError::new(problem, path, message)
}
