use skafu_store::StoreError;
use skafu_store::generations::{NoRollback, NotBuilding, RegistryError};

use crate::projections::ProjectError;

/// Why a rebuild does not go on. It can be taken up again.
#[derive(Debug, thiserror::Error)]
pub enum RebuildError {
    /// A table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The view's generations cannot be read or changed.
    #[error(transparent)]
    Generations(#[from] RegistryError),
    /// The generation is not, or no longer, being built.
    #[error(transparent)]
    NotBuilding(#[from] NotBuilding),
    /// There is nothing to go back to.
    #[error(transparent)]
    NoRollback(#[from] NoRollback),
    /// An aggregate's rows were not written.
    #[error("{stream} was not brought into the new generation")]
    Aggregate {
        /// Its stream.
        stream: String,
        /// What went wrong.
        #[source]
        source: ProjectError,
    },
    /// What is kept of a segment cannot be read or written.
    #[error("what is kept of segment {0} cannot be read or written")]
    Standing(u32, #[source] serde_json::Error),
    /// Code may still run that does not feed the generation.
    #[error("it is too early: projectors that do not know the new generation may still be at work")]
    TooEarly,
    /// Some segments are not read to their end.
    #[error("the scan is not at its end: {done} of {total} segments are")]
    NotWhole {
        /// How many are.
        done: u32,
        /// How many there are.
        total: u32,
    },
    /// The new fold cannot take what the old one could.
    #[error("{count} aggregates cannot be folded: the first is {first}")]
    Unfoldable {
        /// How many that the active generation can.
        count: usize,
        /// One of them.
        first: String,
    },
    /// A sample is not what a fresh fold gives.
    #[error("{0} rows of the sample are not what a fresh fold gives")]
    Differs(usize),
}

impl RebuildError {
    /// The change of a view's generations that was refused.
    pub(super) fn refused<E: std::error::Error + 'static>(error: RegistryError<E>) -> Self
    where
        Self: From<E>,
    {
        match error {
            RegistryError::Refused(refused) => refused.into(),
            RegistryError::Store(error) => error.into(),
            RegistryError::Unreadable(view, error) => RegistryError::Unreadable(view, error).into(),
            RegistryError::Contended(view) => RegistryError::Contended(view).into(),
        }
    }
}
