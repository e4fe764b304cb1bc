use crate::cli::progress::ProgressLine;

/// Tells whoever watches how much was read.
pub(super) struct Progress {
    line: ProgressLine,
    commits: u64,
    events: u64,
}

impl Progress {
    pub(super) fn new() -> Self {
        Self { line: ProgressLine::new(), commits: 0, events: 0 }
    }

    /// So much more was read.
    pub(super) fn add(&mut self, commits: u64, events: u64) {
        self.commits += commits;
        self.events += events;
        self.line.show(|| format!("{} commits, {} events read", self.commits, self.events));
    }
}
