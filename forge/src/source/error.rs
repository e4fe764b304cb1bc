use std::io;
use std::path::PathBuf;

use super::{LinkProblem, PathProblem};

/// Why something cannot be read as a template. Every variant names the place.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file system refused.
    #[error("cannot read {}", path.display())]
    Io {
        /// What was read.
        path: PathBuf,
        /// What it said.
        #[source]
        source: io::Error,
    },
    /// Neither a directory, nor a zip archive, nor a git bundle.
    #[error("{} is neither a directory, a zip archive nor a git bundle", .0.display())]
    Unknown(PathBuf),
    /// An archive that is broken, encrypted, or has something in it that no template needs.
    #[error("the archive {} cannot be used: {problem}", path.display())]
    Archive {
        /// The archive.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A name that is not UTF-8.
    #[error("the name {} is not UTF-8", .0.display())]
    NotText(PathBuf),
    /// A name that may not stand in a repository.
    #[error("the file {} cannot be used", path.display())]
    Path {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        problem: PathProblem,
    },
    /// A symbolic link out of the template.
    #[error("the symbolic link {} cannot be used", path.display())]
    Link {
        /// The link.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        problem: LinkProblem,
    },
    /// A pipe, a socket or a device.
    #[error("{} is neither a file, a directory nor a symbolic link", .0.display())]
    Special(PathBuf),
    /// A file with too many bytes.
    #[error("the file {} has more than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The most it may have.
        limit: u64,
    },
    /// Too many files and directories.
    #[error("{} has more than {limit} files", path.display())]
    TooMany {
        /// The template.
        path: PathBuf,
        /// The most it may have.
        limit: usize,
    },
    /// A place behind the last entry was to be read.
    #[error("there is no entry {0}")]
    NoEntry(usize),
    /// All files together have too many bytes.
    #[error("the files of {} have more than {limit} bytes in all", path.display())]
    TooMuch {
        /// The template.
        path: PathBuf,
        /// The most they may have.
        limit: u64,
    },
}

impl SourceError {
    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}
