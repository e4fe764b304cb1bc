use skafu_events::template::TemplateType;

use super::super::layout::Unit;
use super::super::{Finding, FindingCode, Layout, Template};
use super::places::Places;

/// The most variables that a message names.
const MAX_NAMES: usize = 5;

/// What people who make a project are not told.
pub(super) fn missing(template: &Template, places: &Places<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !template.units.iter().any(|unit| is_readme(unit, template)) {
        let message = "whoever gets the files gets no README with them";
        findings.push(Finding::new(FindingCode::MissingDocumentation, "", message));
    }
    let silent = template.parameters.iter().filter(|parameter| {
        parameter.description.as_deref().is_none_or(|description| description.trim().is_empty())
    });
    let silent: Vec<&str> = silent.map(|parameter| parameter.name.as_str()).collect();
    match template.layout {
        Layout::Native => findings.extend(silent.into_iter().map(|name| {
            let message = format!("the parameter `{name}` has no description");
            Finding::new(FindingCode::MissingDocumentation, places.manifest, message)
                .placed(places.of_parameter(name, ""))
                .about(name)
        })),
        // Few of these templates have prompts: one finding says it all.
        Layout::Cookiecutter if !silent.is_empty() => {
            let more = match silent.len().saturating_sub(MAX_NAMES) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            let names = silent[..silent.len().min(MAX_NAMES)].join(", ");
            let message = format!("no prompt in `__prompts__` for {names}{more}");
            findings.push(Finding::new(FindingCode::MissingDocumentation, places.manifest, message));
        }
        Layout::Cookiecutter => {}
    }
    findings
}

/// In the project's root, or anywhere in what becomes a part of a project. Its ending does not matter, and an
/// expression may decide whether it is there.
fn is_readme(unit: &Unit, template: &Template) -> bool {
    let path = match template.layout {
        Layout::Native => unit.origin.as_str(),
        Layout::Cookiecutter => unit.origin.split_once('/').map_or("", |(_, path)| path),
    };
    let (above, name) = path.rsplit_once('/').unwrap_or(("", path));
    let is_part = template.descriptor.template_type != TemplateType::Project;
    (is_part || above.is_empty()) && name.to_ascii_lowercase().contains("readme")
}
