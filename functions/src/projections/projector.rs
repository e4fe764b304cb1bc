use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use skafu_events::{AggregateKind, Envelope, StreamId};
use skafu_store::{
    Consistency, EventStore, Index, IndexKey, PutError, Row, RowChange, RowKey, StoreError, ViewStore,
};
use skafu_views::{FIRST_GENERATION, Keys, ROW, View, parked};

use super::error::ProjectError;
use super::fold::{Folded, Folds, fold, indexes};
use super::hints::Hints;
use super::outcome::Outcome;
use super::parked::Parked;
use crate::mutants::Mutant;

/// How often a row is folded anew when another projector writes it meanwhile, or the table fails.
const MAX_ATTEMPTS: u32 = 6;
/// The first pause after the table failed; each is twice as long as the one before.
const FIRST_PAUSE: Duration = Duration::from_millis(20);

/// What is known of an aggregate's row before anything is done.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "one per aggregate of a batch, and moved twice")]
pub enum Gate {
    /// It was read, eventually consistent; none: there is no row yet.
    Read(Option<Row>),
    /// Nothing.
    Unknown,
}

/// Keeps one view's rows in step with the store.
#[async_trait]
pub trait Project: Send + Sync {
    /// The view's name.
    fn view(&self) -> &'static str;

    /// The kinds of aggregates it follows.
    fn kinds(&self) -> &'static [AggregateKind];

    /// The rows of some aggregates, as they stand: one request for up to a hundred.
    async fn gates(
        &self,
        streams: &[StreamId],
        consistency: Consistency,
    ) -> Result<Vec<Option<Row>>, StoreError>;

    /// Brings one aggregate to (at least) the version the hints speak of.
    async fn project(&self, stream: &StreamId, hints: &Hints, gate: Gate) -> Result<Outcome, ProjectError>;

    /// Shows nothing more of the aggregate until it is released. It must show all that can be folded: then
    /// only code that can fold more will write the row, which also releases it.
    async fn park(&self, stream: &StreamId, why: &Parked) -> Result<(), ProjectError>;

    /// Brings a parked aggregate up to date, with everything that was missed. It stays parked if an event
    /// still cannot be folded.
    async fn release(&self, stream: &StreamId) -> Result<Outcome, ProjectError>;
}

/// The one mechanism behind every view.
pub struct Projector<V> {
    events: Arc<dyn EventStore>,
    rows: Arc<dyn ViewStore>,
    generation: u32,
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
        Self { events, rows, generation: FIRST_GENERATION, view: std::marker::PhantomData }
    }

    fn keys(&self, stream: &StreamId) -> Keys {
        Keys::new(stream.tenant(), V::NAME, self.generation)
    }

    fn key(&self, stream: &StreamId) -> RowKey {
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
            _ => (self.fetch(stream, version, hints.target()).await?, Outcome::GapFilled),
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
        let mut expected = old.map(|row| row.version);
        for folded in writes {
            let reached = folded.version;
            if !self.write(stream, folded, expected).await? {
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
            Ok(()) => Ok(true),
            Err(PutError::Conflict) => Ok(false),
            Err(PutError::Store(error)) => Err(error.into()),
        }
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
        announced: u64,
    ) -> Result<Vec<Envelope>, ProjectError> {
        let commits = self.events.load_after(stream, version).await?;
        let found = commits.last().map_or(version, |commit| commit.last_version());
        if found < announced {
            return Err(ProjectError::Behind { found, announced });
        }
        Ok(commits.iter().flat_map(|commit| commit.envelopes()).collect())
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
                    tokio::time::sleep(FIRST_PAUSE * 2_u32.pow(attempt)).await;
                }
                Err(error) => return Err(error),
            }
        }
        Err(ProjectError::Contended)
    }
}

/// What a row shows, as the view knows it.
fn shown<V: View>(row: Option<&Row>) -> Result<Option<V::Row>, ProjectError> {
    let content = row.and_then(|row| row.content.clone());
    Ok(content.map(serde_json::from_value).transpose()?)
}

#[async_trait]
impl<V: View> Project for Projector<V> {
    fn view(&self) -> &'static str {
        V::NAME
    }

    fn kinds(&self) -> &'static [AggregateKind] {
        V::KINDS
    }

    async fn gates(
        &self,
        streams: &[StreamId],
        consistency: Consistency,
    ) -> Result<Vec<Option<Row>>, StoreError> {
        let keys: Vec<RowKey> = streams.iter().map(|stream| self.key(stream)).collect();
        self.rows.get_many(&keys, consistency).await
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
        match self.rows.put(&row, expected).await {
            Ok(()) => Ok(()),
            Err(PutError::Conflict) => Err(ProjectError::Contended),
            Err(PutError::Store(error)) => Err(error.into()),
        }
    }

    async fn release(&self, stream: &StreamId) -> Result<Outcome, ProjectError> {
        self.passes(stream, &Hints::default(), Gate::Unknown, true).await
    }
}
