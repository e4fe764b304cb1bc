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

use super::layout::Draft;
use super::manifest::MANIFEST;
use super::{Finding, Layout};
use crate::source::SourceFile;
use places::Places;

pub(super) use stand_in::stand_ins;

/// Everything its author should look at.
pub(super) fn warnings(files: &[SourceFile], draft: &Draft) -> Vec<Finding> {
    let places = Places::of(files, draft.layout);
    let mut warnings = root::missing(draft);
    warnings.extend(github::warnings(draft));
    warnings.extend(deprecated::used(draft, &places));
    warnings.extend(unused::parameters(files, draft, &places));
    warnings.extend(documentation::missing(draft, &places));
    warnings.extend(sizes::large(files));
    warnings
}

/// Findings about expressions, together with those about GitHub's: of one that cannot be parsed here, either,
/// only the latter is told.
pub(super) fn github_errors(draft: &Draft, findings: Vec<Finding>) -> Vec<Finding> {
    github::errors(draft, findings)
}

/// Findings about defaults, at the defaults they are about.
pub(super) fn placed(files: &[SourceFile], layout: Layout, findings: Vec<Finding>) -> Vec<Finding> {
    if layout != Layout::Native || findings.iter().all(|finding| finding.parameter.is_none()) {
        return findings;
    }
    let places = Places::of(files, layout);
    let place = |finding: Finding| match (&finding.parameter, finding.line) {
        (Some(name), None) => {
            let place = places.of_parameter(name, "default");
            Finding { path: MANIFEST.to_owned(), ..finding }.placed(place)
        }
        _ => finding,
    };
    findings.into_iter().map(place).collect()
}
