use serde::Serialize;
use serde::de::DeserializeOwned;
use skafu_events::{AggregateKind, Envelope, StreamId, UnknownEvent};

use crate::{Change, Keys, Placement};

/// An event a view cannot fold.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// Its type or schema is unknown to this code.
    #[error("the event cannot be read")]
    Unknown(#[from] UnknownEvent),
    /// It comes before the event that begins the aggregate.
    #[error("{0} happened to what had not begun")]
    NotBegun(String),
}

impl FoldError {
    /// Only an aggregate's first event may meet no row.
    pub(crate) fn unless_first(event: &Envelope) -> Result<(), Self> {
        if event.aggregate_version == 1 { Ok(()) } else { Err(Self::NotBegun(event.event_type.clone())) }
    }
}

/// Whether a command begins with the event: the first of its commit.
pub(crate) fn begins_commit(event: &Envelope) -> bool {
    event.aggregate_version == event.metadata.commit_version
}

/// One accepted command, as a view sees it.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a, R> {
    /// The aggregate it happened to.
    pub stream: &'a StreamId,
    /// What happened, in order; at least one event.
    pub events: &'a [Envelope],
    /// The aggregate's row before.
    pub before: Option<&'a R>,
    /// The aggregate's row after.
    pub after: Option<&'a R>,
}

/// What is shown: a pure fold, and keys.
///
/// Every aggregate a view follows has one row of its own, which carries the aggregate's version. Most
/// views show just that row. Others keep more rows beside it, of one aggregate or fed by many: those are
/// changed in one transaction with the aggregate's own row, so that each commit counts exactly once.
pub trait View: Send + Sync + 'static {
    /// Its name, in lower case: in keys, in queues, on command lines.
    const NAME: &'static str;
    /// The kinds of aggregates whose events it folds.
    const KINDS: &'static [AggregateKind];
    /// Whether several aggregates change the same rows beside their own.
    const SHARES_ROWS: bool = false;
    /// What is kept of one aggregate: what is shown of it, or what the view must remember of it.
    type Row: Serialize + DeserializeOwned + Clone + Send + Sync;

    /// The row after one more event; none if there is nothing left to show.
    fn apply(row: Option<Self::Row>, event: &Envelope) -> Result<Option<Self::Row>, FoldError>;

    /// Where else than under its aggregate the row is to be found.
    fn places(_keys: &Keys, _row: &Self::Row) -> Vec<Placement> {
        Vec::new()
    }

    /// What one commit changes beside the aggregate's own row. No two changes of one row.
    fn changes(_keys: &Keys, _step: Step<'_, Self::Row>) -> Vec<Change> {
        Vec::new()
    }
}
