use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

/// What is done in less is not worth a word.
const QUIET: Duration = Duration::from_secs(1);
const BETWEEN: Duration = Duration::from_millis(200);

/// Tells whoever watches how far a long command is. Nothing, if nobody does.
pub(super) struct Progress {
    next: Option<Instant>,
    shown: bool,
    commits: u64,
    events: u64,
}

impl Progress {
    pub(super) fn new() -> Self {
        let next = stderr().is_terminal().then(|| Instant::now() + QUIET);
        Self { next, shown: false, commits: 0, events: 0 }
    }

    /// So much more was read.
    pub(super) fn add(&mut self, commits: u64, events: u64) {
        self.commits += commits;
        self.events += events;
        let now = Instant::now();
        if self.next.is_some_and(|next| next <= now) {
            self.next = Some(now + BETWEEN);
            self.shown = true;
            self.tell(&format!("\r{} commits, {} events read", self.commits, self.events));
        }
    }

    fn tell(&self, text: &str) {
        // It is a courtesy: if it cannot be shown, the command goes on.
        let mut out = stderr().lock();
        drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            self.tell("\r\x1b[K");
        }
    }
}
