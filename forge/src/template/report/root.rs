use skafu_events::template::TemplateType;

use super::super::layout::Draft;
use super::super::{Finding, FindingCode, Layout};

/// What is deployed. Its name may hold expressions around it.
const ROOTS: [&str; 2] = ["template.yaml", "template.yml"];

/// A project that cannot be deployed as it is. This is no error: a project may be deployed by other means.
pub(super) fn missing(draft: &Draft) -> Vec<Finding> {
    let is_root = |path: &[String]| matches!(path, [name] if ROOTS.iter().any(|root| name.contains(root)));
    let is_whole = draft.layout == Layout::Native && draft.descriptor.template_type == TemplateType::Project;
    if !is_whole || draft.units.iter().any(|unit| is_root(&unit.path)) {
        return Vec::new();
    }
    let message = "a template of type project has nothing to deploy: `template.yaml` or `template.yaml.j2`";
    vec![Finding::new(FindingCode::MissingRequiredFile, ROOTS[0], message).into_warning()]
}
