use super::super::layout::{Draft, Unit};
use super::super::{Finding, FindingCode, Layout};
use super::places::Places;

/// What people who make a project are not told.
pub(super) fn missing(draft: &Draft, places: &Places<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !draft.units.iter().any(|unit| is_readme(unit, draft.layout)) {
        let message = "the project would have no README";
        findings.push(Finding::new(FindingCode::MissingDocumentation, "", message));
    }
    let silent = draft.parameters.iter().filter(|parameter| {
        parameter.description.as_deref().is_none_or(|description| description.trim().is_empty())
    });
    let silent: Vec<&str> = silent.map(|parameter| parameter.name.as_str()).collect();
    match draft.layout {
        Layout::Native => findings.extend(silent.into_iter().map(|name| {
            let message = format!("the parameter `{name}` has no description");
            Finding::new(FindingCode::MissingDocumentation, places.manifest, message)
                .placed(places.of_parameter(name, ""))
                .about(name)
        })),
        // Few of these templates have prompts: one finding says it all.
        Layout::Cookiecutter if !silent.is_empty() => {
            let message = format!("no prompt in `__prompts__` for {}", silent.join(", "));
            findings.push(Finding::new(FindingCode::MissingDocumentation, places.manifest, message));
        }
        Layout::Cookiecutter => {}
    }
    findings
}

/// In the project's root, whatever its ending; an expression may decide whether it is there.
fn is_readme(unit: &Unit, layout: Layout) -> bool {
    let below_root = match layout {
        Layout::Native => Some(unit.origin.as_str()),
        Layout::Cookiecutter => unit.origin.split_once('/').map(|(_, path)| path),
    };
    below_root.is_some_and(|path| !path.contains('/') && path.to_ascii_lowercase().contains("readme"))
}
