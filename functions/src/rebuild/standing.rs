use std::ops::AddAssign;

use serde::{Deserialize, Serialize};
use skafu_store::{Consistency, PutError, Row, RowKey, ScanPosition, ViewStore};

use super::RebuildError;

/// How much was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Commits that were read.
    pub commits: u64,
    /// Events in them.
    pub events: u64,
    /// Aggregates the view follows. One that lies across two pages of the scan counts twice.
    pub aggregates: u64,
    /// Those of which one event cannot be folded.
    pub parked: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.commits += other.commits;
        self.events += other.events;
        self.aggregates += other.aggregates;
        self.parked += other.parked;
    }
}

/// How far one segment of a rebuild's scan is. Kept in the view table, so that anybody can take it up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Standing {
    /// Its number, from 0.
    pub index: u32,
    /// Where to read on.
    pub after: Option<ScanPosition>,
    /// Whether it is read to its end.
    pub done: bool,
    /// What was done in it.
    #[serde(flatten)]
    pub counts: Counts,
    /// Some aggregates of it, for the check before the flip.
    pub sample: Vec<String>,
    /// How often it was kept.
    #[serde(skip)]
    pub(super) version: Option<u64>,
}

impl Standing {
    /// The beginning of a segment.
    pub fn new(index: u32) -> Self {
        let (counts, sample) = (Counts::default(), Vec::new());
        Self { index, after: None, done: false, counts, sample, version: None }
    }

    fn key(view: &str, generation: u32, index: u32) -> RowKey {
        RowKey { partition: format!("_views/{view}"), sort: format!("SEGMENT#{generation}#{index:05}") }
    }

    /// What is kept of a segment; its beginning, if nothing is.
    pub(super) async fn load(
        rows: &dyn ViewStore,
        view: &str,
        generation: u32,
        index: u32,
    ) -> Result<Self, RebuildError> {
        let row = rows.get(&Self::key(view, generation, index), Consistency::Strong).await?;
        let Some(row) = row else { return Ok(Self::new(index)) };
        let kept = serde_json::from_value(row.content.unwrap_or_default());
        let kept: Self = kept.map_err(|error| RebuildError::Standing(index, error))?;
        Ok(Self { version: Some(row.version), ..kept })
    }

    /// Keeps it. Whether nobody else works on the segment: else one of both need not go on.
    pub(super) async fn keep(
        &mut self,
        rows: &dyn ViewStore,
        view: &str,
        generation: u32,
    ) -> Result<bool, RebuildError> {
        let content =
            serde_json::to_value(&*self).map_err(|error| RebuildError::Standing(self.index, error))?;
        let version = self.version.unwrap_or_default() + 1;
        let key = Self::key(view, generation, self.index);
        let row = Row { key, version, content: Some(content), indexes: Vec::new(), parked: None };
        match rows.put(&row, self.version).await {
            Ok(()) => {
                self.version = Some(version);
                Ok(true)
            }
            Err(PutError::Conflict) => Ok(false),
            Err(PutError::Store(error)) => Err(error.into()),
        }
    }
}
