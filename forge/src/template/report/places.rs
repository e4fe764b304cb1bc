use std::collections::BTreeMap;

use serde_json::Value;

use super::super::position::{Place, Positions, below};
use super::super::{Layout, cookiecutter, manifest};
use crate::source::SourceFile;

/// Where the parameters stand in the file that declares them.
pub(super) struct Places<'f> {
    /// That file.
    pub(super) manifest: &'static str,
    positions: Positions<'f>,
    pointers: BTreeMap<String, String>,
}

impl<'f> Places<'f> {
    pub(super) fn of(files: &'f [SourceFile], layout: Layout) -> Self {
        let manifest = match layout {
            Layout::Native => manifest::MANIFEST,
            Layout::Cookiecutter => cookiecutter::MANIFEST,
        };
        let content = files.iter().find(|file| file.path == manifest).map(|file| &file.content);
        let text = content.and_then(|content| std::str::from_utf8(content).ok()).unwrap_or_default();
        let value: Value = serde_json::from_str(text).unwrap_or_default();
        let pointers = match layout {
            Layout::Native => declared(&value),
            Layout::Cookiecutter => {
                let names = value.as_object().into_iter().flat_map(|entries| entries.keys());
                names.map(|name| (name.clone(), below("", name))).collect()
            }
        };
        Self { manifest, positions: Positions::of(text), pointers }
    }

    /// The place of a parameter's field, or of what stands for the parameter.
    pub(super) fn of_parameter(&self, name: &str, field: &str) -> Option<Place> {
        self.positions.place(&below(self.pointers.get(name)?, field))
    }

    /// The place of a value of the file.
    pub(super) fn of_value(&self, pointer: &str) -> Option<Place> {
        self.positions.place(pointer)
    }
}

fn declared(manifest: &Value) -> BTreeMap<String, String> {
    let list = manifest["parameters"].as_array().into_iter().flatten().enumerate();
    let mut pointers = BTreeMap::new();
    for (at, parameter) in list {
        if let Some(name) = parameter["name"].as_str() {
            pointers.entry(name.to_owned()).or_insert_with(|| format!("/parameters/{at}"));
        }
    }
    pointers
}
