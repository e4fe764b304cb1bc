use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

use gix_hash::ObjectId;
use gix_object::tree::EntryKind as GitKind;
use gix_object::{CommitRef, Kind, TagRef, TreeRefIter};
use gix_pack::bundle::write::Options;

use super::{Entry, EntryKind, FileMode, Limits, Source, SourceError, check_link, check_path};

/// The most bytes the names at the head of a bundle may have.
const MAX_HEAD: u64 = 1024 * 1024;

/// A git bundle: the tree of its `HEAD`, or else of `main` or `master`, or else of its only branch.
pub struct GitBundle {
    path: PathBuf,
    pack: gix_pack::Bundle,
    entries: Vec<Entry>,
    /// The object of each entry, in the same order.
    objects: Vec<ObjectId>,
    limits: Limits,
}

impl GitBundle {
    /// Reads the bundle's objects into `scratch`, which the caller removes, and lists the tree.
    pub fn open(path: &Path, scratch: &Path, limits: Limits) -> Result<Self, SourceError> {
        let unusable = |problem: String| SourceError::Archive { path: path.to_owned(), problem };
        let file = File::open(path).map_err(SourceError::io(path))?;
        let mut reader = BufReader::new(file);
        let commit = head(&mut reader, path)?;
        let largest = usize::try_from(limits.file_bytes).unwrap_or(usize::MAX);
        let options =
            Options { thread_limit: Some(1), alloc_limit_bytes: Some(largest), ..Options::default() };
        let written = gix_pack::Bundle::write_to_directory(
            &mut reader,
            Some(scratch),
            &mut gix_utils::progress::Discard,
            &AtomicBool::new(false),
            None::<gix_object::find::Never>,
            gix_hash::Kind::Sha1,
            options,
        )
        .map_err(|error| unusable(error.to_string()))?;
        let index = written.index_path.ok_or_else(|| unusable("it holds no objects".to_owned()))?;
        let pack = gix_pack::Bundle::at(index, gix_hash::Kind::Sha1);
        let pack = pack.map_err(|error| unusable(error.to_string()))?;
        let mut bundle =
            Self { path: path.to_owned(), pack, entries: Vec::new(), objects: Vec::new(), limits };
        (bundle.entries, bundle.objects) = bundle.list(commit)?.into_iter().unzip();
        Ok(bundle)
    }

    fn list(&self, commit: ObjectId) -> Result<Vec<(Entry, ObjectId)>, SourceError> {
        let commit = self.object(self.peeled(commit)?, Kind::Commit)?;
        let tree = CommitRef::from_bytes(&commit, gix_hash::Kind::Sha1).map(|commit| commit.tree());
        let mut pending = vec![(tree.map_err(|error| self.unusable(error.to_string()))?, String::new())];
        let mut listed = Vec::new();
        while let Some((tree, prefix)) = pending.pop() {
            let tree = self.object(tree, Kind::Tree)?;
            for entry in TreeRefIter::from_bytes(&tree, gix_hash::Kind::Sha1) {
                let entry = entry.map_err(|error| self.unusable(error.to_string()))?;
                let name = std::str::from_utf8(entry.filename)
                    .map_err(|_| SourceError::NotText(self.path.join(entry.filename.to_string())))?;
                if listed.len() == self.limits.files {
                    let limit = self.limits.files;
                    return Err(SourceError::TooMany { path: self.path.clone(), limit });
                }
                let path = format!("{prefix}{name}");
                check_path(&path)
                    .map_err(|problem| SourceError::Path { path: self.path.join(&path), problem })?;
                let kind = match entry.mode.kind() {
                    // A submodule's files are elsewhere; git itself leaves an empty directory.
                    GitKind::Tree | GitKind::Commit => EntryKind::Directory,
                    GitKind::Blob => EntryKind::File(FileMode::Regular),
                    GitKind::BlobExecutable => EntryKind::File(FileMode::Executable),
                    GitKind::Link => EntryKind::File(FileMode::Symlink),
                };
                if entry.mode.kind() == GitKind::Tree {
                    pending.push((entry.oid.to_owned(), format!("{path}/")));
                }
                listed.push((Entry { path, kind, size: 0, permissions: None }, entry.oid.to_owned()));
            }
        }
        listed.sort_by(|(a, _), (b, _)| a.path.cmp(&b.path));
        Ok(listed)
    }

    /// What an annotated tag points to; anything else is itself.
    fn peeled(&self, id: ObjectId) -> Result<ObjectId, SourceError> {
        let mut bytes = Vec::new();
        let found = self.pack.find(&id, &mut bytes, &mut Default::default(), &mut gix_pack::cache::Never);
        let found = found.map_err(|error| self.unusable(error.to_string()))?;
        if found.is_none_or(|(object, _)| object.kind != Kind::Tag) {
            return Ok(id);
        }
        let tag = TagRef::from_bytes(&bytes, gix_hash::Kind::Sha1);
        Ok(tag.map_err(|error| self.unusable(error.to_string()))?.target())
    }

    fn object(&self, id: ObjectId, kind: Kind) -> Result<Vec<u8>, SourceError> {
        let mut bytes = Vec::new();
        let found = self.pack.find(&id, &mut bytes, &mut Default::default(), &mut gix_pack::cache::Never);
        let found = found.map_err(|error| self.unusable(error.to_string()))?;
        match found.map(|(object, _)| object.kind) {
            Some(found) if found == kind => Ok(bytes),
            Some(found) => Err(self.unusable(format!("{id} is a {found}, not a {kind}"))),
            None => Err(self.unusable(format!("the {kind} {id} is missing"))),
        }
    }

    fn unusable(&self, problem: String) -> SourceError {
        SourceError::Archive { path: self.path.clone(), problem }
    }
}

impl Source for GitBundle {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn read(&self, at: usize) -> Result<Vec<u8>, SourceError> {
        let (Some(entry), Some(id)) = (self.entries.get(at), self.objects.get(at)) else {
            return Err(SourceError::NoEntry(at));
        };
        let EntryKind::File(mode) = entry.kind else { return Ok(Vec::new()) };
        let content = self.object(*id, Kind::Blob)?;
        if mode == FileMode::Symlink {
            let path = self.path.join(&entry.path);
            check_link(&entry.path, &content).map_err(|problem| SourceError::Link { path, problem })?;
        }
        Ok(content)
    }
}

impl fmt::Debug for GitBundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GitBundle").field("path", &self.path).finish_non_exhaustive()
    }
}

/// The commit to read; the reader then stands where the pack begins.
fn head(reader: &mut impl BufRead, path: &Path) -> Result<ObjectId, SourceError> {
    let unusable =
        |problem: &str| SourceError::Archive { path: path.to_owned(), problem: problem.to_owned() };
    let mut names = Vec::new();
    let mut head = reader.take(MAX_HEAD);
    loop {
        let mut line = String::new();
        head.read_line(&mut line).map_err(SourceError::io(path))?;
        match line.strip_suffix('\n') {
            None => return Err(unusable("its list of branches does not end")),
            Some("") => break,
            Some(line) if line.starts_with("# v") || line == "@object-format=sha1" => {}
            Some(line) if line.starts_with('@') => return Err(unusable("it is not in SHA-1, or filtered")),
            Some(line) if line.starts_with('-') => {
                return Err(unusable("it needs commits that are not in it"));
            }
            Some(line) => {
                let (id, name) = line.split_once(' ').ok_or_else(|| unusable("its branches are no names"))?;
                let id =
                    ObjectId::from_hex(id.as_bytes()).map_err(|_| unusable("its branches have no ids"))?;
                names.push((name.to_owned(), id));
            }
        }
    }
    let named = |wanted: &str| names.iter().find(|(name, _)| name == wanted).map(|(_, id)| *id);
    named("HEAD")
        .or_else(|| named("refs/heads/main"))
        .or_else(|| named("refs/heads/master"))
        .or(if let [(_, id)] = names.as_slice() { Some(*id) } else { None })
        .ok_or_else(|| unusable("it has several branches, and none is HEAD, main or master"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_bundles_in_sha_1_are_read() {
        let id = "0123456789012345678901234567890123456789";
        for (line, is_read) in [
            ("", true),
            ("@object-format=sha1\n", true),
            ("@object-format=sha1024\n", false),
            ("@object-format=sha256\n", false),
            ("@filter=blob:none\n", false),
        ] {
            let text = format!("# v3 git bundle\n{line}{id} HEAD\n\nPACK");
            let found = head(&mut text.as_bytes(), Path::new("x.bundle"));
            let expected = ObjectId::from_hex(id.as_bytes()).ok().filter(|_| is_read);
            assert_eq!(found.ok(), expected, "{line}");
        }
    }
}
