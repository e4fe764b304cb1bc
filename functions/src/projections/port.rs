use async_trait::async_trait;
use skafu_events::{AggregateKind, Envelope, StreamId};
use skafu_store::{Consistency, Row, StoreError};

use super::error::ProjectError;
use super::hints::Hints;
use super::outcome::Outcome;
use super::parked::Parked;
use super::verify::Verified;

/// What is known of an aggregate's row before anything is done.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "one per aggregate of a batch, and moved twice")]
pub enum Gate {
    /// It was read, eventually consistent; none: there is no row yet.
    Read(Option<Row>),
    /// Nothing.
    Unknown,
}

/// Keeps one generation of a view's rows in step with the store.
#[async_trait]
pub trait Project: Send + Sync {
    /// The view's name.
    fn view(&self) -> &'static str;

    /// The number of the generation.
    fn generation(&self) -> u32;

    /// How many aggregates of a batch are worked on at once: one, where they share rows, for transactions
    /// over the same row refuse each other.
    fn at_once(&self) -> usize;

    /// The kinds of aggregates it follows.
    fn kinds(&self) -> &'static [AggregateKind];

    /// The rows of some aggregates, as they stand: one request for up to a hundred.
    async fn gates(
        &self,
        streams: &[StreamId],
        consistency: Consistency,
    ) -> Result<Vec<Option<Row>>, StoreError>;

    /// Brings one aggregate to the version the hints speak of, or further if they allow it and more happened.
    async fn project(&self, stream: &StreamId, hints: &Hints, gate: Gate) -> Result<Outcome, ProjectError>;

    /// Shows nothing more of the aggregate until it is released. It must show all that can be folded: then
    /// only code that can fold more will write the row, which also releases it.
    async fn park(&self, stream: &StreamId, why: &Parked) -> Result<(), ProjectError>;

    /// Brings a parked aggregate up to date, with everything that was missed. It stays parked if an event
    /// still cannot be folded.
    async fn release(&self, stream: &StreamId) -> Result<Outcome, ProjectError>;

    /// Folds a history, or the beginning of one, and writes nothing.
    fn rehearse(&self, stream: &StreamId, events: &[Envelope]) -> Result<(), ProjectError>;

    /// Compares the rows of an aggregate with a fresh fold of its events, at the version they show.
    async fn verify(&self, stream: &StreamId) -> Result<Verified, ProjectError>;

    /// Folds an aggregate anew and writes its rows where they are not what they must be; a parked one is
    /// released by it. Whether anything was written.
    async fn refold(&self, stream: &StreamId) -> Result<bool, ProjectError>;
}
