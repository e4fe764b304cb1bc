use std::io;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::{Map, Value};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::ending::Ending;
use super::frame;
use super::job::{Answer, Bounds, Frame, RenderInto, Rendered, Task};
use super::worker::{ARGUMENT, can_serve};
use super::{Inspection, RenderFailure, Renderer, SandboxError};
use crate::source::{Limits, SourceFile};
use crate::template::ProjectFacts;

/// How long a worker that says nothing sensible may take to end.
const GRACE: Duration = Duration::from_secs(1);
/// What a worker may take of the processor beyond its time on the clock: the limit is for one whose parent is gone.
const BACKSTOP: u64 = 2;
/// The most bytes that are kept of what a worker says before it dies.
const LAST_WORDS: u64 = 4096;

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
            return Err(SandboxError::NotAWorker);
        }
        // On Linux this name is right also after the file was replaced by a newer one.
        let itself = PathBuf::from("/proc/self/exe");
        let program = if itself.exists() { itself } else { std::env::current_exe()? };
        Ok(Self::of(program, limits, memory, time))
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
    /// `scratch` is an empty directory that the caller removes.
    pub async fn inspect_at(&self, source: PathBuf, scratch: PathBuf) -> Result<Inspection, RenderFailure> {
        match self.run(Task::InspectAt { source, scratch }, Vec::new(), &mut |_, _| {}).await? {
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
        let mut child = self.start()?;
        let said = child.stderr.take().map(|said| tokio::spawn(last_words(said)));
        let talked = timeout(self.time, self.talk(&mut child, task, files, progress)).await;
        let ending = Ending { memory: self.memory, time: self.time, limits: self.limits };
        let failed = match talked {
            Ok(Ok((Answer::Findings(findings), _))) => return Err(RenderFailure::Findings(findings)),
            Ok(Ok((Answer::Failed(error), _))) => return Err(RenderFailure::Render(error)),
            Ok(Ok(done)) => return Ok(done),
            Ok(Err(error)) => error,
            Err(_) => {
                child.kill().await.map_err(SandboxError::Process)?;
                return Err(ending.too_slow().into());
            }
        };
        let Ok(status) = timeout(GRACE, child.wait()).await else {
            child.kill().await.map_err(SandboxError::Process)?;
            return Err(SandboxError::Process(failed).into());
        };
        let status = status.map_err(SandboxError::Process)?;
        let said = match said {
            Some(said) => said.await.unwrap_or_default(),
            None => String::new(),
        };
        Err(ending.of(status, said))
    }

    fn start(&self) -> Result<Child, SandboxError> {
        let mut command = Command::new(&self.program);
        command
            .arg(ARGUMENT)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        // What a terminal sends to interrupt is for this process: it ends the worker, and says so.
        #[cfg(unix)]
        command.process_group(0);
        Ok(command.spawn()?)
    }

    async fn talk(
        &self,
        child: &mut Child,
        task: Task,
        files: Vec<SourceFile>,
        progress: &mut (dyn FnMut(u64, u64) + Send),
    ) -> io::Result<(Answer, Vec<SourceFile>)> {
        let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(frame::unexpected());
        };
        frame::send(&mut input, &Frame::Bounds(self.bounds())).await?;
        frame::send(&mut input, &Frame::Task(Box::new(task))).await?;
        for file in &files {
            frame::send_file(&mut input, file).await?;
        }
        drop(files);
        // It stays open until there is an answer: its end is how the worker knows that nobody waits any more.
        frame::send(&mut input, &Frame::End).await?;
        input.flush().await?;
        let mut output = BufReader::new(output);
        let mut made = Vec::new();
        let mut total = 0;
        loop {
            match frame::receive(&mut output).await? {
                Frame::File { path, mode, size } => {
                    total = size.saturating_add(total);
                    if total > self.limits.total_bytes || made.len() == self.limits.files {
                        return Err(frame::unexpected());
                    }
                    let content = frame::receive_content(&mut output, size, self.limits.file_bytes).await?;
                    made.push(SourceFile { path, mode, content });
                }
                Frame::Progress { done, total } => progress(done, total),
                Frame::Answer(answer) => return Ok((answer, made)),
                Frame::Bounds(_) | Frame::Task(_) | Frame::End => return Err(frame::unexpected()),
            }
        }
    }

    fn bounds(&self) -> Bounds {
        Bounds {
            limits: self.limits,
            memory: self.memory,
            seconds: self.time.as_secs().saturating_add(BACKSTOP),
            written: self.limits.total_bytes,
        }
    }
}

/// The end of what a worker says on its standard error.
async fn last_words(mut said: impl AsyncRead + Unpin) -> String {
    let mut bytes = Vec::new();
    // What cannot be read is not said; how the process ended is known without.
    let _ = (&mut said).take(LAST_WORDS).read_to_end(&mut bytes).await;
    let _ = tokio::io::copy(&mut said, &mut tokio::io::sink()).await;
    String::from_utf8_lossy(&bytes).trim().to_owned()
}

fn confused() -> RenderFailure {
    SandboxError::Process(frame::unexpected()).into()
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
