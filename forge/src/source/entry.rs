use std::fmt;

use skafu_events::template::FileMode;

use super::SourceError;

/// The files of a template: listed once, read one by one.
pub trait Source: fmt::Debug + Send + Sync {
    /// Everything there is, sorted by path. Directories are listed where the source knows of them.
    fn entries(&self) -> &[Entry];

    /// The bytes of the entry at this place of [`Source::entries`]; of a symbolic link, the target; of a
    /// directory, none. A place that no entry has is [`SourceError::NoEntry`].
    fn read(&self, at: usize) -> Result<Vec<u8>, SourceError>;

    /// Where the entry of this path stands.
    fn position(&self, path: &str) -> Option<usize> {
        self.entries().binary_search_by(|entry| entry.path.as_str().cmp(path)).ok()
    }
}

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A directory.
    Directory,
    /// A file or a symbolic link.
    File(FileMode),
}

/// One file, link or directory of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Relative, with `/` between its parts.
    pub path: String,
    /// What it is.
    pub kind: EntryKind,
    /// In bytes, as far as it is known before it is read.
    pub size: u64,
    /// The exact permissions of a file, where it stands on a file system that has them.
    pub permissions: Option<u32>,
}

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
