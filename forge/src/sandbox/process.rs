use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Map, Value};
use tokio::io::{AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::frame;
use super::job::{Answer, Frame, Job, RenderInto, Rendered, Task};
use super::worker::{ARGUMENT, can_serve};
use super::{Inspection, RenderFailure, Renderer};
use crate::source::{Limits, SourceFile};
use crate::template::{ProjectFacts, RenderError, RenderProblem};

/// The process failed, and not by the template's fault.
#[derive(Debug, thiserror::Error)]
#[error("the process for rendering cannot be talked to")]
pub struct SandboxError(#[from] io::Error);

/// Renders in processes of their own, each for one template.
#[derive(Debug, Clone)]
pub struct Sandbox {
    program: PathBuf,
    limits: Limits,
    memory: u64,
    time: Duration,
}

impl Sandbox {
    /// Workers of this very program, refused if its `main` does not call [`super::serve_if_asked`] first of all.
    /// `memory` is in bytes.
    pub fn of_this_program(limits: Limits, memory: u64, time: Duration) -> Result<Self, SandboxError> {
        if !can_serve() {
            let message = "this program does not ask whether it is to be a worker";
            return Err(io::Error::new(io::ErrorKind::Unsupported, message).into());
        }
        Ok(Self::of(std::env::current_exe()?, limits, memory, time))
    }

    /// Workers of another program that does so.
    pub fn of(program: PathBuf, limits: Limits, memory: u64, time: Duration) -> Self {
        Self { program, limits, memory, time }
    }

    /// Renders a template of this machine into a directory; tells how far it is.
    pub async fn render_into(
        &self,
        task: RenderInto,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<Rendered, RenderFailure> {
        match self.run(Task::RenderInto(task), Vec::new(), progress).await? {
            (Answer::RenderedInto(rendered), _) => Ok(rendered),
            _ => Err(confused()),
        }
    }

    /// As [`crate::template::inspect`], of a template of this machine.
    pub async fn inspect_at(&self, source: PathBuf) -> Result<Inspection, RenderFailure> {
        match self.run(Task::InspectAt(source), Vec::new(), &mut |_, _| {}).await? {
            (Answer::Inspected(inspection), _) => Ok(inspection),
            _ => Err(confused()),
        }
    }

    async fn run(
        &self,
        task: Task,
        files: Vec<SourceFile>,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> Result<(Answer, Vec<SourceFile>), RenderFailure> {
        let mut child = Command::new(&self.program)
            .arg(OsString::from(ARGUMENT))
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(SandboxError)?;
        let job = Job { task, limits: self.limits, memory: self.memory, seconds: self.time.as_secs().max(1) };
        let talked = timeout(self.time, self.talk(&mut child, job, files, progress)).await;
        match talked {
            Ok(Ok((Answer::Findings(findings), _))) => Err(RenderFailure::Findings(findings)),
            Ok(Ok((Answer::Failed(error), _))) => Err(RenderFailure::Render(error)),
            Ok(Ok(done)) => Ok(done),
            Ok(Err(error)) => {
                let status = child.wait().await.map_err(SandboxError)?;
                Err(self.ended(status).map_or_else(|| SandboxError(error).into(), RenderFailure::Render))
            }
            Err(_) => {
                child.kill().await.map_err(SandboxError)?;
                Err(stopped(format!("it took longer than {} seconds", self.time.as_secs())).into())
            }
        }
    }

    async fn talk(
        &self,
        child: &mut Child,
        job: Job,
        files: Vec<SourceFile>,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> io::Result<(Answer, Vec<SourceFile>)> {
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(frame::unexpected());
        };
        frame::send(&mut input, &Frame::Job(Box::new(job))).await?;
        for file in &files {
            frame::send_file(&mut input, file).await?;
        }
        drop(files);
        frame::send(&mut input, &Frame::End).await?;
        input.shutdown().await?;
        let mut output = BufReader::new(output);
        let mut made = Vec::new();
        let mut total = 0;
        loop {
            match frame::receive(&mut output).await? {
                Frame::File { path, mode, size } => {
                    total += size;
                    if total > self.limits.total_bytes || made.len() == self.limits.files {
                        return Err(frame::unexpected());
                    }
                    let content = frame::receive_content(&mut output, size, self.limits.file_bytes).await?;
                    made.push(SourceFile { path, mode, content });
                }
                Frame::Progress { done, total } => progress(done, total),
                Frame::Answer(answer) => return Ok((answer, made)),
                Frame::Job(_) | Frame::End => return Err(frame::unexpected()),
            }
        }
    }

    /// What the way a worker ended says, if it was ended for its limits.
    fn ended(&self, status: ExitStatus) -> Option<RenderError> {
        match signal(status)? {
            // The allocator gives up with an abort, and a stack that may not grow is a fault.
            signals::ABRT | signals::SEGV | signals::BUS => {
                Some(stopped(format!("it took more than {} MiB of memory", self.memory / (1024 * 1024))))
            }
            signals::XCPU | signals::KILL => {
                Some(stopped("it took more time or memory than it may".to_owned()))
            }
            signals::XFSZ => Some(stopped(format!("a file has more than {} bytes", self.limits.file_bytes))),
            _ => None,
        }
    }
}

/// The numbers of signals, the same on every Unix this runs on (XCPU and later excepted where they do not matter).
mod signals {
    pub(super) const ABRT: i32 = 6;
    pub(super) const BUS: i32 = 7;
    pub(super) const KILL: i32 = 9;
    pub(super) const SEGV: i32 = 11;
    pub(super) const XCPU: i32 = 24;
    pub(super) const XFSZ: i32 = 25;
}

#[cfg(unix)]
fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

#[cfg(not(unix))]
fn signal(_: ExitStatus) -> Option<i32> {
    None
}

fn stopped(why: String) -> RenderError {
    RenderError {
        problem: RenderProblem::Stopped,
        path: String::new(),
        line: None,
        column: None,
        message: format!("the rendering was stopped: {why}"),
    }
}

fn confused() -> RenderFailure {
    SandboxError(frame::unexpected()).into()
}

#[async_trait]
impl Renderer for Sandbox {
    async fn inspect(&self, files: Vec<SourceFile>) -> Result<Inspection, RenderFailure> {
        match self.run(Task::Inspect, files, &mut |_, _| {}).await? {
            (Answer::Inspected(inspection), _) => Ok(inspection),
            _ => Err(confused()),
        }
    }

    async fn resolve(
        &self,
        files: Vec<SourceFile>,
        given: Map<String, Value>,
        project: ProjectFacts,
    ) -> Result<Map<String, Value>, RenderFailure> {
        match self.run(Task::Resolve { given, project }, files, &mut |_, _| {}).await? {
            (Answer::Resolved(parameters), _) => Ok(parameters),
            _ => Err(confused()),
        }
    }

    async fn render(
        &self,
        files: Vec<SourceFile>,
        parameters: Map<String, Value>,
        project: ProjectFacts,
    ) -> Result<Vec<SourceFile>, RenderFailure> {
        match self.run(Task::Render { parameters, project }, files, &mut |_, _| {}).await? {
            (Answer::Rendered, files) => Ok(files),
            _ => Err(confused()),
        }
    }
}
