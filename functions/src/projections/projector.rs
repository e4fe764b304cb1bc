use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use skafu_events::{Envelope, StreamId};
use skafu_store::{Consistency, EventStore, Index, IndexKey, PutError, Row, RowKey, StoreError, ViewStore};
use skafu_views::{FoldError, Place, View, row_key};

use super::hints::Hints;

/// The sort key of the one row an aggregate has in a view.
const ROW: &str = "ROW";
/// How often a row is folded anew when another projector writes it meanwhile.
const MAX_ATTEMPTS: usize = 5;

/// What became of one aggregate's events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// They were next in line.
    Applied,
    /// The row has seen them before.
    Duplicate,
    /// Some were missing; they were fetched from the store, and all were applied.
    GapFilled,
}

/// Why a row was not brought up to date. The events must be delivered again.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// A table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store does not hold the events the batch speaks of (yet).
    #[error("the store ends at version {found}, before the announced version {announced}")]
    Behind {
        /// The last version found.
        found: u64,
        /// The version the batch knows of.
        announced: u64,
    },
    /// The view cannot fold one of the events.
    #[error("the events cannot be folded")]
    Fold(#[from] FoldError),
    /// The row does not hold what the view puts there.
    #[error("the row cannot be read or written")]
    Row(#[from] serde_json::Error),
    /// Other projectors kept writing the row.
    #[error("the row is contended")]
    Contended,
}

/// Keeps one view's rows in step with the store.
#[async_trait]
pub trait Project: Send + Sync {
    /// The view's name.
    fn view(&self) -> &'static str;

    /// Brings one aggregate's row to (at least) the version the hints speak of.
    async fn project(&self, stream: &StreamId, hints: &Hints) -> Result<Outcome, ProjectError>;
}

/// The one mechanism behind every view with one row per aggregate.
pub struct Projector<V> {
    events: Arc<dyn EventStore>,
    rows: Arc<dyn ViewStore>,
    view: std::marker::PhantomData<fn() -> V>,
}

impl<V: View> Projector<V> {
    /// A projector from `events` to `rows`.
    pub fn new(events: Arc<dyn EventStore>, rows: Arc<dyn ViewStore>) -> Self {
        Self { events, rows, view: std::marker::PhantomData }
    }

    /// The version gate: one conditional write against the version that was read.
    async fn pass(
        &self,
        stream: &StreamId,
        hints: &Hints,
        read: Consistency,
    ) -> Result<Option<Outcome>, ProjectError> {
        let key = RowKey { partition: row_key(stream.tenant(), V::NAME, stream.id()), sort: ROW.to_owned() };
        let old = self.rows.get(&key, read).await?;
        let version = old.as_ref().map_or(0, |row| row.version);
        if hints.target() <= version {
            return Ok(Some(Outcome::Duplicate));
        }
        let (events, outcome) = match hints.follow(version) {
            Some(events) => (events, Outcome::Applied),
            None => (self.fetch(stream, version, hints.target()).await?, Outcome::GapFilled),
        };
        let reached = events.last().map_or(version, Envelope::commit_end);
        let content = old.as_ref().and_then(|row| row.content.clone());
        let mut shown: Option<V::Row> = content.map(serde_json::from_value).transpose()?;
        for event in &events {
            shown = V::apply(shown, event)?;
        }
        let places = shown.as_ref().map(|row| V::places(stream, row)).unwrap_or_default();
        let row = Row {
            key,
            version: reached,
            content: shown.map(serde_json::to_value).transpose()?,
            indexes: places
                .into_iter()
                .map(|it| {
                    let index = match it.place {
                        Place::First => Index::First,
                        Place::Second => Index::Second,
                    };
                    (index, IndexKey { partition: it.partition, sort: it.sort })
                })
                .collect(),
        };
        match self.rows.put(&row, old.map(|row| row.version)).await {
            Ok(()) => Ok(Some(outcome)),
            Err(PutError::Conflict) => Ok(None),
            Err(PutError::Store(error)) => Err(error.into()),
        }
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
}

#[async_trait]
impl<V: View> Project for Projector<V> {
    fn view(&self) -> &'static str {
        V::NAME
    }

    async fn project(&self, stream: &StreamId, hints: &Hints) -> Result<Outcome, ProjectError> {
        if stream.kind() != V::KIND {
            return Ok(Outcome::Duplicate);
        }
        let mut read = Consistency::Eventual;
        for _ in 0..MAX_ATTEMPTS {
            if let Some(outcome) = self.pass(stream, hints, read).await? {
                return Ok(outcome);
            }
            read = Consistency::Strong;
        }
        Err(ProjectError::Contended)
    }
}

/// Logs a failure where it is handled.
pub(super) fn log(view: &str, stream: &StreamId, error: &ProjectError) {
    tracing::warn!(view, %stream, error = error as &dyn Error, "the events will be delivered again");
}
