use std::collections::BTreeMap;
use std::io;

use gix_hash::{Kind, ObjectId};
use gix_object::tree::{Entry, EntryKind};
use gix_object::{Tree, WriteTo, compute_hash};

use super::GitError;
use crate::source::{FileMode, SourceFile, check_tree};

/// Who makes every initial commit. The domain can never receive mail.
const AUTHOR: &str = "Skafu <noreply@skafu.invalid>";

/// What an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectKind {
    /// The content of a file.
    Blob,
    /// A directory.
    Tree,
    /// A commit.
    Commit,
}

/// A git object, as it is hashed but without the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// SHA-1 over kind, length and bytes.
    pub id: ObjectId,
    /// What it is.
    pub kind: ObjectKind,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// A commit with everything it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commit {
    /// Its id.
    pub id: ObjectId,
    /// Every object once: the commit first, then trees, then blobs.
    pub objects: Vec<Object>,
}

/// A commit without parents that holds `files`.
///
/// `seconds` count from 1970-01-01T00:00:00Z. The message gets a line end if it has none.
pub fn initial_commit(files: &[SourceFile], seconds: i64, message: &str) -> Result<Commit, GitError> {
    check_tree(files)?;
    let mut objects = Objects::default();
    let tree = objects.directory(&Directory::of(files))?;
    let end = if message.ends_with('\n') { "" } else { "\n" };
    let text = format!(
        "tree {tree}\nauthor {AUTHOR} {seconds} +0000\ncommitter {AUTHOR} {seconds} +0000\n\n{message}{end}"
    );
    let id = objects.add(ObjectKind::Commit, text.into_bytes())?;
    Ok(Commit { id, objects: objects.ordered() })
}

#[derive(Default)]
struct Directory<'f> {
    directories: BTreeMap<&'f str, Directory<'f>>,
    files: BTreeMap<&'f str, &'f SourceFile>,
}

impl<'f> Directory<'f> {
    fn of(files: &'f [SourceFile]) -> Self {
        let mut root = Self::default();
        for file in files {
            let (above, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
            let parts = above.split('/').filter(|part| !part.is_empty());
            let place = parts.fold(&mut root, |place, part| place.directories.entry(part).or_default());
            place.files.insert(name, file);
        }
        root
    }
}

#[derive(Default)]
struct Objects {
    found: BTreeMap<ObjectId, Object>,
}

impl Objects {
    fn add(&mut self, kind: ObjectKind, bytes: Vec<u8>) -> io::Result<ObjectId> {
        let id = compute_hash(Kind::Sha1, kind.into(), &bytes).map_err(io::Error::other)?;
        self.found.entry(id).or_insert(Object { id, kind, bytes });
        Ok(id)
    }

    fn directory(&mut self, directory: &Directory<'_>) -> io::Result<ObjectId> {
        let mut tree = Tree::empty();
        for (name, inner) in &directory.directories {
            let oid = self.directory(inner)?;
            tree.entries.push(Entry { mode: EntryKind::Tree.into(), filename: (*name).into(), oid });
        }
        for (name, file) in &directory.files {
            let oid = self.add(ObjectKind::Blob, file.content.clone())?;
            let mode = match file.mode {
                FileMode::Regular => EntryKind::Blob,
                FileMode::Executable => EntryKind::BlobExecutable,
                FileMode::Symlink => EntryKind::Link,
            };
            tree.entries.push(Entry { mode: mode.into(), filename: (*name).into(), oid });
        }
        // Git's own order: a directory's name counts as if it ended in `/`.
        tree.entries.sort();
        let mut bytes = Vec::new();
        tree.write_to(&mut bytes)?;
        self.add(ObjectKind::Tree, bytes)
    }

    fn ordered(self) -> Vec<Object> {
        let mut objects: Vec<Object> = self.found.into_values().collect();
        objects.sort_by_key(|object| match object.kind {
            ObjectKind::Commit => 0,
            ObjectKind::Tree => 1,
            ObjectKind::Blob => 2,
        });
        objects
    }
}

impl From<ObjectKind> for gix_object::Kind {
    fn from(kind: ObjectKind) -> Self {
        match kind {
            ObjectKind::Blob => Self::Blob,
            ObjectKind::Tree => Self::Tree,
            ObjectKind::Commit => Self::Commit,
        }
    }
}
