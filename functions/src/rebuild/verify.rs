use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::{StreamExt, TryStreamExt};
use serde::Serialize;
use skafu_events::{Commit, StreamId};
use skafu_store::{Consistency, RowKey, Segment};

use super::engine::Rebuild;
use super::segment::failed;
use super::{Counts, RebuildError};
use crate::projections::{Difference, Project, ProjectError, Verdict, Verified, shared};

/// How many items of the event table are read at a time.
const PAGE: u32 = 500;
/// How many aggregates of a segment are looked at at once.
const AT_ONCE: usize = 16;
/// How often what is behind, or is counted by many, is looked at again before it counts as wrong.
const LOOKS: u32 = 5;
const PAUSE: Duration = Duration::from_millis(400);
/// The kind of a finding: it cannot be folded.
pub(super) const UNFOLDABLE: &str = "unfoldable";
/// How many findings are told one by one.
pub(super) const MAX_FINDINGS: usize = 100;

/// Something that is not as it must be.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// The aggregate's stream; none: rows that several aggregates share.
    pub stream: Option<String>,
    /// What is wrong, in a word: `differs`, `behind` or `unfoldable`.
    pub kind: &'static str,
    /// The version that is shown.
    pub shown: u64,
    /// The version there is.
    pub version: u64,
    /// The rows that are not what they must be.
    pub differences: Vec<Difference>,
}

/// What came of a look at a whole view.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The generation that was looked at.
    pub generation: u32,
    /// What was read; `parked` are the aggregates that are, and were not compared.
    #[serde(flatten)]
    pub counts: Counts,
    /// How many findings there are.
    pub wrong: u64,
    /// The first hundred of them.
    pub findings: Vec<Finding>,
    /// Whether it was stopped before it had seen all.
    pub incomplete: bool,
}

#[derive(Default)]
struct Seen {
    report: Report,
    behind: Vec<StreamId>,
    shares: BTreeMap<RowKey, (BTreeMap<String, i64>, Vec<StreamId>)>,
}

impl Report {
    pub(super) fn add(&mut self, finding: Finding) {
        self.wrong += 1;
        if self.findings.len() < MAX_FINDINGS {
            self.findings.push(finding);
        }
    }
}

impl Rebuild {
    /// Compares the active generation with fresh folds of every aggregate. `stop` is asked after each page,
    /// with what was read so far.
    pub async fn verify(
        &self,
        segments: u32,
        stop: &(dyn Fn(Counts) -> bool + Send + Sync),
    ) -> Result<Report, RebuildError> {
        let generation = self.generations().await?.active().number;
        let projector = self.feed.of(generation);
        let seen = Mutex::new(Seen::default());
        let work: Vec<_> =
            (0..segments).map(|index| self.look(&*projector, index, segments, &seen, stop)).collect();
        let whole: Vec<bool> =
            futures::stream::iter(work).buffer_unordered(segments as usize).try_collect().await?;
        let Seen { mut report, behind, shares } = seen.into_inner().unwrap_or_else(PoisonError::into_inner);
        report.generation = generation;
        report.incomplete = whole.contains(&false);
        for stream in behind {
            if let Some(finding) = self.look_again(&*projector, &stream).await? {
                report.add(finding);
            }
        }
        if !report.incomplete {
            for (key, (_, streams)) in self.wrong_sums(shares).await? {
                if let Some(difference) = self.sum_again(&*projector, &key, &streams).await? {
                    let kind = "differs";
                    let differences = vec![difference];
                    report.add(Finding { stream: None, kind, shown: 0, version: 0, differences });
                }
            }
        }
        Ok(report)
    }

    /// Looks at one segment. Whether at all of it.
    async fn look(
        &self,
        projector: &dyn Project,
        index: u32,
        total: u32,
        seen: &Mutex<Seen>,
        stop: &(dyn Fn(Counts) -> bool + Send + Sync),
    ) -> Result<bool, RebuildError> {
        let mut after = None;
        loop {
            let page = self.events.scan(Segment { index, total }, after.as_ref(), PAGE).await?;
            after = page.next;
            // Each stream once: where it begins.
            let begins =
                |it: &&Commit| it.first_version == 1 && projector.kinds().contains(&it.stream.kind());
            let streams: Vec<StreamId> =
                page.commits.iter().filter(begins).map(|it| it.stream.clone()).collect();
            let work: Vec<_> = streams.into_iter().map(|stream| one(projector, stream)).collect();
            let mut work = futures::stream::iter(work).buffer_unordered(AT_ONCE);
            while let Some(looked) = work.next().await {
                let (stream, verified) = looked?;
                seen.lock().unwrap_or_else(PoisonError::into_inner).add(stream, verified);
            }
            let counts = {
                let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
                seen.report.counts.commits += page.commits.len() as u64;
                seen.report.counts.events +=
                    page.commits.iter().map(|commit| commit.events.len() as u64).sum::<u64>();
                seen.report.counts
            };
            if after.is_none() {
                return Ok(true);
            }
            if stop(counts) {
                return Ok(false);
            }
        }
    }

    /// What is written while it is looked at is behind for a moment.
    pub(super) async fn look_again(
        &self,
        projector: &dyn Project,
        stream: &StreamId,
    ) -> Result<Option<Finding>, RebuildError> {
        for left in (0..LOOKS).rev() {
            let (_, verified) = one(projector, stream.clone()).await?;
            let verified = match verified {
                Ok(verified) => verified,
                Err(finding) => return Ok(Some(finding)),
            };
            if let Some(finding) = finding(stream, &verified) {
                return Ok(Some(finding));
            }
            if !verified.is_behind() {
                return Ok(None);
            }
            if left == 0 {
                let Verified { shown, version, .. } = verified;
                let (stream, differences) = (Some(stream.to_string()), Vec::new());
                return Ok(Some(Finding { stream, kind: "behind", shown, version, differences }));
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(None)
    }

    /// The counters that are not what all who add to them say, as far as one can tell while they change.
    async fn wrong_sums(&self, shares: Shares) -> Result<Shares, RebuildError> {
        let mut wrong = BTreeMap::new();
        let keys: Vec<RowKey> = shares.keys().cloned().collect();
        for keys in keys.chunks(100) {
            let rows = self.rows.get_many(keys, Consistency::Strong).await?;
            for (key, row) in keys.iter().zip(rows) {
                let Some(entry) = shares.get(key) else { continue };
                if shared(key, &entry.0, row.as_ref()).is_some() {
                    wrong.insert(key.clone(), entry.clone());
                }
            }
        }
        Ok(wrong)
    }

    /// One sum anew, with those who add to it. Somebody may write meanwhile, but not for ever.
    async fn sum_again(
        &self,
        projector: &dyn Project,
        key: &RowKey,
        streams: &[StreamId],
    ) -> Result<Option<Difference>, RebuildError> {
        let mut difference = None;
        for _ in 0..LOOKS {
            let mut sum: BTreeMap<String, i64> = BTreeMap::new();
            for stream in streams {
                let verified = projector.verify(stream).await.map_err(|error| failed(stream, error))?;
                add(&mut sum, verified.shares.get(key));
            }
            let row = self.rows.get(key, Consistency::Strong).await?;
            difference = shared(key, &sum, row.as_ref());
            if difference.is_none() {
                return Ok(None);
            }
            tokio::time::sleep(PAUSE).await;
        }
        Ok(difference)
    }
}

type Shares = BTreeMap<RowKey, (BTreeMap<String, i64>, Vec<StreamId>)>;
type Looked = (StreamId, Result<Verified, Finding>);

impl Seen {
    fn add(&mut self, stream: StreamId, looked: Result<Verified, Finding>) {
        self.report.counts.aggregates += 1;
        let verified = match looked {
            Ok(verified) => verified,
            Err(finding) => return self.report.add(finding),
        };
        self.report.counts.parked += u64::from(verified.verdict == Verdict::Parked);
        for (key, counters) in &verified.shares {
            let (sum, streams) = self.shares.entry(key.clone()).or_default();
            add(sum, Some(counters));
            streams.push(stream.clone());
        }
        if let Some(finding) = finding(&stream, &verified) {
            self.report.add(finding);
        } else if verified.is_behind() {
            self.behind.push(stream);
        }
    }
}

fn add(sum: &mut BTreeMap<String, i64>, counters: Option<&BTreeMap<String, i64>>) {
    for (name, by) in counters.into_iter().flatten() {
        *sum.entry(name.clone()).or_default() += by;
    }
}

/// What is wrong with an aggregate, if its rows are not what they must be.
pub(super) fn finding(stream: &StreamId, verified: &Verified) -> Option<Finding> {
    let Verdict::Differs(differences) = &verified.verdict else { return None };
    let (stream, differences) = (Some(stream.to_string()), differences.clone());
    let Verified { shown, version, .. } = *verified;
    Some(Finding { stream, kind: "differs", shown, version, differences })
}

/// Looks at one aggregate. What is shown and cannot be folded is a finding, not a failure.
pub(super) async fn one(projector: &dyn Project, stream: StreamId) -> Result<Looked, RebuildError> {
    match projector.verify(&stream).await {
        Ok(verified) => Ok((stream, Ok(verified))),
        Err(ProjectError::Unfoldable(why)) => {
            let (name, version) = (Some(stream.to_string()), why.event.aggregate_version);
            let (kind, shown, differences) = (UNFOLDABLE, why.after, Vec::new());
            Ok((stream, Err(Finding { stream: name, kind, shown, version, differences })))
        }
        Err(error) => Err(failed(&stream, error)),
    }
}
