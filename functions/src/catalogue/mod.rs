//! The built-in templates: published for all tenants, as any template is published, by commands.
//!
//! A deployment does it by a custom resource ([`CatalogueResource`]), the embedded cloud at its start.

mod publish;
mod resource;

pub use publish::{CatalogueError, publish};
pub use resource::{CatalogueResource, MemoryOutcomes, Outcome, OutcomeError, Outcomes, ResourceError};
