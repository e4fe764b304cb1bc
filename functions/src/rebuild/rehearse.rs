use futures::{StreamExt, TryStreamExt};
use skafu_events::{Commit, Envelope};
use skafu_store::{Consistency, Segment};

use super::engine::Rebuild;
use super::segment::failed;
use super::verify::{MAX_FINDINGS, UNFOLDABLE};
use super::{Counts, Finding, RebuildError, Refolded};
use crate::projections::{Project, ProjectError};

/// How many items of the event table are read at a time.
const PAGE: u32 = 500;

impl Rebuild {
    /// What a rebuild of everything would read and fold, without writing anything.
    pub async fn rehearse(
        &self,
        segments: u32,
        progress: &(dyn Fn(Counts) + Send + Sync),
    ) -> Result<Refolded, RebuildError> {
        let generation = self.generations().await?.active().number;
        let projector = self.feed.of(generation);
        let work: Vec<_> =
            (0..segments).map(|index| self.rehearsed(&*projector, index, segments, progress)).collect();
        let parts: Vec<Refolded> =
            futures::stream::iter(work).buffer_unordered(segments as usize).try_collect().await?;
        let mut whole = Refolded { generation, ..Refolded::default() };
        for part in parts {
            whole.counts += part.counts;
            whole.selected += part.selected;
            whole.wrong += part.wrong;
            whole.findings.extend(part.findings);
        }
        whole.findings.truncate(MAX_FINDINGS);
        Ok(whole)
    }

    async fn rehearsed(
        &self,
        projector: &dyn Project,
        index: u32,
        total: u32,
        progress: &(dyn Fn(Counts) + Send + Sync),
    ) -> Result<Refolded, RebuildError> {
        let (mut part, mut after) = (Refolded::default(), None);
        loop {
            let page = self.events.scan(Segment { index, total }, after.as_ref(), PAGE).await?;
            after = page.next;
            let mut counts = Counts { commits: page.commits.len() as u64, ..Counts::default() };
            counts.events = page.commits.iter().map(|commit| commit.events.len() as u64).sum();
            for commits in page.commits.chunk_by(|a, b| a.stream == b.stream) {
                let stream = &commits[0].stream;
                if !projector.kinds().contains(&stream.kind()) {
                    continue;
                }
                // Where a history begins, all of it is folded; what is left of it on the next page is passed over.
                if commits[0].first_version > 1 {
                    continue;
                }
                counts.aggregates += 1;
                part.selected += 1;
                let cut = after.is_some() && page.commits.last().is_some_and(|last| last.stream == *stream);
                let events: Vec<Envelope> = if cut {
                    let history = self.events.load(stream, Consistency::Strong).await?;
                    history.commits().iter().flat_map(Commit::envelopes).collect()
                } else {
                    commits.iter().flat_map(Commit::envelopes).collect()
                };
                match projector.rehearse(stream, &events) {
                    Ok(()) => {}
                    Err(ProjectError::Unfoldable(why)) => {
                        counts.parked += 1;
                        part.wrong += 1;
                        part.findings.push(Finding {
                            stream: Some(stream.to_string()),
                            kind: UNFOLDABLE,
                            shown: why.after,
                            version: why.event.aggregate_version,
                            differences: Vec::new(),
                        });
                    }
                    Err(error) => return Err(failed(stream, error)),
                }
            }
            part.counts += counts;
            progress(counts);
            if after.is_none() {
                return Ok(part);
            }
        }
    }
}
