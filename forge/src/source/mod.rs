//! The files a template is made of, and the files a template makes.
//!
//! A [`Source`] lists its files first and reads them one by one, so that a large template need not be in
//! memory: a [`Directory`], a [`ZipFile`], a [`GitBundle`], or files that are in [`Memory`] already.

mod directory;
mod entry;
mod error;
mod git_bundle;
mod limits;
mod link;
mod memory;
mod open;
mod path;
mod subtree;
mod tree;
mod zip_file;

pub use directory::{Directory, read_directory};
pub use entry::{Entry, EntryKind, Source, SourceFile};
pub use error::SourceError;
pub use git_bundle::GitBundle;
pub use limits::{Limits, MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES};
pub use link::{LinkProblem, check_link};
pub use memory::Memory;
pub use open::open;
pub use path::{PathProblem, check_path};
pub use skafu_events::template::FileMode;
pub use subtree::Subtree;
pub use tree::{Tree, TreeProblem, check_tree};
pub use zip_file::ZipFile;
