use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{
    FileMode, LinkProblem, MAX_FILE_BYTES, MAX_FILES, PathProblem, SourceFile, check_link, check_path,
};

/// Why a directory cannot be read as a template. Every variant names the path.
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
    /// A symbolic link out of the directory.
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
    /// More than 10 MiB.
    #[error("the file {} has more than {MAX_FILE_BYTES} bytes", .0.display())]
    TooLarge(PathBuf),
    /// More than 500 files.
    #[error("the directory {} has more than {MAX_FILES} files", .0.display())]
    TooMany(PathBuf),
}

/// Reads every file below `root`, sorted by path. Symbolic links stay links; `.git` is left out.
pub fn read_directory(root: &Path) -> Result<Vec<SourceFile>, SourceError> {
    let mut files = Vec::new();
    let mut pending = vec![(root.to_owned(), String::new())];
    while let Some((directory, prefix)) = pending.pop() {
        for entry in fs::read_dir(&directory).map_err(io_error(&directory))? {
            let entry = entry.map_err(io_error(&directory))?;
            let place = entry.path();
            let name = entry.file_name();
            let name = name.to_str().ok_or_else(|| SourceError::NotText(place.clone()))?;
            if name == ".git" {
                continue;
            }
            let path = format!("{prefix}{name}");
            let kind = entry.file_type().map_err(io_error(&place))?;
            if kind.is_dir() {
                pending.push((place, format!("{path}/")));
                continue;
            }
            if files.len() == MAX_FILES {
                return Err(SourceError::TooMany(root.to_owned()));
            }
            check_path(&path).map_err(|problem| SourceError::Path { path: place.clone(), problem })?;
            files.push(if kind.is_symlink() {
                read_link(&place, path)?
            } else if kind.is_file() {
                read_file(&place, path)?
            } else {
                return Err(SourceError::Special(place));
            });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn read_file(place: &Path, path: String) -> Result<SourceFile, SourceError> {
    let metadata = fs::metadata(place).map_err(io_error(place))?;
    if metadata.len() > MAX_FILE_BYTES {
        return Err(SourceError::TooLarge(place.to_owned()));
    }
    let mode = if is_executable(&metadata) { FileMode::Executable } else { FileMode::Regular };
    Ok(SourceFile { path, mode, content: fs::read(place).map_err(io_error(place))? })
}

fn read_link(place: &Path, path: String) -> Result<SourceFile, SourceError> {
    let target = fs::read_link(place).map_err(io_error(place))?;
    let target = target
        .into_os_string()
        .into_string()
        .map_err(|_| SourceError::Link { path: place.to_owned(), problem: LinkProblem::NotText })?;
    check_link(&path, target.as_bytes())
        .map_err(|problem| SourceError::Link { path: place.to_owned(), problem })?;
    Ok(SourceFile { path, mode: FileMode::Symlink, content: target.into_bytes() })
}

#[cfg(unix)]
fn is_executable(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o100 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> SourceError {
    let path = path.to_owned();
    move |source| SourceError::Io { path, source }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn files_come_sorted_with_their_modes_and_without_git() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("b/c")).unwrap();
        fs::create_dir_all(root.path().join(".git")).unwrap();
        fs::write(root.path().join(".git/config"), "x").unwrap();
        fs::write(root.path().join("b/c/{{ name }}.txt"), "1").unwrap();
        fs::write(root.path().join("a.sh"), "2").unwrap();
        fs::set_permissions(root.path().join("a.sh"), fs::Permissions::from_mode(0o755)).unwrap();
        symlink("../a.sh", root.path().join("b/link")).unwrap();

        let found: Vec<_> = read_directory(root.path())
            .unwrap()
            .into_iter()
            .map(|file| (file.path, file.mode, String::from_utf8(file.content).unwrap()))
            .collect();
        let expected = [
            ("a.sh", FileMode::Executable, "2"),
            ("b/c/{{ name }}.txt", FileMode::Regular, "1"),
            ("b/link", FileMode::Symlink, "../a.sh"),
        ];
        assert_eq!(found, expected.map(|(path, mode, text)| (path.to_owned(), mode, text.to_owned())));
    }

    #[test]
    fn a_link_out_of_the_directory_is_refused_by_name() {
        for target in ["/etc/passwd", "../outside"] {
            let root = tempfile::tempdir().unwrap();
            symlink(target, root.path().join("leak")).unwrap();
            let error = read_directory(root.path()).unwrap_err();
            assert!(matches!(&error, SourceError::Link { path, .. } if path.ends_with("leak")), "{error:?}");
        }
    }

    #[test]
    fn sizes_are_bounded() {
        let root = tempfile::tempdir().unwrap();
        let large = fs::File::create(root.path().join("large")).unwrap();
        large.set_len(MAX_FILE_BYTES + 1).unwrap();
        assert!(
            matches!(read_directory(root.path()), Err(SourceError::TooLarge(path)) if path.ends_with("large"))
        );

        let root = tempfile::tempdir().unwrap();
        for n in 0..=MAX_FILES {
            fs::write(root.path().join(n.to_string()), "").unwrap();
        }
        assert!(matches!(read_directory(root.path()), Err(SourceError::TooMany(_))));
    }
}
