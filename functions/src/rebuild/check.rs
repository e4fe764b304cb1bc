use std::collections::BTreeSet;

use serde::Serialize;
use skafu_events::StreamId;
use skafu_store::{Index, Order, Row};
use skafu_views::parked;

use super::RebuildError;
use super::engine::{Begun, Rebuild};
use super::segment::failed;
use crate::projections::{Gate, Hints, Verdict};

/// How many parked rows are read at a time.
const PAGE: u32 = 100;

/// One aggregate of the sample.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sampled {
    /// Its stream.
    pub stream: String,
    /// The version its rows show.
    pub version: u64,
    /// Whether they are what a fresh fold gives, or are parked in the active generation, too.
    pub same: bool,
}

/// What was looked at before the flip.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    /// Aggregates from all over the table.
    pub sample: Vec<Sampled>,
    /// How many aggregates are parked in the new generation; all of them are in the active one, too.
    pub parked: usize,
}

impl Rebuild {
    /// Whether the new generation may be shown: it is whole, it folds what the active one folds, and a
    /// sample of it is what a fresh fold gives.
    pub async fn check(&self, begun: &Begun) -> Result<Checked, RebuildError> {
        let standings = self.standings(begun).await?;
        let done = standings.iter().filter(|it| it.done).count();
        if done < standings.len() {
            let count = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
            return Err(RebuildError::NotWhole { done: count(done), total: count(standings.len()) });
        }
        let active = self.generations().await?.active().number;
        let (old, new) = (self.parked(active).await?, self.parked(begun.generation).await?);
        let mut worse = new.difference(&old);
        if let Some(first) = worse.next() {
            return Err(RebuildError::Unfoldable { count: 1 + worse.count(), first: first.clone() });
        }
        let mut sample = Vec::new();
        for text in standings.into_iter().flat_map(|it| it.sample) {
            // It was written by us.
            let Ok(stream) = text.parse() else { continue };
            sample.push(self.sampled(begun, &stream).await?);
        }
        let checked = Checked { sample, parked: new.len() };
        let wrong = checked.sample.iter().filter(|it| !it.same).count();
        if wrong > 0 { Err(RebuildError::Differs(wrong)) } else { Ok(checked) }
    }

    async fn sampled(&self, begun: &Begun, stream: &StreamId) -> Result<Sampled, RebuildError> {
        let projector = self.feed.of(begun.generation);
        let mut found = projector.verify(stream).await.map_err(|error| failed(stream, error))?;
        if found.is_behind() {
            // It was written a moment ago, and is on its way: what counts is that it comes out right.
            let hints = Hints::announce(found.version);
            let projected = projector.project(stream, &hints, Gate::Unknown).await;
            projected.map_err(|error| failed(stream, error))?;
            found = projector.verify(stream).await.map_err(|error| failed(stream, error))?;
        }
        let same = !matches!(found.verdict, Verdict::Differs(_)) && found.shown > 0;
        Ok(Sampled { stream: stream.to_string(), version: found.shown, same })
    }

    /// The streams that are parked in a generation.
    async fn parked(&self, generation: u32) -> Result<BTreeSet<String>, RebuildError> {
        let partition = parked(self.view(), generation);
        let (mut streams, mut after) = (BTreeSet::new(), None);
        loop {
            let page = self.rows.query(Index::Parked, &partition, Order::Ascending, PAGE, after.as_ref());
            let page = page.await?;
            streams.extend(page.rows.iter().filter_map(stream));
            after = page.next;
            if after.is_none() {
                return Ok(streams);
            }
        }
    }
}

fn stream(row: &Row) -> Option<String> {
    Some(row.parked.as_ref()?["stream"].as_str()?.to_owned())
}
