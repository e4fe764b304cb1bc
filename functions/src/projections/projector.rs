use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use skafu_events::{AggregateKind, Envelope, StreamId};
use skafu_store::{
    Consistency, EventStore, Index, IndexKey, MAX_CHANGES, PutError, Row, RowChange, RowKey, StoreError,
    ViewStore,
};
use skafu_views::{FIRST_GENERATION, Keys, ROW, View, parked};

use super::error::ProjectError;
use super::expected::expected;
use super::fold::{Folded, Folds, fold, indexes};
use super::hints::Hints;
use super::known::Known;
use super::outcome::Outcome;
use super::parked::Parked;
use super::port::{Gate, Project};
use super::verify::Verified;
use crate::mutants::Mutant;

/// How often a row is folded anew when another projector writes it meanwhile, or the table fails.
const MAX_ATTEMPTS: u32 = 6;
/// How many aggregates of a batch are worked on at once.
const AT_ONCE: usize = 16;
/// The first pause after the table failed; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(20);

/// The one mechanism behind every view.
pub struct Projector<V> {
    pub(super) events: Arc<dyn EventStore>,
    pub(super) rows: Arc<dyn ViewStore>,
    generation: u32,
    known: Known,
    view: std::marker::PhantomData<fn() -> V>,
}

/// Whether a pass came to its end, or has to be made again.
enum Pass {
    Done(Outcome),
    Again,
}

impl<V: View> Projector<V> {
    /// A projector from `events` to `rows`.
    pub fn new(events: Arc<dyn EventStore>, rows: Arc<dyn ViewStore>) -> Self {
        Self {
            events,
            rows,
            generation: FIRST_GENERATION,
            known: Known::default(),
            view: std::marker::PhantomData,
        }
    }

    /// The same for another generation than the first.
    pub fn of_generation(self, generation: u32) -> Self {
        Self { generation, ..self }
    }

    pub(super) fn keys(&self, stream: &StreamId) -> Keys {
        Keys::new(stream.tenant(), V::NAME, self.generation)
    }

    pub(super) fn key(&self, stream: &StreamId) -> RowKey {
        RowKey { partition: self.keys(stream).aggregate(stream), sort: ROW.to_owned() }
    }

    /// The version gate: conditional writes against the version that was read.
    async fn pass(
        &self,
        stream: &StreamId,
        hints: &Hints,
        old: Option<Row>,
        released: bool,
    ) -> Result<Pass, ProjectError> {
        let version = old.as_ref().map_or(0, |row| row.version);
        if !released && old.as_ref().is_some_and(|row| row.parked.is_some()) {
            return Ok(Pass::Done(Outcome::Parked));
        }
        let slack = u64::from(Mutant::GateOffByOne.is_on());
        if !released && hints.target() <= version + slack {
            if Mutant::DuplicateCounted.is_on() {
                self.count_again(stream, hints, old).await?;
            }
            return Ok(Pass::Done(Outcome::Duplicate));
        }
        let (events, outcome) = match hints.follow(version) {
            Some(events) if !released => (events, Outcome::Applied),
            _ if Mutant::NoGapFetch.is_on() && !hints.all().is_empty() => (hints.all(), Outcome::Applied),
            _ => (self.fetch(stream, version, hints).await?, Outcome::GapFilled),
        };
        let shown = shown::<V>(old.as_ref())?;
        let Folds { mut writes, stopped } =
            fold::<V>(&self.keys(stream), stream, version, shown.clone(), &events);
        if released {
            if let Some(unfoldable) = stopped {
                return Err(unfoldable.into());
            }
            if writes.is_empty() {
                // Nothing is missing in it: it is only no longer parked.
                writes.push(Folded { version, shown, changes: Vec::new() });
            }
        }
        let (mut expected, mark) = (old.as_ref().map(|row| row.version), old.as_ref().and_then(mark));
        let last = writes.len();
        for (folded, at) in writes.into_iter().zip(1..) {
            let reached = folded.version;
            // A release that is cut off half-way is still found, and can be made again.
            let mark = mark.clone().filter(|_| at < last);
            if !self.write(stream, folded, mark, expected).await? {
                return Ok(if Mutant::NoStrongReread.is_on() { Pass::Done(outcome) } else { Pass::Again });
            }
            expected = Some(reached);
        }
        if let Some(unfoldable) = stopped {
            return Err(unfoldable.into());
        }
        Ok(Pass::Done(outcome))
    }

    /// One write; whether the row still was at the expected version.
    async fn write(
        &self,
        stream: &StreamId,
        folded: Folded<V::Row>,
        mark: Option<(Value, IndexKey)>,
        expected: Option<u64>,
    ) -> Result<bool, ProjectError> {
        let places = folded.shown.as_ref().map(|row| V::places(&self.keys(stream), row)).unwrap_or_default();
        let mut row = Row {
            key: self.key(stream),
            version: folded.version,
            content: folded.shown.map(serde_json::to_value).transpose()?,
            indexes: indexes(places),
            parked: None,
        };
        if let Some((parked, place)) = mark {
            row.parked = Some(parked);
            row.indexes.push((Index::Parked, place));
        }
        if Mutant::NoTombstone.is_on() && row.content.is_none() {
            row.version = 0;
        }
        let changes: &[RowChange] = &folded.changes;
        let written = if Mutant::LedgerOutside.is_on() {
            match self.rows.put(&row, expected).await {
                Ok(()) => self.rows.transact(&row, Some(row.version), changes).await,
                Err(error) => Err(error),
            }
        } else {
            self.rows.transact(&row, expected, changes).await
        };
        match written {
            Ok(()) => {
                self.known.learn(stream, row);
                Ok(true)
            }
            Err(error) => {
                self.known.forget(stream);
                match error {
                    PutError::Conflict => Ok(false),
                    PutError::Store(error) => Err(error.into()),
                }
            }
        }
    }

    /// Writes a row over the one at that version, with so many changes beside it as there are: in several
    /// transactions, if they do not fit into one. Whether the row still was at that version.
    pub(super) async fn replace(
        &self,
        stream: &StreamId,
        row: &Row,
        expected: Option<u64>,
        changes: &[RowChange],
    ) -> Result<bool, ProjectError> {
        self.known.forget(stream);
        let mut expected = expected;
        let chunks: Vec<&[RowChange]> =
            if changes.is_empty() { vec![&[]] } else { changes.chunks(MAX_CHANGES).collect() };
        for chunk in chunks {
            match self.rows.transact(row, expected, chunk).await {
                Ok(()) => expected = Some(row.version),
                Err(PutError::Conflict) => return Ok(false),
                Err(PutError::Store(error)) => return Err(error.into()),
            }
        }
        Ok(true)
    }

    async fn count_again(
        &self,
        stream: &StreamId,
        hints: &Hints,
        old: Option<Row>,
    ) -> Result<(), ProjectError> {
        let Some(old) = old else { return Ok(()) };
        let shown = shown::<V>(Some(&old))?;
        let folds = fold::<V>(&self.keys(stream), stream, 0, shown, &hints.all());
        for folded in folds.writes {
            match self.rows.transact(&old, Some(old.version), &folded.changes).await {
                Ok(()) | Err(PutError::Conflict) => {}
                Err(PutError::Store(error)) => return Err(error.into()),
            }
        }
        Ok(())
    }

    /// What the row has missed, read strongly from the store.
    async fn fetch(
        &self,
        stream: &StreamId,
        version: u64,
        hints: &Hints,
    ) -> Result<Vec<Envelope>, ProjectError> {
        let commits = self.events.load_after(stream, version).await?;
        let found = commits.last().map_or(version, |commit| commit.last_version());
        let announced = hints.target();
        if found < announced {
            return Err(ProjectError::Behind { found, announced });
        }
        let wanted = commits.iter().filter(|commit| hints.wants(commit.first_version));
        Ok(wanted.flat_map(|commit| commit.envelopes()).collect())
    }

    /// Passes until one comes to its end: the first on what was read, the others on what is read strongly.
    async fn passes(
        &self,
        stream: &StreamId,
        hints: &Hints,
        mut gate: Gate,
        released: bool,
    ) -> Result<Outcome, ProjectError> {
        for attempt in 0..MAX_ATTEMPTS {
            let old = match std::mem::replace(&mut gate, Gate::Unknown) {
                Gate::Read(row) => Ok(row),
                Gate::Unknown => self.rows.get(&self.key(stream), Consistency::Strong).await,
            };
            let pass = match old {
                Ok(old) => self.pass(stream, hints, old, released).await,
                Err(error) => Err(error.into()),
            };
            match pass {
                Ok(Pass::Done(outcome)) => return Ok(outcome),
                Ok(Pass::Again) => {}
                // Rows fed by many are contended: two transactions at once refuse each other.
                Err(error) if error.is_passing() && attempt + 1 < MAX_ATTEMPTS => {
                    tokio::time::sleep(pause(stream, attempt)).await;
                }
                Err(error) => return Err(error),
            }
        }
        Err(ProjectError::Contended)
    }
}

/// Longer each time, and for each aggregate another: those that met would only meet again.
fn pause(stream: &StreamId, attempt: u32) -> Duration {
    let mut hasher = std::hash::DefaultHasher::new();
    (stream, attempt).hash(&mut hasher);
    let share = u32::try_from(hasher.finish() % 100).unwrap_or_default();
    FIRST_PAUSE * 2_u32.pow(attempt) * (50 + share) / 100
}

/// What marks a row as parked, and its place among those that are.
fn mark(row: &Row) -> Option<(Value, IndexKey)> {
    let place = row.indexes.iter().find(|(index, _)| *index == Index::Parked);
    Some((row.parked.clone()?, place?.1.clone()))
}

/// What a row shows, as the view knows it.
pub(super) fn shown<V: View>(row: Option<&Row>) -> Result<Option<V::Row>, ProjectError> {
    let content = row.and_then(|row| row.content.clone());
    Ok(content.map(serde_json::from_value).transpose()?)
}

#[async_trait]
impl<V: View> Project for Projector<V> {
    fn view(&self) -> &'static str {
        V::NAME
    }

    fn generation(&self) -> u32 {
        self.generation
    }

    fn at_once(&self) -> usize {
        if V::SHARES_ROWS { 1 } else { AT_ONCE }
    }

    fn kinds(&self) -> &'static [AggregateKind] {
        V::KINDS
    }

    async fn gates(
        &self,
        streams: &[StreamId],
        consistency: Consistency,
    ) -> Result<Vec<Option<Row>>, StoreError> {
        let known = |stream: &StreamId| match consistency {
            Consistency::Eventual => self.known.get(stream),
            Consistency::Strong => None,
        };
        let mut rows: Vec<Option<Row>> = streams.iter().map(known).collect();
        let unknown: Vec<usize> = (0..rows.len()).filter(|at| rows[*at].is_none()).collect();
        let keys: Vec<RowKey> = unknown.iter().map(|at| self.key(&streams[*at])).collect();
        if !keys.is_empty() {
            for (at, row) in unknown.into_iter().zip(self.rows.get_many(&keys, consistency).await?) {
                rows[at] = row;
            }
        }
        Ok(rows)
    }

    async fn project(&self, stream: &StreamId, hints: &Hints, gate: Gate) -> Result<Outcome, ProjectError> {
        self.passes(stream, hints, gate, false).await
    }

    async fn park(&self, stream: &StreamId, why: &Parked) -> Result<(), ProjectError> {
        if Mutant::ParkedDropped.is_on() {
            return Ok(());
        }
        let key = self.key(stream);
        let old = self.rows.get(&key, Consistency::Strong).await?;
        let expected = old.as_ref().map(|row| row.version);
        // A row that shows less is being written, and that would put it back; one that shows more was
        // written by code that can fold the event.
        if expected.unwrap_or(0) != why.shown {
            return Err(ProjectError::Contended);
        }
        let mut row =
            old.unwrap_or(Row { key, version: 0, content: None, indexes: Vec::new(), parked: None });
        row.parked = Some(serde_json::to_value(why)?);
        let place =
            IndexKey { partition: parked(V::NAME, self.generation), sort: format!("{}#{stream}", why.at) };
        row.indexes.retain(|(index, _)| *index != Index::Parked);
        row.indexes.push((Index::Parked, place));
        self.known.forget(stream);
        match self.rows.put(&row, expected).await {
            Ok(()) => Ok(()),
            Err(PutError::Conflict) => Err(ProjectError::Contended),
            Err(PutError::Store(error)) => Err(error.into()),
        }
    }

    async fn release(&self, stream: &StreamId) -> Result<Outcome, ProjectError> {
        self.passes(stream, &Hints::default(), Gate::Unknown, true).await
    }

    fn rehearse(&self, stream: &StreamId, events: &[Envelope]) -> Result<(), ProjectError> {
        expected::<V>(&self.keys(stream), stream, events).map(drop)
    }

    async fn verify(&self, stream: &StreamId) -> Result<Verified, ProjectError> {
        self.look(stream).await
    }

    async fn refold(&self, stream: &StreamId) -> Result<bool, ProjectError> {
        self.fold_anew(stream).await
    }
}
