//! What is said of a template beyond what keeps it from being rendered: warnings, and errors of which the
//! engine would say too little.

mod deprecated;
mod documentation;
mod github;
pub(super) mod hooks;
mod places;
mod root;
mod sizes;
mod stand_in;
mod unused;

use std::borrow::Cow;

use super::manifest::MANIFEST;
use super::{Finding, Layout, Template};
use crate::source::SourceFile;
use places::Places;

pub(super) use stand_in::stand_ins;

/// A template with everything that is in it.
pub(super) struct Subject<'t> {
    pub(super) files: &'t [SourceFile],
    pub(super) template: &'t Template,
    /// What is rendered, in the order of the template's units.
    pub(super) texts: &'t [Option<String>],
}

impl<'t> Subject<'t> {
    /// Each rendered text with the file it stands in.
    pub(super) fn texts(&self) -> impl Iterator<Item = (&'t str, &'t str)> {
        let units = self.template.units.iter().map(|unit| unit.origin.as_str());
        units.zip(self.texts).filter_map(|(path, text)| Some((path, text.as_deref()?)))
    }
}

/// Everything its author should look at.
pub(super) fn warnings(subject: &Subject<'_>) -> Vec<Finding> {
    let places = Places::of(subject.files, subject.template.layout);
    let mut warnings = root::missing(subject.template);
    warnings.extend(github::warnings(subject));
    warnings.extend(deprecated::used(subject.template, &places));
    warnings.extend(unused::parameters(subject, &places));
    warnings.extend(documentation::missing(subject.template, &places));
    warnings.extend(sizes::large(subject.files));
    warnings
}

/// Expressions of GitHub Actions that would be rendered here.
pub(super) fn github_errors(subject: &Subject<'_>) -> Vec<Finding> {
    github::errors(subject)
}

/// A rendered text as far as its expressions are for the engine to judge.
pub(super) fn own(layout: Layout, text: &str) -> Cow<'_, str> {
    match layout {
        Layout::Native => Cow::Owned(github::blanked(text)),
        Layout::Cookiecutter => Cow::Borrowed(text),
    }
}

/// Findings about defaults, at the defaults they are about.
pub(super) fn placed(subject: &Subject<'_>, findings: Vec<Finding>) -> Vec<Finding> {
    let layout = subject.template.layout;
    if layout != Layout::Native || findings.iter().all(|finding| finding.parameter.is_none()) {
        return findings;
    }
    let places = Places::of(subject.files, layout);
    let place = |finding: Finding| match (&finding.parameter, finding.line) {
        (Some(name), None) => {
            let place = places.of_parameter(name, "default");
            Finding { path: MANIFEST.to_owned(), ..finding }.placed(place)
        }
        _ => finding,
    };
    findings.into_iter().map(place).collect()
}
