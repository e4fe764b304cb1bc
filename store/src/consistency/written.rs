use skafu_events::StreamId;

/// The most aggregates a token remembers: the ones written last.
pub const MAX_STREAMS: usize = 10;

/// What somebody has written: each aggregate's version after it, the last one written at the end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written(Vec<(StreamId, u64)>);

impl Written {
    /// Remembers one more write, and forgets the oldest if there are too many. A version never goes back.
    pub fn note(&mut self, stream: StreamId, version: u64) {
        let known = self.0.iter().position(|(known, _)| *known == stream).map(|at| self.0.remove(at).1);
        self.0.push((stream, version.max(known.unwrap_or_default())));
        let surplus = self.0.len().saturating_sub(MAX_STREAMS);
        self.0.drain(..surplus);
    }

    /// Remembers what another has, as written after what is here.
    pub fn merge(&mut self, other: Self) {
        other.0.into_iter().for_each(|(stream, version)| self.note(stream, version));
    }

    /// Each aggregate with its version, the last one written at the end.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&StreamId, u64)> {
        self.0.iter().map(|(stream, version)| (stream, *version))
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
