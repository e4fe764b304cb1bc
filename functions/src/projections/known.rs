use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use skafu_events::StreamId;
use skafu_store::Row;

/// How many rows an instance remembers. When there are more, it begins anew.
const MOST: usize = 500;

/// Rows as this instance wrote them last, which need not be read again.
///
/// One that somebody else wrote meanwhile is as good as one read from a replica that lags: the next write is
/// conditional on its version, fails, and the row is read.
#[derive(Debug, Default)]
pub struct Known(Mutex<HashMap<StreamId, Row>>);

impl Known {
    fn rows(&self) -> MutexGuard<'_, HashMap<StreamId, Row>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The row as it was written last, if that is known.
    pub fn get(&self, stream: &StreamId) -> Option<Row> {
        self.rows().get(stream).cloned()
    }

    /// It was written.
    pub fn learn(&self, stream: &StreamId, row: Row) {
        let mut rows = self.rows();
        if rows.len() >= MOST {
            rows.clear();
        }
        rows.insert(stream.clone(), row);
    }

    /// Nobody knows what it is now.
    pub fn forget(&self, stream: &StreamId) {
        self.rows().remove(stream);
    }
}
