use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::{Entry, EntryKind, FileMode, Limits, LinkProblem, Source, SourceError, SourceFile};
use super::{check_link, check_path};

/// A directory of the file system. Its list is made once; a file is read when it is asked for.
#[derive(Debug)]
pub struct Directory {
    root: PathBuf,
    entries: Vec<Entry>,
    limits: Limits,
}

impl Directory {
    /// Lists everything below `root`. Symbolic links stay links and may not lead out; `.git` is left out.
    pub fn list(root: &Path, limits: Limits) -> Result<Self, SourceError> {
        let mut directory = Self { root: root.to_owned(), entries: Vec::new(), limits };
        let mut total = 0_u64;
        let mut pending = vec![(root.to_owned(), String::new())];
        while let Some((place, prefix)) = pending.pop() {
            for found in fs::read_dir(&place).map_err(SourceError::io(&place))? {
                let found = found.map_err(SourceError::io(&place))?;
                let name = found.file_name();
                let name = name.to_str().ok_or_else(|| SourceError::NotText(found.path()))?;
                if name == ".git" {
                    continue;
                }
                if directory.entries.len() == limits.files {
                    return Err(SourceError::TooMany { path: root.to_owned(), limit: limits.files });
                }
                let entry = directory.entry(&found, format!("{prefix}{name}"))?;
                total = total.saturating_add(entry.size);
                if total > limits.total_bytes {
                    return Err(SourceError::TooMuch { path: root.to_owned(), limit: limits.total_bytes });
                }
                if entry.kind == EntryKind::Directory {
                    pending.push((found.path(), format!("{}/", entry.path)));
                }
                directory.entries.push(entry);
            }
        }
        directory.entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(directory)
    }

    fn entry(&self, found: &fs::DirEntry, path: String) -> Result<Entry, SourceError> {
        let place = found.path();
        let kind = found.file_type().map_err(SourceError::io(&place))?;
        check_path(&path).map_err(|problem| SourceError::Path { path: place.clone(), problem })?;
        if kind.is_dir() {
            return Ok(Entry { path, kind: EntryKind::Directory, size: 0, permissions: None });
        }
        if kind.is_symlink() {
            let size = read_link(&place, &path)?.len() as u64;
            return Ok(Entry { path, kind: EntryKind::File(FileMode::Symlink), size, permissions: None });
        }
        if !kind.is_file() {
            return Err(SourceError::Special(place));
        }
        let metadata = found.metadata().map_err(SourceError::io(&place))?;
        if metadata.len() > self.limits.file_bytes {
            return Err(SourceError::TooLarge { path: place, limit: self.limits.file_bytes });
        }
        let mode = if is_executable(&metadata) { FileMode::Executable } else { FileMode::Regular };
        Ok(Entry {
            path,
            kind: EntryKind::File(mode),
            size: metadata.len(),
            permissions: permissions(&metadata),
        })
    }
}

impl Source for Directory {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn read(&self, at: usize) -> Result<Vec<u8>, SourceError> {
        let entry = self.entries.get(at).ok_or(SourceError::NoEntry(at))?;
        let place = self.root.join(&entry.path);
        match entry.kind {
            EntryKind::Directory => Ok(Vec::new()),
            EntryKind::File(FileMode::Symlink) => read_link(&place, &entry.path),
            EntryKind::File(_) => {
                // It may have grown since it was listed.
                let limit = self.limits.file_bytes;
                let file = fs::File::open(&place).map_err(SourceError::io(&place))?;
                let mut content = Vec::with_capacity(entry.size as usize);
                file.take(limit + 1).read_to_end(&mut content).map_err(SourceError::io(&place))?;
                if content.len() as u64 > limit {
                    return Err(SourceError::TooLarge { path: place, limit });
                }
                Ok(content)
            }
        }
    }
}

/// Reads every file below `root`, sorted by path, within the limits of the platform.
pub fn read_directory(root: &Path) -> Result<Vec<SourceFile>, SourceError> {
    let directory = Directory::list(root, Limits::PLATFORM)?;
    let mut files = Vec::new();
    for (at, entry) in directory.entries.iter().enumerate() {
        if let EntryKind::File(mode) = entry.kind {
            files.push(SourceFile { path: entry.path.clone(), mode, content: directory.read(at)? });
        }
    }
    Ok(files)
}

fn read_link(place: &Path, path: &str) -> Result<Vec<u8>, SourceError> {
    let unusable = |problem| SourceError::Link { path: place.to_owned(), problem };
    let target = fs::read_link(place).map_err(SourceError::io(place))?;
    let target = target.into_os_string().into_string().map_err(|_| unusable(LinkProblem::NotText))?;
    check_link(path, target.as_bytes()).map_err(unusable)?;
    Ok(target.into_bytes())
}

#[cfg(unix)]
fn permissions(metadata: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    Some(metadata.permissions().mode() & 0o777)
}

#[cfg(not(unix))]
fn permissions(_: &fs::Metadata) -> Option<u32> {
    None
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

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::source::{MAX_FILE_BYTES, MAX_FILES};

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
    fn nothing_is_read_where_there_is_no_entry() {
        let root = tempfile::tempdir().unwrap();
        let directory = Directory::list(root.path(), Limits::PLATFORM).unwrap();
        let memory = std::sync::Arc::new(crate::source::Memory::new(Vec::new()));
        let sources: [&dyn Source; 3] =
            [&directory, &*memory, &crate::source::Subtree::of(memory.clone(), "a")];
        for source in sources {
            assert!(matches!(source.read(0), Err(SourceError::NoEntry(0))), "{source:?}");
        }
    }

    #[test]
    fn sizes_are_bounded() {
        let root = tempfile::tempdir().unwrap();
        let large = fs::File::create(root.path().join("large")).unwrap();
        large.set_len(MAX_FILE_BYTES + 1).unwrap();
        let refused = read_directory(root.path());
        assert!(matches!(refused, Err(SourceError::TooLarge { path, .. }) if path.ends_with("large")));

        let root = tempfile::tempdir().unwrap();
        let limits = Limits { total_bytes: 5, ..Limits::PLATFORM };
        fs::write(root.path().join("a"), "123").unwrap();
        fs::write(root.path().join("b"), "45").unwrap();
        assert!(Directory::list(root.path(), limits).is_ok());
        fs::write(root.path().join("c"), "6").unwrap();
        let refused = Directory::list(root.path(), limits);
        assert!(matches!(refused, Err(SourceError::TooMuch { limit: 5, .. })), "{refused:?}");

        let root = tempfile::tempdir().unwrap();
        for n in 0..=MAX_FILES {
            fs::write(root.path().join(n.to_string()), "").unwrap();
        }
        assert!(matches!(read_directory(root.path()), Err(SourceError::TooMany { .. })));
    }
}
