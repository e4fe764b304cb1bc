use std::collections::BTreeMap;

use skafu_events::{Envelope, StreamId};
use skafu_store::{Consistency, Row, RowChange, RowKey};
use skafu_views::View;

use super::error::ProjectError;
use super::expected::{self, Difference, Expected, expected};
use super::projector::{Projector, shown};

/// How often an aggregate is looked at anew when it is written meanwhile.
const MAX_LOOKS: u32 = 10;

/// How the rows of an aggregate compare with a fresh fold of its events.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// They are what they must be at the version they show.
    Same,
    /// It is parked: nothing more of it is shown.
    Parked,
    /// They are not what they must be.
    Differs(Vec<Difference>),
}

/// What was found of an aggregate.
#[derive(Debug, Clone, PartialEq)]
pub struct Verified {
    /// The version its rows show; 0: there is none.
    pub shown: u64,
    /// The version it has.
    pub version: u64,
    /// How they compare.
    pub verdict: Verdict,
    /// What it adds to counters that others add to, too, up to the version that is shown.
    pub shares: BTreeMap<RowKey, BTreeMap<String, i64>>,
}

impl Verified {
    /// Whether something happened that is not shown yet.
    pub fn is_behind(&self) -> bool {
        self.shown < self.version && self.verdict != Verdict::Parked
    }
}

impl<V: View> Projector<V> {
    /// Compares the rows of an aggregate with a fresh fold of its events, at the version they show.
    pub(super) async fn look(&self, stream: &StreamId) -> Result<Verified, ProjectError> {
        for _ in 0..MAX_LOOKS {
            // The rows first: what they show has happened.
            let row = self.rows.get(&self.key(stream), Consistency::Strong).await?;
            let commits = self.events.load_after(stream, 0).await?;
            let events: Vec<Envelope> = commits.iter().flat_map(|commit| commit.envelopes()).collect();
            let version = events.last().map_or(0, |event| event.aggregate_version);
            let Some(row) = row else {
                let (verdict, shares) = (Verdict::Same, BTreeMap::new());
                return Ok(Verified { shown: 0, version, verdict, shares });
            };
            if row.parked.is_some() {
                let (verdict, shares) = (Verdict::Parked, BTreeMap::new());
                return Ok(Verified { shown: row.version, version, verdict, shares });
            }
            let fresh = expected::<V>(&self.keys(stream), stream, expected::until(&events, row.version))?;
            let beside = self.rows.get_many(&keys(&fresh), Consistency::Strong).await?;
            let again = self.rows.get(&self.key(stream), Consistency::Strong).await?;
            if again.is_some_and(|it| it.version != row.version || it.parked.is_some()) {
                continue;
            }
            let differences = differences(&fresh, &row, &beside);
            let verdict = if differences.is_empty() { Verdict::Same } else { Verdict::Differs(differences) };
            return Ok(Verified { shown: row.version, version, verdict, shares: fresh.shares });
        }
        Err(ProjectError::Contended)
    }

    /// Writes the rows of an aggregate anew where they are not what they must be. Whether they were not.
    pub(super) async fn fold_anew(&self, stream: &StreamId) -> Result<bool, ProjectError> {
        for _ in 0..MAX_LOOKS {
            let old = self.rows.get(&self.key(stream), Consistency::Strong).await?;
            let commits = self.events.load_after(stream, 0).await?;
            let events: Vec<Envelope> = commits.iter().flat_map(|commit| commit.envelopes()).collect();
            let fresh = expected::<V>(&self.keys(stream), stream, &events)?;
            if events.is_empty() {
                return Ok(false);
            }
            let beside = self.rows.get_many(&keys(&fresh), Consistency::Strong).await?;
            let same = old
                .as_ref()
                .is_some_and(|old| old.parked.is_none() && differences(&fresh, old, &beside).is_empty());
            if same {
                return Ok(false);
            }
            let changes = if V::SHARES_ROWS {
                self.moved(stream, &events, old.as_ref(), &fresh)?
            } else {
                repairs(&fresh, &beside)
            };
            if self.replace(stream, &fresh.row, old.as_ref().map(|row| row.version), &changes).await? {
                return Ok(true);
            }
        }
        Err(ProjectError::Contended)
    }

    /// What moves from its last contribution to the one it must make.
    fn moved(
        &self,
        stream: &StreamId,
        events: &[Envelope],
        old: Option<&Row>,
        fresh: &Expected,
    ) -> Result<Vec<RowChange>, ProjectError> {
        let (before, after) = (shown::<V>(old)?, shown::<V>(Some(&fresh.row))?);
        let step = skafu_views::Step { stream, events, before: before.as_ref(), after: after.as_ref() };
        let changes = V::changes(&self.keys(stream), step).into_iter().map(super::fold::row_change);
        // A member's row may be wrong though the contribution is right.
        let mut merged: BTreeMap<RowKey, RowChange> =
            fresh.beside.iter().map(|it| (it.key().clone(), it.clone())).collect();
        changes.for_each(|change| super::fold::merge(&mut merged, change));
        Ok(merged.into_values().collect())
    }
}

fn keys(fresh: &Expected) -> Vec<RowKey> {
    fresh.beside.iter().map(|change| change.key().clone()).collect()
}

fn differences(fresh: &Expected, row: &Row, beside: &[Option<Row>]) -> Vec<Difference> {
    let of_beside = fresh.beside.iter().zip(beside);
    let of_beside = of_beside.filter_map(|(wanted, found)| expected::beside(wanted, found.as_ref()));
    expected::own(&fresh.row, row).into_iter().chain(of_beside).collect()
}

/// What brings the rows that an aggregate writes alone to what they must be.
fn repairs(fresh: &Expected, beside: &[Option<Row>]) -> Vec<RowChange> {
    let pairs = fresh.beside.iter().zip(beside);
    let wrong = pairs.filter(|(wanted, found)| expected::beside(wanted, found.as_ref()).is_some());
    wrong.map(|(wanted, found)| repair(wanted, found.as_ref())).collect()
}

fn repair(wanted: &RowChange, found: Option<&Row>) -> RowChange {
    let RowChange::Add { key, counters } = wanted else { return wanted.clone() };
    // A counter is never put: it is brought to its sum.
    let is = found.and_then(|row| row.content.as_ref()).and_then(serde_json::Value::as_object);
    let mut by = counters.clone();
    for (name, value) in is.into_iter().flatten() {
        *by.entry(name.clone()).or_default() -= value.as_i64().unwrap_or_default();
    }
    by.retain(|_, by| *by != 0);
    RowChange::Add { key: key.clone(), counters: by }
}
