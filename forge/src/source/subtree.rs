use std::sync::Arc;

use super::{Entry, Source, SourceError};

/// One directory of another source, as if it were all there is.
#[derive(Debug)]
pub struct Subtree {
    whole: Arc<dyn Source>,
    entries: Vec<Entry>,
    /// Where each entry stands in the whole.
    places: Vec<usize>,
}

impl Subtree {
    /// What is below that directory.
    pub fn of(whole: Arc<dyn Source>, directory: &str) -> Self {
        let below = |entry: &Entry| {
            let path = entry.path.strip_prefix(directory)?.strip_prefix('/')?.to_owned();
            Some(Entry { path, ..entry.clone() })
        };
        let (entries, places) =
            whole.entries().iter().enumerate().filter_map(|(at, entry)| Some((below(entry)?, at))).unzip();
        Self { whole, entries, places }
    }
}

impl Source for Subtree {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn read(&self, at: usize) -> Result<Vec<u8>, SourceError> {
        self.whole.read(*self.places.get(at).ok_or(SourceError::NoEntry(at))?)
    }
}
