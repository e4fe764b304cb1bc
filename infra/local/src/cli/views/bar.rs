use std::io::{IsTerminal, Write, stderr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use skafu_functions::rebuild::Counts;

/// What is done in less is not worth a word.
const QUIET: Duration = Duration::from_secs(1);
const BETWEEN: Duration = Duration::from_millis(200);
const WIDTH: usize = 24;

/// How far a long command is, with its rate and what remains. Nothing, if nobody watches.
pub(super) struct Bar {
    total: Option<u64>,
    start: Instant,
    state: Option<Mutex<State>>,
}

struct State {
    next: Instant,
    shown: bool,
    /// What had been done before this process began.
    before: u64,
    commits: u64,
}

impl Bar {
    /// A bar towards about so many commits, if that is known.
    pub(super) fn new(total: Option<u64>, before: u64) -> Self {
        let start = Instant::now();
        let state = State { next: start + QUIET, shown: false, before, commits: before };
        Self { total, start, state: stderr().is_terminal().then(|| Mutex::new(state)) }
    }

    /// So much more was read.
    pub(super) fn add(&self, counts: Counts) {
        self.moved(|state| state.commits += counts.commits);
    }

    /// So much was read in all.
    pub(super) fn set(&self, counts: Counts) {
        self.moved(|state| state.commits = counts.commits);
    }

    fn moved(&self, change: impl FnOnce(&mut State)) {
        let Some(state) = &self.state else { return };
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut state);
        let now = Instant::now();
        if state.next <= now {
            (state.next, state.shown) = (now + BETWEEN, true);
            let done = state.commits - state.before;
            tell(&format!("\r{}\x1b[K", line(self.total, state.commits, done, now - self.start)));
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        let state = self.state.as_ref().map(|it| it.lock().unwrap_or_else(PoisonError::into_inner));
        if state.is_some_and(|state| state.shown) {
            tell("\r\x1b[K");
        }
    }
}

/// `done` of `commits` were read in that time.
fn line(total: Option<u64>, commits: u64, done: u64, time: Duration) -> String {
    let rate = done as f64 / time.as_secs_f64().max(0.001);
    // The table counts its items now and then, and not all of them are commits.
    let Some(total) = total.filter(|total| *total >= commits) else {
        return format!("{commits} commits, {rate:.0}/s");
    };
    let share = commits as f64 / total as f64;
    let filled = (share * WIDTH as f64) as usize;
    let bar: String = (0..WIDTH).map(|at| if at < filled { '#' } else { '.' }).collect();
    let left = (total - commits) as f64 / rate.max(0.001);
    format!("[{bar}] {:3.0} %  {commits} commits, {rate:.0}/s, {left:.0} s left", share * 100.0)
}

fn tell(text: &str) {
    // It is a courtesy: if it cannot be shown, the command goes on.
    let mut out = stderr().lock();
    drop(out.write_all(text.as_bytes()).and_then(|()| out.flush()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_tells_the_share_the_rate_and_what_remains() {
        let told = line(Some(1_000), 250, 200, Duration::from_secs(2));
        assert_eq!(told, "[######..................]  25 %  250 commits, 100/s, 8 s left");
    }

    #[test]
    fn without_a_likely_total_it_tells_no_share() {
        let seconds = Duration::from_secs(2);
        assert_eq!(line(None, 250, 200, seconds), "250 commits, 100/s");
        assert_eq!(line(Some(100), 250, 200, seconds), "250 commits, 100/s");
    }
}
