//! Golden events: one of every type and schema version, or more where optional fields came later, as JSON envelopes.
//!
//! What code makes of them tells a changed fold from an unchanged one. Those of a kind of aggregate are
//! in an order in which they can be folded.

use crate::AggregateKind;

/// Those of projects.
pub const PROJECT: &[&str] = &[
    include_str!("../golden/ProjectCreated.v1.json"),
    include_str!("../golden/ProjectCreated.v1.options.json"),
    include_str!("../golden/ProjectCreationStarted.v1.json"),
    include_str!("../golden/TemplateSelected.v1.json"),
    include_str!("../golden/TemplateRendered.v1.json"),
    include_str!("../golden/ProjectConfigured.v1.json"),
    include_str!("../golden/ProjectUpdated.v1.json"),
    include_str!("../golden/ProjectArchived.v1.json"),
    include_str!("../golden/ProjectRestored.v1.json"),
    include_str!("../golden/ProjectDeleted.v1.json"),
    include_str!("../golden/ProjectDeleted.v1.undo.json"),
    include_str!("../golden/ProjectCreationFailed.v1.kept.json"),
    include_str!("../golden/ProjectCreationRetried.v1.json"),
    include_str!("../golden/ProjectCreationFailed.v1.json"),
    include_str!("../golden/ProjectCreationStuck.v1.json"),
    include_str!("../golden/ProjectCompensationRetried.v1.json"),
    include_str!("../golden/ProjectCreationCompensated.v1.json"),
    include_str!("../golden/ProjectCreationResolved.v1.json"),
];

/// Those of templates.
pub const TEMPLATE: &[&str] = &[
    include_str!("../golden/TemplateCreated.v1.json"),
    include_str!("../golden/TemplateUploaded.v1.json"),
    include_str!("../golden/TemplatePublished.v1.json"),
    include_str!("../golden/TemplatePublished.v1.typed.json"),
];

/// Those of repositories.
pub const REPOSITORY: &[&str] = &[
    include_str!("../golden/RepositoryCreated.v1.json"),
    include_str!("../golden/RepositoryConfigured.v1.json"),
    include_str!("../golden/RepositoryDeleted.v1.json"),
];

/// Those of aggregates of that kind.
pub const fn of(kind: AggregateKind) -> &'static [&'static str] {
    match kind {
        AggregateKind::Project => PROJECT,
        AggregateKind::Template => TEMPLATE,
        AggregateKind::Repository => REPOSITORY,
    }
}
