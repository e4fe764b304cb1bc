//! One initial commit, and the places it can be written to.
//!
//! Everything here is a pure function but [`write_bare`]. The same files, time and message always give the
//! same commit id.

mod bare;
mod bundle;
mod commit;
mod pack;

pub use bare::{INITIAL_COMMIT_FILE, write_bare};
pub use bundle::{bundle, bundle_heads};
pub use commit::{Commit, Object, ObjectKind, initial_commit};
pub use gix_hash::ObjectId;
pub use pack::{Pack, pack};

/// The branch every repository starts with.
pub const DEFAULT_BRANCH: &str = "main";
/// The full name of that branch.
pub const MAIN_REF: &str = "refs/heads/main";

/// Why no git objects were made.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The files cannot stand together in one tree.
    #[error("the files cannot be committed")]
    Tree(#[from] crate::source::TreeProblem),
    /// An object could not be hashed or compressed, or a file not written.
    #[error("git objects cannot be written")]
    Io(#[from] std::io::Error),
}
