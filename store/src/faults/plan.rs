use crate::Consistency;

/// What goes wrong, and how often. Nothing, by default.
///
/// Strong reads are never stale, and what was acknowledged is never lost: a store may be slow, silent
/// or behind, but not that broken.
#[derive(Debug, Clone, Copy, Default)]
pub struct Faults {
    /// How many of the latest commits an eventually consistent read misses.
    pub lag: usize,
    /// Whether each such read misses any number of commits up to `lag`, instead of just as many.
    pub lag_varies: bool,
    /// How many of the next appends succeed without saying so.
    pub lost_acks: usize,
    /// How many of the next requests fail with nothing done.
    pub outages: usize,
    /// After so many more requests, every one fails.
    pub outages_after: Option<usize>,
    /// Percentage of appends whose answer is lost.
    pub losing: usize,
    /// Percentage of requests that fail with nothing done.
    pub failing: usize,
    /// Percentage of snapshots that are not kept, half of them without a word.
    pub snapshots_lost: usize,
    /// Percentage of reads before which every snapshot there is disappears.
    pub snapshots_gone: usize,
    /// Whether no snapshot is ever found, everything else being the same.
    pub no_snapshots: bool,
}

/// A request the store has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// The history of a stream was read, whole or from a snapshot.
    Load(Consistency),
    /// Commits were to be written.
    Append,
    /// A snapshot was to be kept.
    Snapshot,
    /// A part of the table was read.
    Scan,
}
