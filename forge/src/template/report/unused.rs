use std::collections::BTreeSet;

use super::super::engine::is_dynamic;
use super::super::layout::{Content, Draft};
use super::super::names::{has_word, names_in};
use super::super::{Finding, FindingCode, Layout, cookiecutter};
use super::places::Places;
use crate::source::SourceFile;

/// Statements that render other files of the template.
const INCLUDING: [&str; 4] = ["include", "import", "extends", "from"];

/// Parameters that no rendered file, no path, no default and no condition names.
pub(super) fn parameters(files: &[SourceFile], draft: &Draft, places: &Places<'_>) -> Vec<Finding> {
    let used: Box<dyn Fn(&str) -> bool> = match draft.layout {
        Layout::Native => {
            let names = named(draft);
            Box::new(move |name| names.as_ref().is_none_or(|names| names.contains(name)))
        }
        Layout::Cookiecutter => Box::new(|name| is_mentioned(files, draft, name)),
    };
    let unused = draft.parameters.iter().filter(|parameter| !used(&parameter.name));
    unused
        .map(|parameter| {
            let message = format!("nothing in the template uses the parameter `{}`", parameter.name);
            Finding::new(FindingCode::UnusedParameter, places.manifest, message)
                .placed(places.of_parameter(&parameter.name, "name"))
                .about(&parameter.name)
        })
        .collect()
}

/// Every name that is looked up; nothing, if a text cannot be parsed, for then nobody knows.
fn named(draft: &Draft) -> Option<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    let mut includes = false;
    for text in texts(draft) {
        includes |= INCLUDING.iter().any(|statement| has_word(text, statement));
        names.extend(names_in(text)?);
    }
    for parameter in &draft.parameters {
        names.extend(parameter.conditional.iter().map(|conditional| conditional.depends_on.clone()));
        let default = parameter.default.as_ref().and_then(|default| default.as_str());
        if let Some(text) = default.filter(|text| is_dynamic(text)) {
            names.extend(names_in(text)?);
        }
    }
    if includes {
        // A copied file may be included, and most that cannot be parsed are not.
        names.extend(draft.library.values().filter_map(|text| names_in(text)).flatten());
    }
    Some(names)
}

fn texts(draft: &Draft) -> impl Iterator<Item = &str> {
    draft.units.iter().flat_map(|unit| {
        let content = match &unit.content {
            Content::Text(text) => Some(text.as_str()),
            Content::Bytes(_) => None,
        };
        unit.path.iter().map(String::as_str).chain(content).filter(|text| is_dynamic(text))
    })
}

/// What a cookiecutter template uses is not always told by its syntax: delimiters may be others, hooks name
/// variables, too, and a variable may be looked up by a text. Whatever has its name as a word may use it.
fn is_mentioned(files: &[SourceFile], draft: &Draft, name: &str) -> bool {
    let in_files = files.iter().filter(|file| file.path != cookiecutter::MANIFEST).any(|file| {
        has_word(&file.path, name)
            || std::str::from_utf8(&file.content).is_ok_and(|text| has_word(text, name))
    });
    in_files
        || texts(draft).any(looks_at_all)
        || draft
            .variables
            .entries()
            .iter()
            .any(|(other, value)| other != name && has_word(&value.to_string(), name))
}

/// Whether a text has all variables at once.
fn looks_at_all(text: &str) -> bool {
    text.split("cookiecutter").skip(1).any(|rest| {
        let rest = rest.trim_start();
        ["|", "}", "%", ".items", ".values", ".keys"].iter().any(|next| rest.starts_with(next))
    })
}
