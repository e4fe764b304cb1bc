use std::collections::BTreeSet;

use super::super::engine::is_dynamic;
use super::super::names::{has_word, names_in};
use super::super::{Finding, FindingCode, Layout, cookiecutter};
use super::Subject;
use super::places::Places;

/// Statements that render other files of the template.
const INCLUDING: [&str; 4] = ["include", "import", "extends", "from"];

/// Parameters that no rendered file, no path, no default and no condition names.
pub(super) fn parameters(subject: &Subject<'_>, places: &Places<'_>) -> Vec<Finding> {
    let used: Box<dyn Fn(&str) -> bool> = match subject.template.layout {
        Layout::Native => {
            let names = named(subject);
            Box::new(move |name| names.as_ref().is_none_or(|names| names.contains(name)))
        }
        Layout::Cookiecutter => Box::new(|name| is_mentioned(subject, name)),
    };
    let unused = subject.template.parameters.iter().filter(|parameter| !used(&parameter.name));
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
fn named(subject: &Subject<'_>) -> Option<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    let mut includes = false;
    for text in texts(subject) {
        includes |= INCLUDING.iter().any(|statement| has_word(text, statement));
        names.extend(names_in(text)?);
    }
    for parameter in &subject.template.parameters {
        names.extend(parameter.conditional.iter().map(|conditional| conditional.depends_on.clone()));
        let default = parameter.default.as_ref().and_then(|default| default.as_str());
        if let Some(text) = default.filter(|text| is_dynamic(text)) {
            names.extend(names_in(text)?);
        }
    }
    if includes {
        // A copied file may be included, and most that cannot be parsed are not.
        let library = subject.files.iter().filter_map(|file| std::str::from_utf8(&file.content).ok());
        names.extend(library.filter_map(names_in).flatten());
    }
    Some(names)
}

fn texts<'t>(subject: &Subject<'t>) -> impl Iterator<Item = &'t str> {
    let paths = subject.template.units.iter().flat_map(|unit| unit.path.iter().map(String::as_str));
    paths.chain(subject.texts().map(|(_, text)| text)).filter(|text| is_dynamic(text))
}

/// What a cookiecutter template uses is not always told by its syntax: delimiters may be others, hooks name
/// variables, too, and a variable may be looked up by a text. Whatever has its name as a word may use it.
fn is_mentioned(subject: &Subject<'_>, name: &str) -> bool {
    let in_files = subject.files.iter().filter(|file| file.path != cookiecutter::MANIFEST).any(|file| {
        has_word(&file.path, name)
            || std::str::from_utf8(&file.content).is_ok_and(|text| has_word(text, name))
    });
    in_files
        || texts(subject).any(looks_at_all)
        || subject
            .template
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
