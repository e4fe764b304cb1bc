//! Where symbolic links lead inside a source.

use std::collections::VecDeque;

use crate::source::{EntryKind, FileMode, Source, SourceError};

/// As many as Linux follows.
const MAX_HOPS: usize = 40;

/// What stands at a path once every link on the way is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Followed {
    /// A file, at this place of the source.
    File(usize),
    /// A directory, at this path; the empty one is the source itself.
    Directory(String),
    /// Nothing, or a circle.
    Nowhere,
}

/// Follows the links of `path`. A target never leads out of the source: what did was refused when it was listed.
pub(super) fn follow(source: &dyn Source, path: &str) -> Result<Followed, SourceError> {
    let mut pending: VecDeque<String> = path.split('/').map(str::to_owned).collect();
    let mut reached: Vec<String> = Vec::new();
    let mut hops = 0;
    let mut last = None;
    while let Some(part) = pending.pop_front() {
        match part.as_str() {
            "" | "." => continue,
            ".." => {
                reached.pop();
                last = None;
                continue;
            }
            _ => reached.push(part),
        }
        let here = source.position(&reached.join("/"));
        let kind = here.and_then(|at| source.entries().get(at)).map(|entry| entry.kind);
        last = here.filter(|_| matches!(kind, Some(EntryKind::File(_))));
        if let (Some(at), Some(EntryKind::File(FileMode::Symlink))) = (here, kind) {
            hops += 1;
            if hops > MAX_HOPS {
                return Ok(Followed::Nowhere);
            }
            let target = String::from_utf8_lossy(&source.read(at)?).into_owned();
            reached.pop();
            for part in target.split('/').rev() {
                pending.push_front(part.to_owned());
            }
            last = None;
        } else if last.is_some() && !pending.is_empty() {
            return Ok(Followed::Nowhere);
        }
    }
    if let Some(at) = last {
        return Ok(Followed::File(at));
    }
    let path = reached.join("/");
    let is_directory = path.is_empty() || source.entries().iter().any(|entry| is_below(&entry.path, &path));
    let listed = source.position(&path).is_some();
    Ok(if is_directory || listed { Followed::Directory(path) } else { Followed::Nowhere })
}

/// Whether `path` is inside the directory.
pub(super) fn is_below(path: &str, directory: &str) -> bool {
    path.strip_prefix(directory).is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Memory, SourceFile};

    #[test]
    fn links_lead_to_files_directories_or_nowhere() {
        let link = |path: &str, target: &str| SourceFile {
            mode: FileMode::Symlink,
            ..SourceFile::regular(path, target)
        };
        let source = Memory::new(vec![
            SourceFile::regular("d/f", "x"),
            link("a", "d/f"),
            link("b", "a"),
            link("d/up", "../b"),
            link("dir", "d"),
            link("through", "dir/f"),
            link("whole", "."),
            link("broken", "d/g"),
            link("circle", "circle"),
            link("into", "d/f/x"),
        ]);
        let file = Followed::File(source.position("d/f").unwrap());
        for (path, expected) in [
            ("d/f", file.clone()),
            ("a", file.clone()),
            ("b", file.clone()),
            ("d/up", file.clone()),
            ("through", file.clone()),
            ("dir/f", file),
            ("d", Followed::Directory("d".to_owned())),
            ("dir", Followed::Directory("d".to_owned())),
            ("broken", Followed::Nowhere),
            ("circle", Followed::Nowhere),
            ("into", Followed::Nowhere),
            ("missing", Followed::Nowhere),
        ] {
            assert_eq!(follow(&source, path).unwrap(), expected, "{path}");
        }
    }
}
