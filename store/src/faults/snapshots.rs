use std::collections::BTreeMap;

use skafu_events::StreamId;

use crate::{History, Snapshot};

/// Which snapshots a reader may still be shown.
#[derive(Default)]
pub(super) struct Snapshots {
    /// Everything that was kept, in order: what replicas that lag may still have.
    kept: BTreeMap<StreamId, Vec<Snapshot>>,
    /// Up to which of them they are gone.
    gone: BTreeMap<StreamId, u64>,
}

impl Snapshots {
    pub(super) fn remember(&mut self, stream: &StreamId, snapshot: &Snapshot) {
        self.kept.entry(stream.clone()).or_default().push(snapshot.clone());
    }

    pub(super) fn forget(&mut self) {
        for (stream, kept) in std::mem::take(&mut self.kept) {
            let newest = kept.iter().map(|snapshot| snapshot.version).max().unwrap_or(0);
            let gone = self.gone.entry(stream).or_default();
            *gone = newest.max(*gone);
        }
    }

    pub(super) fn is_gone(&self, snapshot: &Snapshot, stream: &StreamId) -> bool {
        self.gone.get(stream).is_some_and(|gone| snapshot.version <= *gone)
    }

    /// Every snapshot a replica that stands at `version` may have.
    pub(super) fn until(&self, stream: &StreamId, version: u64, schema: &str) -> Vec<Snapshot> {
        let kept = self.kept.get(stream).into_iter().flatten();
        kept.filter(|it| it.version <= version && it.schema == schema).cloned().collect()
    }
}

/// The same history without its latest `lag` commits. It must be whole.
pub(super) fn behind(whole: History, lag: usize) -> History {
    let (stream, mut commits) = (whole.stream().clone(), whole.into_commits());
    commits.truncate(commits.len().saturating_sub(lag));
    History::new(stream, None, commits)
}

/// The same history from that snapshot on.
pub(super) fn from_snapshot(whole: History, snapshot: Snapshot) -> History {
    let (stream, mut commits) = (whole.stream().clone(), whole.into_commits());
    commits.retain(|commit| commit.first_version > snapshot.version);
    History::new(stream, Some(snapshot), commits)
}
