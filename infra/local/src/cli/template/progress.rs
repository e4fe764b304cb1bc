use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

/// What is done in less is not worth a word.
const QUIET: Duration = Duration::from_secs(1);

/// How far a rendering is, on a terminal.
pub(super) struct Progress {
    begun: Instant,
    watched: bool,
    shown: bool,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self { begun: Instant::now(), watched: stderr().is_terminal(), shown: false }
    }

    pub(super) fn tell(&mut self, done: u64, total: u64) {
        if self.watched && self.begun.elapsed() >= QUIET {
            self.shown = true;
            write(&format!("\rRendering {done} of {total} files\x1b[K"));
        }
    }

    pub(super) fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            write("\r\x1b[K");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}

fn write(text: &str) {
    // Nothing is lost with a line about progress.
    let mut stderr = stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}
