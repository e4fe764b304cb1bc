use super::super::{Finding, FindingCode, Template};
use super::places::Places;

/// Extensions that templates still name, and what has become of them.
const EXTENSIONS: [(&str, &str); 3] = [
    (
        "jinja2.ext.autoescape",
        "it is part of Jinja since version 2.9, and newer ones do not know its name: leave it out",
    ),
    (
        "jinja2.ext.with_",
        "it is part of Jinja since version 2.9, and newer ones do not know its name: leave it out",
    ),
    (
        "jinja2_time.TimeExtension",
        "use `cookiecutter.extensions.TimeExtension`, which is there without being named",
    ),
];

/// What works and has a better successor.
pub(super) fn used(template: &Template, places: &Places<'_>) -> Vec<Finding> {
    let lists = ["_extensions", "_jinja2_extensions"];
    let entries = template.variables.entries().iter().filter(|(name, _)| lists.contains(&name.as_str()));
    let mut findings = Vec::new();
    for (list, value) in entries {
        for (at, extension) in value.as_array().into_iter().flatten().enumerate() {
            let known = EXTENSIONS.iter().find(|(name, _)| extension.as_str() == Some(*name));
            let Some((name, remedy)) = known else { continue };
            let message = format!("the extension `{name}` is deprecated: {remedy}");
            let finding = Finding::new(FindingCode::DeprecatedFeature, places.manifest, message);
            findings.push(finding.placed(places.of_value(&format!("/{list}/{at}"))));
        }
    }
    findings
}
