//! The files a template is made of, and the files a template makes.

mod directory;
mod link;
mod path;
mod tree;

pub use directory::{SourceError, read_directory};
pub use link::{LinkProblem, check_link};
pub use path::{PathProblem, check_path};
pub use skafu_events::template::FileMode;
pub use tree::{TreeProblem, check_tree};

/// The most files a template may have or make.
pub const MAX_FILES: usize = 500;
/// The most bytes one file may have.
pub const MAX_FILE_BYTES: u64 = 10 * 1024 * 1024;
/// The most bytes all files may have together.
pub const MAX_TOTAL_BYTES: u64 = 64 * 1024 * 1024;

/// One file, before or after rendering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Relative, with `/` between its parts.
    pub path: String,
    /// How it stands in the repository.
    pub mode: FileMode,
    /// Its bytes; of a symbolic link, the target.
    pub content: Vec<u8>,
}

impl SourceFile {
    /// A plain file.
    pub fn regular(path: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self { path: path.into(), mode: FileMode::Regular, content: content.into() }
    }
}
