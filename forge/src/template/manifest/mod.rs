//! The native layout: `template.json` beside the files.

mod dependencies;
mod description;
mod parameters;
mod reader;
mod rules;

use std::collections::BTreeMap;

use serde_json::Value;

use super::layout::{Content, Draft, Library, Style, Unit};
use super::variables::Variables;
use super::{Finding, FindingCode, Layout};
use crate::source::{FileMode, SourceFile};
use reader::Reader;

/// The file that makes a directory a native template.
pub(super) const MANIFEST: &str = "template.json";
/// What a rendered file's name ends in.
const SUFFIX: &str = ".j2";

const STYLE: Style = Style { trim_blocks: true, lstrip_blocks: true };

pub(super) fn draft(manifest: &Value, files: &[SourceFile]) -> Draft {
    let text = files.iter().find(|file| file.path == MANIFEST).map(|file| &file.content);
    let text = text.and_then(|content| std::str::from_utf8(content).ok()).unwrap_or_default();
    let mut reader = Reader::new(text);
    let descriptor = description::descriptor(&mut reader, manifest);
    let declared = parameters::declared(&mut reader, manifest);
    dependencies::check(&mut reader, &declared);
    let mut draft = Draft {
        layout: Layout::Native,
        descriptor,
        parameters: declared.into_iter().filter_map(|declared| declared.parameter).collect(),
        notes: Vec::new(),
        variables: Variables::Native,
        units: Vec::new(),
        library: Library::default(),
        style: STYLE,
        findings: reader.findings,
    };
    let mut library = BTreeMap::new();
    for file in files.iter().filter(|file| file.path != MANIFEST) {
        let text = std::str::from_utf8(&file.content).ok();
        if let Some(text) = text {
            library.insert(file.path.clone(), text.to_owned());
        }
        let target = file.path.strip_suffix(SUFFIX);
        let rendered = target.is_some() || file.mode == FileMode::Symlink;
        let content = match text {
            Some(text) if rendered => Content::Text(text.to_owned()),
            _ => Content::Bytes(file.content.clone()),
        };
        if rendered && text.is_none() {
            let message = "a rendered file must be UTF-8";
            draft.findings.push(Finding::new(FindingCode::InvalidFileContent, &file.path, message));
        }
        draft.units.push(Unit {
            origin: file.path.clone(),
            path: target.unwrap_or(&file.path).split('/').map(str::to_owned).collect(),
            tail: String::new(),
            mode: file.mode,
            content,
        });
    }
    draft.library = Library::new(library);
    draft
}
