use skafu_store::StoreError;

use super::fold::Unfoldable;

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
    /// The view cannot fold one of the events: delivered again and again, they are parked.
    #[error(transparent)]
    Unfoldable(#[from] Unfoldable),
    /// The row does not hold what the view puts there.
    #[error("the row cannot be read or written")]
    Row(#[from] serde_json::Error),
    /// Other projectors kept writing the row.
    #[error("the row is contended")]
    Contended,
}

impl ProjectError {
    /// Whether trying again at once may help.
    pub(super) fn is_passing(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_retryable())
    }
}
