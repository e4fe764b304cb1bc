use std::io::{IsTerminal, Write, stderr};
use std::time::{Duration, Instant};

/// What is done in less is not worth a word.
const QUIET: Duration = Duration::from_secs(1);
const BETWEEN: Duration = Duration::from_millis(200);

/// One line on standard error that tells whoever watches how far a long command is. Nothing, if nobody does.
pub(in crate::cli) struct ProgressLine {
    next: Option<Instant>,
    shown: bool,
}

impl ProgressLine {
    pub(in crate::cli) fn new() -> Self {
        Self { next: stderr().is_terminal().then(|| Instant::now() + QUIET), shown: false }
    }

    /// Shows the text in place of the last one, if it is time for another.
    pub(in crate::cli) fn show(&mut self, text: impl FnOnce() -> String) {
        let now = Instant::now();
        if self.next.is_some_and(|next| next <= now) {
            self.next = Some(now + BETWEEN);
            self.shown = true;
            write(&format!("\r{}\x1b[K", text()));
        }
    }

    /// Takes the line away, so that something can be written in its place.
    pub(in crate::cli) fn clear(&mut self) {
        if std::mem::take(&mut self.shown) {
            write("\r\x1b[K");
        }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.clear();
    }
}

fn write(text: &str) {
    // It is a courtesy: if it cannot be shown, the command goes on.
    let mut out = stderr().lock();
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}
