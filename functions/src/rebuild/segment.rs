use futures::StreamExt;
use skafu_events::{Commit, StreamId};
use skafu_store::Segment;

use super::engine::{Begun, Rebuild};
use super::{Counts, RebuildError, Standing};
use crate::projections::{Gate, Hints, PARKED_AT_RECEIVE, Project, ProjectError, park_unfoldable};

/// How many items of the event table are read at a time.
const PAGE: u32 = 500;
/// How many aggregates of a segment are worked on at once.
const AT_ONCE: usize = 16;
/// How many aggregates of a segment are checked before the flip.
const SAMPLE: usize = 10;

/// Tells when to stop: asked after each page.
pub type Stop<'a> = &'a (dyn Fn(&Standing) -> bool + Send + Sync);

impl Rebuild {
    /// Reads one segment on from where it stands, and writes what it finds, until it is at its end or is
    /// told to stop. What was done is kept page by page.
    pub async fn segment(&self, begun: &Begun, index: u32, stop: Stop<'_>) -> Result<Standing, RebuildError> {
        self.may_scan(begun).await?;
        let projector = self.feed.of(begun.generation);
        let segment = Segment { index, total: begun.segments };
        let mut standing = Standing::load(&*self.rows, self.view(), begun.generation, index).await?;
        while !standing.done {
            let page = self.events.scan(segment, standing.after.as_ref(), PAGE).await?;
            let done = self.page(&*projector, page.commits, &mut standing.sample).await?;
            standing.counts += done;
            standing.done = page.next.is_none();
            standing.after = page.next;
            if !standing.keep(&*self.rows, self.view(), begun.generation).await? {
                // Somebody else works on it, too: on from what they have done.
                standing = Standing::load(&*self.rows, self.view(), begun.generation, index).await?;
            }
            if stop(&standing) {
                break;
            }
        }
        Ok(standing)
    }

    /// Writes the aggregates of one page: one write for each, where the view has one row for each.
    async fn page(
        &self,
        projector: &dyn Project,
        commits: Vec<Commit>,
        sample: &mut Vec<String>,
    ) -> Result<Counts, RebuildError> {
        let mut counts = Counts { commits: commits.len() as u64, ..Counts::default() };
        counts.events = commits.iter().map(|commit| commit.events.len() as u64).sum();
        let followed: Vec<&[Commit]> = commits
            .chunk_by(|a, b| a.stream == b.stream)
            .filter(|commits| projector.kinds().contains(&commits[0].stream.kind()))
            .collect();
        // Each counts once, where it begins.
        let begun: Vec<_> = followed.iter().filter(|commits| commits[0].first_version == 1).collect();
        counts.aggregates = begun.len() as u64;
        // Now and then one, from all over the segment.
        let chosen = begun.get(sample.len() * 7 % begun.len().max(1)).filter(|_| sample.len() < SAMPLE);
        sample.extend(chosen.map(|commits| commits[0].stream.to_string()));
        let at_once = projector.at_once().min(AT_ONCE);
        let work = followed.into_iter().map(|commits| self.aggregate(projector, commits));
        let work: Vec<_> = work.collect();
        let mut work = futures::stream::iter(work).buffer_unordered(at_once);
        while let Some(parked) = work.next().await {
            counts.parked += u64::from(parked?);
        }
        Ok(counts)
    }

    /// Writes one aggregate as far as the page goes, or further. Whether it had to be parked.
    async fn aggregate(&self, projector: &dyn Project, commits: &[Commit]) -> Result<bool, RebuildError> {
        let stream = &commits[0].stream;
        let mut hints = Hints::default();
        commits.iter().flat_map(Commit::envelopes).for_each(|event| hints.add(event));
        // Most likely nobody has written it yet: the write finds out. A page may begin amid a history.
        let gate = if commits[0].first_version == 1 { Gate::Read(None) } else { Gate::Unknown };
        match projector.project(stream, &hints, gate).await {
            Ok(_) => Ok(false),
            Err(ProjectError::Unfoldable(why)) => {
                let now = self.clock.now();
                let parked = park_unfoldable(projector, stream, &why, PARKED_AT_RECEIVE, now).await;
                parked.map_err(|error| failed(stream, error))
            }
            Err(error) => Err(failed(stream, error)),
        }
    }
}

pub(super) fn failed(stream: &StreamId, source: ProjectError) -> RebuildError {
    RebuildError::Aggregate { stream: stream.to_string(), source }
}
