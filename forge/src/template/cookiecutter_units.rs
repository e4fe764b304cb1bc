//! What cookiecutter makes of each thing below the top directory.

use regex::Regex;

use super::layout::{Treatment, Unit};
use super::links::{Followed, follow, is_below};
use super::{Finding, FindingCode};
use crate::source::{Entry, EntryKind, FileMode, Limits, Source, SourceError};

/// How many directories that links lead to may be copied one in another: a circle has no end.
const MAX_NESTING: usize = 8;

/// Where what is there once may be made many times, it is made so often at most; a rendering's own limit is no higher.
const MOST_UNITS: usize = Limits::LOCAL.files;

/// A link to a file is that file, for cookiecutter reads through it. A link to a directory is an empty directory, for
/// it does not walk through it; only below a directory that is copied are such links followed.
pub(super) fn units(
    source: &dyn Source,
    top: &str,
    copy_only: &[Regex],
    findings: &mut Vec<Finding>,
) -> Result<Vec<Unit>, SourceError> {
    let mut placed = Placed { source, units: Vec::new(), findings, limit: MOST_UNITS, looked_at: 0 };
    let is_copied = |path: &str| copy_only.iter().any(|pattern| pattern.is_match(path));
    for (at, entry) in source.entries().iter().enumerate() {
        let below = entry.path.strip_prefix(top).and_then(|rest| rest.strip_prefix('/'));
        let Some(path) = below.filter(|path| !path.is_empty()) else { continue };
        let directories = path.match_indices('/').map(|(at, _)| &path[..at]);
        let own = (entry.kind == EntryKind::Directory).then_some(path);
        // A directory that is copied keeps the names of everything in it.
        let copied = directories.chain(own).find(|directory| is_copied(directory));
        let (rendered, tail) = path.split_at(copied.map_or(path.len(), str::len));
        let unit = Unit {
            at,
            origin: entry.path.clone(),
            path: vec![rendered.to_owned()],
            tail: tail.to_owned(),
            mode: FileMode::Regular,
            treatment: match copied {
                None if !is_copied(path) => Treatment::RenderText,
                _ => Treatment::Copy,
            },
        };
        placed.place(entry, unit, copied.is_some(), 0)?;
    }
    Ok(placed.units)
}

/// What has been placed so far.
struct Placed<'s> {
    source: &'s dyn Source,
    units: Vec<Unit>,
    findings: &'s mut Vec<Finding>,
    limit: usize,
    /// How many entries there were, each as often as it was come upon.
    looked_at: usize,
}

impl Placed<'_> {
    fn place(
        &mut self,
        entry: &Entry,
        unit: Unit,
        in_copied: bool,
        nesting: usize,
    ) -> Result<(), SourceError> {
        let source = self.source;
        self.looked_at += 1;
        if self.looked_at > self.limit {
            // Told once, of the first that is too much.
            if self.looked_at == self.limit + 1 {
                let message = format!(
                    "with what its symbolic links lead to, the template has more than {} files",
                    self.limit
                );
                self.findings.push(Finding::new(FindingCode::InvalidFileContent, &entry.path, message));
            }
            return Ok(());
        }
        let mode = match entry.kind {
            EntryKind::Directory => {
                self.units.push(Unit { treatment: Treatment::Directory, ..unit });
                return Ok(());
            }
            EntryKind::File(mode) => mode,
        };
        if mode != FileMode::Symlink {
            self.units.push(Unit { mode, ..unit });
            return Ok(());
        }
        match follow(source, &entry.path)? {
            Followed::File(at) => {
                let mode = source.entries().get(at).map_or(FileMode::Regular, |entry| match entry.kind {
                    EntryKind::File(mode) => mode,
                    EntryKind::Directory => FileMode::Regular,
                });
                self.units.push(Unit { at, mode, ..unit });
            }
            Followed::Directory(target) if in_copied && nesting < MAX_NESTING => {
                for (at, entry) in
                    source.entries().iter().enumerate().filter(|(_, e)| is_below(&e.path, &target))
                {
                    let tail = format!("{}{}", unit.tail, &entry.path[target.len()..]);
                    let inner = Unit { at, origin: entry.path.clone(), tail, ..unit.clone() };
                    self.place(entry, inner, true, nesting + 1)?;
                }
                self.units.push(Unit { treatment: Treatment::Directory, ..unit });
            }
            Followed::Directory(_) if !in_copied => {
                self.units.push(Unit { treatment: Treatment::Directory, ..unit });
            }
            Followed::Directory(_) | Followed::Nowhere => {
                let message = "the symbolic link leads nowhere, or round in a circle";
                self.findings.push(Finding::new(FindingCode::InvalidFileContent, &entry.path, message));
            }
        }
        Ok(())
    }
}
