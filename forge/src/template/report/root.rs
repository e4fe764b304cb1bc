use skafu_events::template::TemplateType;

use super::super::{Finding, FindingCode, Layout, Template};

/// What is deployed. Its name may hold expressions around it.
const ROOTS: [&str; 2] = ["template.yaml", "template.yml"];

/// A project that cannot be deployed as it is. This is no error: a project may be deployed by other means.
pub(super) fn missing(template: &Template) -> Vec<Finding> {
    let is_root = |path: &[String]| matches!(path, [name] if ROOTS.iter().any(|root| name.contains(root)));
    let is_whole =
        template.layout == Layout::Native && template.descriptor.template_type == TemplateType::Project;
    if !is_whole || template.units.iter().any(|unit| is_root(&unit.path)) {
        return Vec::new();
    }
    let message = "a template of type project has nothing to deploy: `template.yaml` or `template.yaml.j2`";
    vec![Finding::new(FindingCode::MissingRequiredFile, ROOTS[0], message).into_warning()]
}
