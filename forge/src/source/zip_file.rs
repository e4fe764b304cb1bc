use std::fmt;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use zip::ZipArchive;
use zip::read::ZipFile as Member;

use super::{Entry, EntryKind, FileMode, Limits, LinkProblem, Source, SourceError};
use super::{check_link, check_path};

/// A zip archive. A single directory that everything stands in, as hosting services add it, is left away.
pub struct ZipFile {
    path: PathBuf,
    archive: Mutex<ZipArchive<BufReader<File>>>,
    /// Each entry's place in the archive stands beside it, in the same order.
    entries: Vec<Entry>,
    members: Vec<usize>,
    limits: Limits,
}

impl ZipFile {
    /// Lists what is in the archive.
    pub fn open(path: &Path, limits: Limits) -> Result<Self, SourceError> {
        let file = File::open(path).map_err(SourceError::io(path))?;
        let archive = ZipArchive::new(BufReader::new(file)).map_err(broken(path))?;
        let mut zip = Self {
            path: path.to_owned(),
            archive: Mutex::new(archive),
            entries: Vec::new(),
            members: Vec::new(),
            limits,
        };
        let listed = zip.list()?;
        (zip.entries, zip.members) = listed.into_iter().unzip();
        Ok(zip)
    }

    fn list(&self) -> Result<Vec<(Entry, usize)>, SourceError> {
        let mut archive = self.archive.lock().unwrap_or_else(PoisonError::into_inner);
        let mut listed = Vec::new();
        let mut total = 0_u64;
        for at in 0..archive.len() {
            let mut member = archive.by_index(at).map_err(broken(&self.path))?;
            let Some(entry) = self.entry(&mut member)? else { continue };
            if listed.len() == self.limits.files {
                return Err(SourceError::TooMany { path: self.path.clone(), limit: self.limits.files });
            }
            // The size that is declared; what is read is counted again.
            total = total.saturating_add(member.size());
            if total > self.limits.total_bytes {
                let limit = self.limits.total_bytes;
                return Err(SourceError::TooMuch { path: self.path.clone(), limit });
            }
            listed.push((entry, at));
        }
        let top = common_top(listed.iter().map(|(entry, _)| entry));
        if let Some(top) = top {
            listed.retain_mut(|(entry, _)| {
                let inside = entry.path.strip_prefix(&top).and_then(|path| path.strip_prefix('/'));
                let inside = inside.map(str::to_owned);
                inside.map(|path| entry.path = path).is_some()
            });
        }
        listed.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
        let twice = listed.windows(2).find(|pair| pair[0].0.path == pair[1].0.path);
        match twice {
            Some(pair) => Err(self.unusable(format!("`{}` is there twice", pair[0].0.path))),
            None => Ok(listed),
        }
    }

    /// Nothing, if it belongs to a git repository that was packed with the files: a directory's is left out as well.
    fn entry(&self, member: &mut Member<'_, BufReader<File>>) -> Result<Option<Entry>, SourceError> {
        let name = std::str::from_utf8(member.name_raw()).map_err(|_| {
            SourceError::NotText(self.path.join(String::from_utf8_lossy(member.name_raw()).as_ref()))
        })?;
        let path = name.strip_suffix('/').unwrap_or(name).to_owned();
        if path.split('/').any(|part| part == ".git") {
            return Ok(None);
        }
        check_path(&path).map_err(|problem| SourceError::Path { path: self.path.join(&path), problem })?;
        if member.is_dir() {
            return Ok(Some(Entry { path, kind: EntryKind::Directory, size: 0, permissions: None }));
        }
        let size = member.size();
        if size > self.limits.file_bytes {
            return Err(self.too_large(&path));
        }
        let mode = match member.unix_mode() {
            _ if member.is_symlink() => FileMode::Symlink,
            Some(mode) if mode & 0o100 != 0 => FileMode::Executable,
            _ => FileMode::Regular,
        };
        Ok(Some(Entry { path, kind: EntryKind::File(mode), size, permissions: None }))
    }

    fn unusable(&self, problem: String) -> SourceError {
        SourceError::Archive { path: self.path.clone(), problem }
    }

    fn too_large(&self, path: &str) -> SourceError {
        SourceError::TooLarge { path: self.path.join(path), limit: self.limits.file_bytes }
    }
}

impl Source for ZipFile {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn read(&self, at: usize) -> Result<Vec<u8>, SourceError> {
        let (Some(entry), Some(&member)) = (self.entries.get(at), self.members.get(at)) else {
            return Err(SourceError::NoEntry(at));
        };
        if entry.kind == EntryKind::Directory {
            return Ok(Vec::new());
        }
        let mut archive = self.archive.lock().unwrap_or_else(PoisonError::into_inner);
        let member = archive.by_index(member).map_err(broken(&self.path))?;
        let limit = self.limits.file_bytes;
        // One byte over the limit tells a bomb whose declared size is a lie.
        let mut content = Vec::new();
        let read = member.take(limit + 1).read_to_end(&mut content);
        read.map_err(|error| self.unusable(format!("`{}`: {error}", entry.path)))?;
        if content.len() as u64 > limit {
            return Err(self.too_large(&entry.path));
        }
        if entry.kind == EntryKind::File(FileMode::Symlink) {
            check_link(&entry.path, &content).map_err(|problem: LinkProblem| SourceError::Link {
                path: self.path.join(&entry.path),
                problem,
            })?;
        }
        Ok(content)
    }
}

impl fmt::Debug for ZipFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ZipFile").field("path", &self.path).finish_non_exhaustive()
    }
}

/// The directory everything stands in, if there is one.
fn common_top<'e>(entries: impl Iterator<Item = &'e Entry>) -> Option<String> {
    let mut top: Option<&str> = None;
    for entry in entries {
        let first = match entry.path.split_once('/') {
            Some((first, _)) => first,
            None if entry.kind == EntryKind::Directory => &entry.path,
            None => return None,
        };
        if *top.get_or_insert(first) != first {
            return None;
        }
    }
    top.map(str::to_owned)
}

fn broken(path: &Path) -> impl Fn(zip::result::ZipError) -> SourceError {
    let path = path.to_owned();
    move |error| SourceError::Archive { path: path.clone(), problem: error.to_string() }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn listed(names: &[&str], limits: Limits) -> Result<Vec<String>, SourceError> {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("x.zip");
        let mut writer = ZipWriter::new(File::create(&path).unwrap());
        for name in names {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(b"12345").unwrap();
        }
        writer.finish().unwrap();
        let zip = ZipFile::open(&path, limits)?;
        assert!(matches!(zip.read(names.len()), Err(SourceError::NoEntry(_))));
        Ok(zip.entries.into_iter().map(|entry| entry.path).collect())
    }

    #[test]
    fn what_git_keeps_is_left_out_and_not_counted() {
        let limits = Limits { files: 2, total_bytes: 10, ..Limits::PLATFORM };
        let cases: [(&[&str], &[&str]); 3] = [
            (&[".git/config", ".git/HEAD", "a", "b"], &["a", "b"]),
            (&["top/.git/config", "top/sub/.git", "top/a", "top/d/b"], &["a", "d/b"]),
            (&["a/.gitignore", ".github/x"], &[".github/x", "a/.gitignore"]),
        ];
        for (names, expected) in cases {
            assert_eq!(listed(names, limits).unwrap(), expected, "{names:?}");
        }
        assert!(matches!(listed(&["a", "b", "c"], limits), Err(SourceError::TooMany { .. })));
        let small = Limits { total_bytes: 9, ..limits };
        assert!(matches!(listed(&["a", "b"], small), Err(SourceError::TooMuch { .. })));
        assert!(matches!(listed(&[".GIT/x"], limits), Err(SourceError::Path { .. })));
    }
}
