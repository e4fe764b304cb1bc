use std::io;
use std::process::ExitStatus;
use std::time::Duration;

use super::RenderFailure;
use crate::source::Limits;
use crate::template::{RenderError, RenderProblem};

/// Why there was no sandbox, and not by the template's fault.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The program's `main` does not ask whether it is to be a worker.
    #[error("this program cannot be started as a worker")]
    NotAWorker,
    /// The process could not be started, or not be talked to.
    #[error("the process for rendering cannot be talked to")]
    Process(#[from] io::Error),
    /// The process ended by itself: a defect here, or somebody stopped it.
    #[error("the process for rendering ended with {status}: {said}")]
    Died {
        /// How.
        status: ExitStatus,
        /// The end of what it said.
        said: String,
    },
}

/// What the way a worker ended means.
pub(super) struct Ending {
    pub(super) memory: u64,
    pub(super) time: Duration,
    pub(super) limits: Limits,
}

impl Ending {
    /// It was stopped by the clock.
    pub(super) fn too_slow(&self) -> RenderError {
        stopped(format!("it took longer than {} seconds", self.time.as_secs_f64()))
    }

    /// It ended by itself, or by the operating system.
    pub(super) fn of(&self, status: ExitStatus, said: String) -> RenderFailure {
        let memory = || stopped(format!("it took more than {} MiB of memory", self.memory / (1024 * 1024)));
        match signal(status) {
            _ if said.contains("memory allocation of") => memory().into(),
            _ if said.contains("has overflowed its stack") => {
                stopped("it nests too deeply".to_owned()).into()
            }
            Some(signals::SEGV) => stopped("it nests too deeply, or takes too much memory".to_owned()).into(),
            Some(signals::XCPU) => self.too_slow().into(),
            Some(signals::XFSZ) => {
                let most = self.limits.total_bytes;
                stopped(format!("it writes a file of more than {most} bytes")).into()
            }
            _ => SandboxError::Died { status, said }.into(),
        }
    }
}

/// The numbers of signals on Linux; where others are used, the process has died without a known reason.
mod signals {
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
    RenderError::new(RenderProblem::Stopped, "", format!("the rendering was stopped: {why}"))
}
