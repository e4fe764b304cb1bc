//! The past of one project, told by its events.

mod history;
mod moment;

use std::sync::Arc;

use async_graphql::{Context, ID, Object, Result};
use skafu_domain::Action;
use skafu_events::{AggregateKind, Commit, StreamId};
use skafu_store::{Chain, Consistency, EventStore, StoreError};
use skafu_views::{FoldError, ProjectRow, ProjectView, View};

use super::Project;
use crate::access::allow;
use crate::api::Viewer;
use crate::error::{internal, store};
use crate::page::{self, Pages};

use history::ProjectHistoryConnection;
use moment::ProjectMoment;

#[derive(Default)]
pub(crate) struct PastQueries;

#[Object]
impl PastQueries {
    /// One project of the caller's tenant as it was right after a version, or at a time; null before it began,
    /// after it was deleted, and if there is none of that id. A version that is not there yet is the error
    /// `NO_SUCH_VERSION`, whose `lastVersion` tells the last one.
    ///
    /// It is read from its events, and so never behind. What belongs to others is as it is now: `templateName`,
    /// `userEmail` and `analytics`.
    async fn project_as_of(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The project's id")] id: ID,
        #[graphql(desc = "The version or the time")] at: ProjectMoment,
    ) -> Result<Option<Project>> {
        let Some(stream) = stream_of(context, &id)? else { return Ok(None) };
        let moment = at.checked()?;
        let loaded = context.data::<Arc<dyn EventStore>>()?.load(&stream, Consistency::Strong).await;
        let history = loaded.map_err(|error| store(&error))?;
        let Some(first) = history.commits().first() else { return Ok(None) };
        allow_owner(context, first)?;
        let version = moment.version(&history)?;
        Ok(folded(history.commits(), version)?.map(Project::from))
    }

    /// What happened to a project of the caller's tenant, one entry per accepted command, newest first; null if
    /// there never was one of that id. A deleted project has its history, too. A page whose payloads are large
    /// ends before `limit`.
    ///
    /// It is read from the project's events, and so never behind.
    async fn project_history(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The project's id")] id: ID,
        #[graphql(desc = "1 to 100; 20 if left out")] limit: Option<i32>,
        #[graphql(desc = "Of the page before, asked for with the same arguments; the limit may differ")]
        next_token: Option<String>,
    ) -> Result<Option<ProjectHistoryConnection>> {
        let Some(stream) = stream_of(context, &id)? else { return Ok(None) };
        let limit = page::limit(limit)?;
        let pages = Pages::of(context, "projectHistory", &[Some(id.as_str())])?;
        let place = pages.place(next_token).await?;
        let before = place.map(|place| place.parse().map_err(|_| page::foreign())).transpose()?;
        let events = context.data::<Arc<dyn EventStore>>()?;
        let failed = |error: StoreError| store(&error);
        let page = events.page_before(&stream, before, limit).await.map_err(failed)?;
        // Whose it is, the first commit says: it is on the last page alone.
        let first = match page.last() {
            Some(oldest) if oldest.first_version == 1 => Some(oldest.clone()),
            _ => events.page_before(&stream, Some(2), 1).await.map_err(failed)?.pop(),
        };
        let Some(first) = first else {
            // Somebody lost its beginning, and with it whose it is.
            return if page.is_empty() { Ok(None) } else { Err(internal()) };
        };
        allow_owner(context, &first)?;
        let (items, next) = history::entries(before, page)?;
        let next_token = pages.token(next.map(|first| first.to_string()).as_deref()).await?;
        Ok(Some(ProjectHistoryConnection { items, next_token }))
    }
}

/// The stream of a project of the viewer's tenant, if they may look at any; none if that is no id.
fn stream_of(context: &Context<'_>, id: &str) -> Result<Option<StreamId>> {
    let viewer = context.data::<Viewer>()?;
    allow(viewer, Action::ReadProject, None)?;
    let tenant = viewer.principal.tenant().clone();
    Ok(StreamId::new(tenant, AggregateKind::Project, id).ok())
}

/// Whether the viewer may look at the project that began with that commit.
fn allow_owner(context: &Context<'_>, first: &Commit) -> Result<()> {
    let row = folded(std::slice::from_ref(first), 1)?.ok_or_else(internal)?;
    allow(context.data::<Viewer>()?, Action::ReadProject, Some(&row.owner_id))
}

/// What the view of projects shows after that version.
fn folded(commits: &[Commit], version: u64) -> Result<Option<ProjectRow>> {
    let events = commits.iter().flat_map(Commit::envelopes);
    let mut events = events.take_while(|event| event.aggregate_version <= version);
    let row = events.try_fold(None, |row, event| ProjectView::apply(row, &event));
    row.map_err(|error: FoldError| {
        tracing::error!(error = %Chain(&error), "a project's past cannot be folded");
        internal()
    })
}
