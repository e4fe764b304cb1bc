use std::collections::{BTreeMap, BTreeSet};

use super::{FileMode, Limits, LinkProblem, PathProblem, SourceFile, check_link, check_path};

/// Why files cannot stand together in one tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeProblem {
    /// More files than there may be.
    #[error("more than {0} files")]
    TooManyFiles(usize),
    /// More bytes in all than there may be.
    #[error("more than {0} bytes in all")]
    TooManyBytes(u64),
    /// More bytes in one file than there may be.
    #[error("`{path}` has more than {limit} bytes")]
    FileTooLarge {
        /// The path.
        path: String,
        /// The most it may have.
        limit: u64,
    },
    /// A path that may not stand in a repository.
    #[error("`{path}` cannot be a path")]
    Path {
        /// The path.
        path: String,
        /// What is wrong with it.
        #[source]
        problem: PathProblem,
    },
    /// A link that leaves the tree.
    #[error("`{path}` cannot be a symbolic link")]
    Link {
        /// The link's own path.
        path: String,
        /// What is wrong with its target.
        #[source]
        problem: LinkProblem,
    },
    /// The same path twice.
    #[error("two files are at `{0}`")]
    Collision(String),
    /// One path is a file and also the directory of another.
    #[error("`{file}` is a file, and also the directory of `{inside}`")]
    FileAndDirectory {
        /// The file.
        file: String,
        /// The other file, below it.
        inside: String,
    },
}

/// A tree that grows file by file. What it admits can stand together in one repository, and none of it points
/// out of it; it keeps names and sizes, no contents.
#[derive(Debug)]
pub struct Tree {
    limits: Limits,
    files: BTreeSet<String>,
    /// With the first path found below each.
    directories: BTreeMap<String, String>,
    bytes: u64,
}

impl Tree {
    /// An empty tree that may grow to these limits.
    pub fn new(limits: Limits) -> Self {
        Self { limits, files: BTreeSet::new(), directories: BTreeMap::new(), bytes: 0 }
    }

    /// Admits a file.
    pub fn admit(&mut self, file: &SourceFile) -> Result<(), TreeProblem> {
        let path = file.path.as_str();
        let size = file.content.len() as u64;
        if self.files.len() + 1 > self.limits.files {
            return Err(TreeProblem::TooManyFiles(self.limits.files));
        }
        check_path(path).map_err(|problem| TreeProblem::Path { path: path.to_owned(), problem })?;
        if file.mode == FileMode::Symlink {
            check_link(path, &file.content)
                .map_err(|problem| TreeProblem::Link { path: path.to_owned(), problem })?;
        }
        let limit = self.limits.file_bytes;
        if size > limit {
            return Err(TreeProblem::FileTooLarge { path: path.to_owned(), limit });
        }
        self.bytes = self.bytes.saturating_add(size);
        if self.bytes > self.limits.total_bytes {
            return Err(TreeProblem::TooManyBytes(self.limits.total_bytes));
        }
        if let Some(inside) = self.directories.get(path) {
            return Err(TreeProblem::FileAndDirectory { file: path.to_owned(), inside: inside.clone() });
        }
        self.grow_to(path)?;
        if self.files.insert(path.to_owned()) { Ok(()) } else { Err(TreeProblem::Collision(path.to_owned())) }
    }

    /// Admits a directory. It may be there already.
    pub fn admit_directory(&mut self, path: &str) -> Result<(), TreeProblem> {
        check_path(path).map_err(|problem| TreeProblem::Path { path: path.to_owned(), problem })?;
        if self.directories.len() > self.limits.files {
            return Err(TreeProblem::TooManyFiles(self.limits.files));
        }
        if self.files.contains(path) {
            return Err(TreeProblem::FileAndDirectory { file: path.to_owned(), inside: path.to_owned() });
        }
        self.grow_to(path)?;
        self.directories.entry(path.to_owned()).or_insert_with(|| path.to_owned());
        Ok(())
    }

    fn grow_to(&mut self, path: &str) -> Result<(), TreeProblem> {
        for (at, _) in path.match_indices('/') {
            let above = &path[..at];
            if self.files.contains(above) {
                return Err(TreeProblem::FileAndDirectory {
                    file: above.to_owned(),
                    inside: path.to_owned(),
                });
            }
            if !self.directories.contains_key(above) {
                self.directories.insert(above.to_owned(), path.to_owned());
            }
        }
        Ok(())
    }
}

/// Checks that `files` can stand together in one repository of the platform and none points out of it.
pub fn check_tree(files: &[SourceFile]) -> Result<(), TreeProblem> {
    let mut tree = Tree::new(Limits::PLATFORM);
    files.iter().try_for_each(|file| tree.admit(file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{MAX_FILE_BYTES, MAX_FILES};

    #[test]
    fn files_that_fit_together_pass() {
        let link = SourceFile { mode: FileMode::Symlink, ..SourceFile::regular("d/l", "../a") };
        assert_eq!(
            check_tree(&[SourceFile::regular("a", "1"), SourceFile::regular("a.b/c", "2"), link]),
            Ok(())
        );
    }

    #[test]
    fn a_path_is_one_thing() {
        let twice = [SourceFile::regular("a", "1"), SourceFile::regular("a", "1")];
        assert_eq!(check_tree(&twice), Err(TreeProblem::Collision("a".to_owned())));
        let both = [SourceFile::regular("a/b/c", "1"), SourceFile::regular("a", "2")];
        assert!(matches!(check_tree(&both), Err(TreeProblem::FileAndDirectory { file, .. }) if file == "a"));
    }

    #[test]
    fn sizes_are_bounded() {
        let file = |n: usize| SourceFile::regular(format!("f{n}"), "");
        let many: Vec<_> = (0..=MAX_FILES).map(file).collect();
        assert_eq!(check_tree(&many), Err(TreeProblem::TooManyFiles(MAX_FILES)));
        let large = SourceFile::regular("x", vec![0; MAX_FILE_BYTES as usize + 1]);
        let refused = TreeProblem::FileTooLarge { path: "x".to_owned(), limit: MAX_FILE_BYTES };
        assert_eq!(check_tree(&[large]), Err(refused));
    }
}
