use super::{Entry, EntryKind, Source, SourceError, SourceFile};

/// Files that are in memory already.
#[derive(Debug, Clone)]
pub struct Memory {
    entries: Vec<Entry>,
    contents: Vec<Vec<u8>>,
}

impl Memory {
    /// A source of these files, in any order.
    pub fn new(mut files: Vec<SourceFile>) -> Self {
        files.sort_by(|a, b| a.path.cmp(&b.path));
        let (entries, contents) = files
            .into_iter()
            .map(|file| {
                let size = file.content.len() as u64;
                (
                    Entry { path: file.path, kind: EntryKind::File(file.mode), size, permissions: None },
                    file.content,
                )
            })
            .unzip();
        Self { entries, contents }
    }
}

impl Source for Memory {
    fn entries(&self) -> &[Entry] {
        &self.entries
    }

    fn read(&self, at: usize) -> Result<Vec<u8>, SourceError> {
        self.contents.get(at).cloned().ok_or(SourceError::NoEntry(at))
    }
}
