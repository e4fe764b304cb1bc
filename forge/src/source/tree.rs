use std::collections::BTreeMap;

use super::{FileMode, LinkProblem, MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES, PathProblem, SourceFile};
use super::{check_link, check_path};

/// Why files cannot stand together in one tree.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeProblem {
    /// More than 500.
    #[error("more than {MAX_FILES} files")]
    TooManyFiles,
    /// More than 64 MiB.
    #[error("more than {MAX_TOTAL_BYTES} bytes in all")]
    TooManyBytes,
    /// More than 10 MiB in one file.
    #[error("`{0}` has more than {MAX_FILE_BYTES} bytes")]
    FileTooLarge(String),
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

/// Checks that `files` can stand together in one repository and none points out of it.
pub fn check_tree(files: &[SourceFile]) -> Result<(), TreeProblem> {
    if files.len() > MAX_FILES {
        return Err(TreeProblem::TooManyFiles);
    }
    let mut seen = BTreeMap::new();
    let mut total = 0_u64;
    for file in files {
        let path = file.path.as_str();
        let size = file.content.len() as u64;
        check_path(path).map_err(|problem| TreeProblem::Path { path: path.to_owned(), problem })?;
        if file.mode == FileMode::Symlink {
            check_link(path, &file.content)
                .map_err(|problem| TreeProblem::Link { path: path.to_owned(), problem })?;
        }
        if size > MAX_FILE_BYTES {
            return Err(TreeProblem::FileTooLarge(path.to_owned()));
        }
        total = total.saturating_add(size);
        if total > MAX_TOTAL_BYTES {
            return Err(TreeProblem::TooManyBytes);
        }
        if seen.insert(path, ()).is_some() {
            return Err(TreeProblem::Collision(path.to_owned()));
        }
    }
    for path in seen.keys() {
        let above = path.match_indices('/').map(|(at, _)| &path[..at]).find(|above| seen.contains_key(above));
        if let Some(file) = above {
            return Err(TreeProblem::FileAndDirectory { file: file.to_owned(), inside: (*path).to_owned() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

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
        assert_eq!(check_tree(&many), Err(TreeProblem::TooManyFiles));
        let large = SourceFile::regular("x", vec![0; MAX_FILE_BYTES as usize + 1]);
        assert_eq!(check_tree(&[large]), Err(TreeProblem::FileTooLarge("x".to_owned())));
    }
}
