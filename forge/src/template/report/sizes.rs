use super::super::{Finding, FindingCode};
use crate::source::{FileMode, SourceFile};

/// The most bytes a text has that people read.
const MAX_TEXT: usize = 1024 * 1024;

/// Texts that are no reading.
pub(super) fn large(files: &[SourceFile]) -> impl Iterator<Item = Finding> {
    let is_text = |file: &&SourceFile| {
        let content = &file.content;
        file.mode != FileMode::Symlink && !content.contains(&0) && std::str::from_utf8(content).is_ok()
    };
    files.iter().filter(|file| file.content.len() > MAX_TEXT).filter(is_text).map(|file| {
        let message = format!("a text of {} bytes: does it belong into every project?", file.content.len());
        Finding::new(FindingCode::LargeFileSize, &file.path, message)
    })
}
