//! Finding the template somebody names: in their own tenant, else in the built-in catalogue.

use skafu_domain::template::Template;
use skafu_events::template::{TemplateCreated, TemplatePublished};
use skafu_events::{AggregateKind, StreamId, Tenant};
use skafu_store::{Consistency, EventStore};

use crate::Problem;
use crate::aggregates;

/// A published template and where it was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The caller's tenant, or the shared one.
    pub tenant: Tenant,
    /// How it began: its name and type.
    pub created: TemplateCreated,
    /// Its latest revision.
    pub published: TemplatePublished,
}

/// The published template of that id. One query, or two for a built-in one.
pub async fn find(
    store: &dyn EventStore,
    tenant: &Tenant,
    template_id: &str,
    consistency: Consistency,
) -> Result<Option<Found>, Problem> {
    for tenant in [tenant.clone(), Tenant::shared()] {
        let Ok(stream) = StreamId::new(tenant.clone(), AggregateKind::Template, template_id) else {
            return Ok(None);
        };
        let template: Template = aggregates::load(store, &stream, consistency).await?.state;
        if let (Some(created), Some(published)) = (template.created, template.published) {
            return Ok(Some(Found { tenant, created, published }));
        }
    }
    Ok(None)
}
