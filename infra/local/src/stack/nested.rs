//! Nested stacks: embedded like the template they are named in, and inert as a whole.

use serde_json::Value;

use super::{
    names,
    problem::ProblemKind,
    section::Section,
    yaml::{self, YamlError},
};

/// The nested stacks there are, by the path the template names them by.
const STACKS: &[(&str, &str)] = &[("./infra/alarms.stack.yaml", include_str!("../../../alarms.stack.yaml"))];

/// Accepts a nested stack if nothing in it would have to be built here.
pub(super) fn stack(properties: &Section<'_>) {
    properties.inert(&["Parameters", "Tags", "TimeoutInMinutes"]);
    let Some(path) = properties.text("TemplateURL") else { return };
    let Some((_, text)) = STACKS.iter().find(|(known, _)| *known == path) else {
        return properties.report("TemplateURL", ProblemKind::Dangling(format!("nested stack {path}")));
    };
    match unknown_types(text) {
        Ok(unknown) => unknown
            .into_iter()
            .for_each(|kind| properties.report("TemplateURL", ProblemKind::UnknownType(kind))),
        Err(error) => properties.report("TemplateURL", ProblemKind::Unreadable(error.to_string())),
    }
}

/// The types of a nested stack's resources that do make a difference here.
pub(super) fn unknown_types(text: &str) -> Result<Vec<String>, YamlError> {
    let nested = yaml::parse(text)?;
    let resources = nested.get("Resources").and_then(Value::as_object);
    let kinds = resources
        .into_iter()
        .flat_map(|all| all.values())
        .map(|resource| resource.get("Type").and_then(Value::as_str).unwrap_or_default());
    Ok(kinds.filter(|kind| !names::is_ignored(kind)).map(str::to_owned).collect())
}
