/// What goes wrong with a view table, and how often. Nothing, by default.
///
/// Strong reads are never stale, and what was acknowledged is never lost.
#[derive(Debug, Clone, Copy, Default)]
pub struct ViewFaults {
    /// How many former versions of a row an eventually consistent read of it may still show. Those from
    /// before this was set are not remembered.
    pub lag: usize,
    /// Percentage of eventually consistent reads of a row that show a former version, if there is one.
    pub stale: usize,
    /// Percentage of requests that fail with nothing done.
    pub failing: usize,
    /// Percentage of writes whose answer is lost.
    pub losing: usize,
    /// After so many more requests, the next one never returns: half of those after their effect, half
    /// without it. It happens once; then nothing of the kind until this is set again.
    pub crash_in: Option<usize>,
}
