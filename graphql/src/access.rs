use async_graphql::{Context, Error};
use skafu_domain::{Action, Resource, authorize};
use skafu_events::{AggregateKind, StreamId};
use skafu_views::{ProjectRow, ProjectView};

use crate::api::Viewer;
use crate::error::denied;
use crate::session::reader;

/// Whether the viewer may look at such things of their tenant; of that owner, if they have one.
pub(crate) fn allow(viewer: &Viewer, action: Action, owner: Option<&str>) -> Result<(), Error> {
    let resource = Resource { tenant: viewer.principal.tenant(), owner };
    authorize(&viewer.principal, action, resource).map_err(denied)
}

/// A project of the viewer's tenant that they may look at, with its stream; none if there is none.
pub(crate) async fn readable_project(
    context: &Context<'_>,
    id: &str,
) -> Result<Option<(StreamId, ProjectRow)>, Error> {
    let viewer = context.data::<Viewer>()?;
    allow(viewer, Action::ReadProject, None)?;
    let tenant = viewer.principal.tenant().clone();
    // What is no id is nobody's.
    let Ok(stream) = StreamId::new(tenant, AggregateKind::Project, id) else { return Ok(None) };
    let row = reader(context)?.own::<ProjectView>(&stream).await?;
    if let Some(row) = &row {
        allow(viewer, Action::ReadProject, Some(&row.owner_id))?;
    }
    Ok(row.map(|row| (stream, row)))
}
