//! The native layout: `template.json` beside the files.

mod dependencies;
mod description;
mod parameters;
mod reader;
mod rules;

use std::sync::Arc;

use serde_json::Value;

use super::Layout;
use super::layout::{Draft, Style, Treatment, Unit};
use super::library::Library;
use super::variables::Variables;
use crate::source::{EntryKind, FileMode, Source, SourceError};
use reader::Reader;

/// The file that makes a directory a native template.
pub(super) const MANIFEST: &str = "template.json";
/// What a rendered file's name ends in.
const SUFFIX: &str = ".j2";

/// Statements leave no lines behind.
fn style() -> Style {
    Style { trim_blocks: true, lstrip_blocks: true, ..Style::default() }
}

pub(super) fn draft(manifest: &Value, source: &Arc<dyn Source>) -> Result<Draft, SourceError> {
    let text = source.position(MANIFEST).map(|at| source.read(at)).transpose()?.unwrap_or_default();
    let text = String::from_utf8(text).unwrap_or_default();
    let mut reader = Reader::new(&text);
    let descriptor = description::descriptor(&mut reader, manifest);
    let declared = parameters::declared(&mut reader, manifest);
    dependencies::check(&mut reader, &declared);
    Ok(Draft {
        source: source.clone(),
        layout: Layout::Native,
        descriptor,
        parameters: declared.into_iter().filter_map(|declared| declared.parameter).collect(),
        notes: Vec::new(),
        top: None,
        variables: Variables::Native,
        units: units(&**source),
        library: Library::new(source.clone(), vec![String::new()]),
        style: style(),
        findings: reader.findings,
    })
}

fn units(source: &dyn Source) -> Vec<Unit> {
    let mut units = Vec::new();
    for (at, entry) in source.entries().iter().enumerate() {
        let EntryKind::File(mode) = entry.kind else { continue };
        if entry.path == MANIFEST {
            continue;
        }
        let target = entry.path.strip_suffix(SUFFIX);
        let is_rendered = target.is_some() || mode == FileMode::Symlink;
        units.push(Unit {
            at,
            origin: entry.path.clone(),
            path: target.unwrap_or(&entry.path).split('/').map(str::to_owned).collect(),
            tail: String::new(),
            mode,
            treatment: if is_rendered { Treatment::Render } else { Treatment::Copy },
        });
    }
    units
}
