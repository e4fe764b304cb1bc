//! What is measured of each store, and how often.

use std::collections::HashSet;
use std::time::Duration;

use crate::Failure;
use crate::proxy::{Account, Cost};
use crate::subject::{SNAPSHOT_EVERY, Subject, Via};

/// How long an aggregate's history is when a command comes.
pub const HISTORIES: [usize; 3] = [10, 1_000, 10_000];
/// How many events a command makes happen.
pub const EVENTS: [usize; 2] = [1, 5];

/// How much is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effort {
    /// Enough to count; too little to time.
    Short,
    /// Enough to time, too.
    Full,
}

impl Effort {
    /// How often each cell is timed. The stores take turns, so that what disturbs one disturbs all.
    fn repetitions(self) -> usize {
        if self == Self::Full { 9 } else { 1 }
    }

    /// How many snapshot intervals are timed at a time.
    fn intervals(self) -> usize {
        if self == Self::Full { 5 } else { 1 }
    }

    /// How long one store may take at a time.
    fn limit(self) -> Duration {
        Duration::from_secs(if self == Self::Full { 4 } else { 1 })
    }
}

/// What a store does in one cell.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Length of the history.
    pub history: usize,
    /// Events per command.
    pub events: usize,
    /// What a command costs while no snapshot is due: the one in the middle of an interval's.
    pub plain: Cost,
    /// What the commands of one snapshot interval cost together.
    pub interval: Cost,
    /// How many commands that is.
    pub commands: usize,
    /// Commands per second of each repetition, least first.
    pub rates: Vec<f64>,
}

impl Cell {
    /// Where it stands in the table.
    pub fn place(&self) -> String {
        let plural = if self.events == 1 { "" } else { "s" };
        format!("history {}, {} event{plural} per command", self.history, self.events)
    }

    /// Write units of a command, snapshots included: the mean of an interval.
    pub fn writes(&self) -> f64 {
        self.interval.writes / self.commands as f64
    }

    /// Read units of a command: the mean of an interval.
    pub fn reads(&self) -> f64 {
        self.interval.reads / self.commands as f64
    }

    /// What a command costs, in the price of a write unit: five times that of a read unit, on demand.
    pub fn price(&self) -> f64 {
        self.writes() + self.reads() / 5.0
    }

    /// The middle one of the rates.
    pub fn rate(&self) -> f64 {
        self.rates.get(self.rates.len() / 2).copied().unwrap_or_default()
    }
}

/// A store's cells, and whether what it loads shows all that was written.
pub struct Measured {
    /// The store.
    pub name: &'static str,
    /// Whether it is in Rust, as ours is.
    pub is_rust: bool,
    /// Whether it keeps snapshots.
    pub has_snapshots: bool,
    /// Histories first, events within them.
    pub cells: Vec<Cell>,
    /// What a loaded aggregate said it had, and what it should have said, where they differ.
    pub miscounts: Vec<(u64, u64)>,
}

/// Makes histories when they are needed.
struct Histories<'a> {
    subject: &'a dyn Subject,
    effort: Effort,
    seeded: HashSet<String>,
}

impl Histories<'_> {
    /// An aggregate whose history has that length after one command through that way has warmed it up.
    /// Short histories are always new; the longest is shared, for what is measured hardly changes it.
    async fn get(&mut self, history: usize, events: usize, turn: usize, via: Via) -> Result<String, Failure> {
        let which = HISTORIES.iter().position(|it| *it == history).unwrap_or_default();
        let number = match (history < HISTORIES[2], self.effort) {
            (true, _) => [which, events, usize::from(via == Via::Direct), turn],
            (false, Effort::Full) => [which, events, 0, 0],
            (false, Effort::Short) => [which, 0, 0, 0],
        };
        let number = number.into_iter().fold(0, |all, part| all * 1_000 + part);
        let id = format!("8b0fbb9e-2f0c-5d58-9a39-{number:012}");
        if self.seeded.insert(id.clone()) {
            self.subject.seed(&id, history - events).await?;
        }
        self.subject.command(via, &id, events).await?;
        Ok(id)
    }
}

/// Every cell of every store.
pub async fn everything(
    subjects: &[Box<dyn Subject>],
    account: &Account,
    effort: Effort,
) -> Result<Vec<Measured>, Failure> {
    let mut measured: Vec<_> = subjects.iter().map(|subject| blank(subject.as_ref())).collect();
    let mut histories: Vec<_> = subjects
        .iter()
        .map(|it| Histories { subject: it.as_ref(), effort, seeded: HashSet::new() })
        .collect();
    for history in HISTORIES {
        for events in EVENTS {
            eprintln!("history {history}, {events} events per command");
            for ((subject, histories), measured) in subjects.iter().zip(&mut histories).zip(&mut measured) {
                let id = histories.get(history, events, 0, Via::Counting).await?;
                let before = subject.edits(&id).await?;
                let cell = count(subject.as_ref(), account, &id, history, events).await?;
                let after = subject.edits(&id).await?;
                let expected = before + (cell.commands * events) as u64;
                if after != expected {
                    measured.miscounts.push((after, expected));
                }
                measured.cells.push(cell);
            }
            for turn in 0..effort.repetitions() {
                for ((subject, histories), measured) in subjects.iter().zip(&mut histories).zip(&mut measured)
                {
                    let rate = time(subject.as_ref(), histories, (history, events, turn), effort).await?;
                    if let Some(cell) = measured.cells.last_mut() {
                        cell.rates.push(rate);
                        cell.rates.sort_by(f64::total_cmp);
                    }
                }
            }
        }
    }
    Ok(measured)
}

fn blank(subject: &dyn Subject) -> Measured {
    let (name, is_rust, has_snapshots) = (subject.name(), subject.is_rust(), subject.has_snapshots());
    Measured { name, is_rust, has_snapshots, cells: Vec::new(), miscounts: Vec::new() }
}

/// Counts the commands of one snapshot interval, each by itself.
async fn count(
    subject: &dyn Subject,
    account: &Account,
    id: &str,
    history: usize,
    events: usize,
) -> Result<Cell, Failure> {
    let (commands, mut costs, mut interval) = (SNAPSHOT_EVERY / events, Vec::new(), Cost::default());
    account.take();
    for _ in 0..commands {
        subject.command(Via::Counting, id, events).await?;
        let cost = account.take();
        interval.add(&cost);
        costs.push(cost);
    }
    if interval.failures > 0 {
        return Err(Failure::new(subject.name(), format!("{} requests were refused", interval.failures)));
    }
    costs.sort_by(|one, other| one.writes.total_cmp(&other.writes).then(one.reads.total_cmp(&other.reads)));
    let plain = costs.swap_remove(costs.len() / 2);
    Ok(Cell { history, events, plain, interval, commands, rates: Vec::new() })
}

/// Commands per second over some snapshot intervals.
async fn time(
    subject: &dyn Subject,
    histories: &mut Histories<'_>,
    (history, events, turn): (usize, usize, usize),
    effort: Effort,
) -> Result<f64, Failure> {
    let (mut done, mut took) = (0, Duration::ZERO);
    let mut id = String::new();
    for interval in 0..effort.intervals() {
        // A short history does not stay short for more than one interval.
        if interval == 0 || history == HISTORIES[0] {
            id = histories.get(history, events, turn * effort.intervals() + interval, Via::Direct).await?;
        }
        let left = effort.limit().saturating_sub(took);
        let (commands, time) = subject.run(&id, events, SNAPSHOT_EVERY / events, left).await?;
        done += commands;
        took += time;
        if took >= effort.limit() {
            break;
        }
    }
    Ok(done as f64 / took.as_secs_f64())
}
