use std::collections::BTreeSet;

use futures::StreamExt;
use serde::Serialize;
use skafu_events::{Commit, StreamId, Timestamp};
use skafu_store::Segment;

use super::engine::Rebuild;
use super::segment::failed;
use super::verify::{MAX_FINDINGS, UNFOLDABLE, finding, one};
use super::{Counts, Finding, RebuildError};
use crate::projections::Project;

/// How many items of the event table are read at a time.
const PAGE: u32 = 500;
/// How many aggregates are worked on at once.
const AT_ONCE: usize = 16;

/// Which aggregates are folded anew, in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// One.
    Aggregate(StreamId),
    /// Those to which something of that type has happened.
    EventType(String),
    /// Those to which something has happened in that time.
    Time {
        /// At that moment, or after it.
        from: Option<Timestamp>,
        /// Before that moment.
        to: Option<Timestamp>,
    },
}

/// What came of folding some aggregates anew.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Refolded {
    /// The generation whose rows they are.
    pub generation: u32,
    /// What was read to find them.
    #[serde(flatten)]
    pub counts: Counts,
    /// How many aggregates are within the scope.
    pub selected: u64,
    /// How many of them were not as they must be: written, unless nothing was to be.
    pub wrong: u64,
    /// The first hundred of these, as they were.
    pub findings: Vec<Finding>,
}

impl Scope {
    fn takes(&self, commit: &Commit) -> bool {
        match self {
            Self::Aggregate(stream) => commit.stream == *stream,
            Self::EventType(name) => commit.events.iter().any(|event| event.event_type == *name),
            Self::Time { from, to } => {
                from.is_none_or(|from| commit.timestamp >= from) && to.is_none_or(|to| commit.timestamp < to)
            }
        }
    }
}

impl Rebuild {
    /// Folds the aggregates within the scope anew, in the active generation, and writes what is not as it
    /// must be; nothing, if it is `dry`. `progress` is told after each page what was read so far.
    pub async fn refold(
        &self,
        scope: &Scope,
        dry: bool,
        progress: &(dyn Fn(Counts) + Send + Sync),
    ) -> Result<Refolded, RebuildError> {
        let generation = self.generations().await?.active().number;
        let projector = self.feed.of(generation);
        let mut refolded = Refolded { generation, ..Refolded::default() };
        let streams = match scope {
            Scope::Aggregate(stream) => vec![stream.clone()],
            _ => self.select(&*projector, scope, &mut refolded.counts, progress).await?,
        };
        refolded.selected = streams.len() as u64;
        let at_once = projector.at_once().min(AT_ONCE);
        let work: Vec<_> = streams.into_iter().map(|stream| self.anew(&*projector, stream, dry)).collect();
        let mut work = futures::stream::iter(work).buffer_unordered(at_once);
        while let Some(found) = work.next().await {
            let Some(finding) = found? else { continue };
            refolded.wrong += 1;
            if refolded.findings.len() < MAX_FINDINGS {
                refolded.findings.push(finding);
            }
        }
        Ok(refolded)
    }

    /// The streams within a scope, by reading the whole event table.
    async fn select(
        &self,
        projector: &dyn Project,
        scope: &Scope,
        counts: &mut Counts,
        progress: &(dyn Fn(Counts) + Send + Sync),
    ) -> Result<Vec<StreamId>, RebuildError> {
        let (mut selected, mut after) = (BTreeSet::new(), None);
        loop {
            let page = self.events.scan(Segment::WHOLE, after.as_ref(), PAGE).await?;
            after = page.next;
            for commit in &page.commits {
                counts.commits += 1;
                counts.events += commit.events.len() as u64;
                if projector.kinds().contains(&commit.stream.kind()) && scope.takes(commit) {
                    selected.insert(commit.stream.clone());
                }
            }
            progress(*counts);
            if after.is_none() {
                counts.aggregates = selected.len() as u64;
                return Ok(selected.into_iter().collect());
            }
        }
    }

    /// One aggregate: what was wrong with it, if anything.
    async fn anew(
        &self,
        projector: &dyn Project,
        stream: StreamId,
        dry: bool,
    ) -> Result<Option<Finding>, RebuildError> {
        let (stream, looked) = one(projector, stream).await?;
        let found = match looked {
            Err(finding) => return Ok(Some(finding)),
            // It may be on its way.
            Ok(verified) if verified.is_behind() => self.look_again(projector, &stream).await?,
            Ok(verified) => finding(&stream, &verified),
        };
        if !dry && found.as_ref().is_none_or(|it| it.kind != UNFOLDABLE) {
            let written = projector.refold(&stream).await;
            written.map_err(|error| failed(&stream, error))?;
        }
        Ok(found)
    }
}
