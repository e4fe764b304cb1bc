use serde::Serialize;
use serde::de::DeserializeOwned;
use skafu_events::{AggregateKind, Envelope, StreamId, Tenant, UnknownEvent};

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

/// A view with one row per aggregate.
pub trait View: Send + Sync + 'static {
    /// Its name, in lower case: in keys, in queues, on command lines.
    const NAME: &'static str;
    /// The kind of aggregate whose events it folds.
    const KIND: AggregateKind;
    /// What is shown of one aggregate.
    type Row: Serialize + DeserializeOwned + Clone + Send + Sync;

    /// The row after one more event; none if there is nothing left to show.
    fn apply(row: Option<Self::Row>, event: &Envelope) -> Result<Option<Self::Row>, FoldError>;

    /// Where else than under its own id the row is to be found.
    fn places(stream: &StreamId, row: &Self::Row) -> Vec<Placement>;
}

/// One place in an index of the view table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The first index, `GSI1`.
    First,
    /// The second index, `GSI2`.
    Second,
}

/// A row's key in one index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// Which index.
    pub place: Place,
    /// Groups the rows of one list; begins with the tenant.
    pub partition: String,
    /// Their order in the list.
    pub sort: String,
}

/// The generation of every view: part of its keys, so that a rebuilt one can grow beside the old one.
const GENERATION: u32 = 1;

/// What the keys of a view begin with in one tenant: `acme/project.1`.
pub(crate) fn prefix(tenant: &Tenant, view: &str) -> String {
    format!("{tenant}/{view}.{GENERATION}")
}

/// The partition key of one aggregate's row: `acme/project.1#<id>`.
pub fn row_key(tenant: &Tenant, view: &str, id: &str) -> String {
    format!("{}#{id}", prefix(tenant, view))
}
