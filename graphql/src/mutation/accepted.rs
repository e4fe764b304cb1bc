use async_graphql::{ComplexObject, Context, ID, Result, SimpleObject};
use skafu_events::{AggregateKind, StreamId, Tenant};
use skafu_views::TemplateView;

use crate::access::readable_project;
use crate::api::Viewer;
use crate::commands::AcceptedCommand;
use crate::operation::{self, Operation};
use crate::project::Project;
use crate::session::reader;
use crate::template::Template;

/// A command on a project was accepted.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct ProjectAccepted {
    /// The project's id.
    id: ID,
    /// Its version after the command.
    version: u64,
    /// The command.
    command_id: ID,
    /// The request: what `operation` takes.
    correlation_id: ID,
    /// Send it as header `x-consistency-token`, and later questions see what was written.
    consistency_token: Option<String>,
}

#[ComplexObject]
impl ProjectAccepted {
    /// The project as the command left it; null if that deleted it.
    async fn project(&self, context: &Context<'_>) -> Result<Option<Project>> {
        Ok(readable_project(context, &self.id).await?.map(|(_, row)| Project::from(row)))
    }

    /// How far the request got.
    async fn operation(&self, context: &Context<'_>) -> Result<Option<Operation>> {
        operation::of(context, &self.correlation_id).await
    }
}

/// A command on a template was accepted.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(super) struct TemplateAccepted {
    /// The template's id.
    id: ID,
    /// Its version after the command.
    version: u64,
    /// The command.
    command_id: ID,
    /// The request: what `operation` takes.
    correlation_id: ID,
    /// Send it as header `x-consistency-token`, and later questions see what was written.
    consistency_token: Option<String>,
}

#[ComplexObject]
impl TemplateAccepted {
    /// The template as the command left it.
    async fn template(&self, context: &Context<'_>) -> Result<Option<Template>> {
        let tenant: Tenant = context.data::<Viewer>()?.principal.tenant().clone();
        let Ok(stream) = StreamId::new(tenant, AggregateKind::Template, self.id.as_str()) else {
            return Ok(None);
        };
        let row = reader(context)?.own::<TemplateView>(&stream).await?;
        Ok(row.map(|row| Template::of(row, false)))
    }
}

impl From<AcceptedCommand> for ProjectAccepted {
    fn from(it: AcceptedCommand) -> Self {
        Self {
            id: it.aggregate_id.into(),
            version: it.version,
            command_id: it.command_id.into(),
            correlation_id: it.correlation_id.into(),
            consistency_token: it.consistency_token,
        }
    }
}

impl From<AcceptedCommand> for TemplateAccepted {
    fn from(it: AcceptedCommand) -> Self {
        Self {
            id: it.aggregate_id.into(),
            version: it.version,
            command_id: it.command_id.into(),
            correlation_id: it.correlation_id.into(),
            consistency_token: it.consistency_token,
        }
    }
}
