use std::collections::BTreeMap;

/// What became of one aggregate's events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// They were next in line.
    Applied,
    /// The row has seen them before.
    Duplicate,
    /// Some were missing; they were fetched from the store, and all were applied.
    GapFilled,
    /// One of them cannot be folded: nothing more is shown of the aggregate until it is released.
    Parked,
}

impl Outcome {
    /// Every one there is.
    pub const ALL: [Self; 4] = [Self::Applied, Self::Duplicate, Self::GapFilled, Self::Parked];

    /// The metric that counts it. `Parked` is that of becoming so.
    pub fn metric(self) -> &'static str {
        match self {
            Self::Applied => "Applied",
            Self::Duplicate => "Duplicate",
            Self::GapFilled => "GapFilled",
            Self::Parked => "HeldBack",
        }
    }
}

/// How often each came out, of one batch or many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    outcomes: BTreeMap<Outcome, u64>,
    /// Messages that are no events.
    pub undecodable: u64,
    /// Aggregates whose messages are to be delivered again.
    pub failed: u64,
}

impl Tally {
    /// One more.
    pub fn count(&mut self, outcome: Outcome) {
        *self.outcomes.entry(outcome).or_default() += 1;
    }

    /// How often this one.
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.outcomes.get(&outcome).copied().unwrap_or_default()
    }

    /// Another batch's.
    pub fn add(&mut self, other: &Self) {
        for (outcome, times) in &other.outcomes {
            *self.outcomes.entry(*outcome).or_default() += times;
        }
        self.undecodable += other.undecodable;
        self.failed += other.failed;
    }
}
