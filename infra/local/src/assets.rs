//! The files of the stack, embedded when it is built: what runs here is what is deployed.

/// The SAM template.
pub const TEMPLATE: &str = include_str!("../../../template.yaml");

/// A state machine's definition, by the path the template names it by.
pub fn definition(uri: &str) -> Option<&'static str> {
    match uri {
        "infra/project-creation.asl.yaml" => Some(include_str!("../../project-creation.asl.yaml")),
        "infra/view-rebuild.asl.yaml" => Some(include_str!("../../view-rebuild.asl.yaml")),
        _ => None,
    }
}
