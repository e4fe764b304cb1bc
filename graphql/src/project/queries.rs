use async_graphql::{Context, ID, Object, Result, SimpleObject};
use skafu_domain::Action;
use skafu_events::AggregateKind;
use skafu_store::{Cursor, Index};
use skafu_views::{ProjectRow, ProjectView};

use super::Project;
use super::filter::ProjectFilter;
use crate::access::{allow, readable_project};
use crate::api::Viewer;
use crate::page;
use crate::session::reader;
use crate::user::MAX_USER_ID;

/// Some projects, and where the next ones begin.
#[derive(SimpleObject)]
pub(crate) struct ProjectConnection {
    /// Newest first.
    items: Vec<Project>,
    /// Give it back to read on; null at the end.
    next_token: Option<String>,
}

#[derive(Default)]
pub(crate) struct ProjectQueries;

#[Object]
impl ProjectQueries {
    /// One project of the caller's tenant; null if there is none of that id.
    async fn project(
        &self,
        context: &Context<'_>,
        id: ID,
        #[graphql(name = "consistencyToken", desc = "Of a command's answer: what it wrote is seen")]
        _token: Option<String>,
    ) -> Result<Option<Project>> {
        Ok(readable_project(context, &id).await?.map(|(_, row)| Project::from(row)))
    }

    /// The projects of the caller's tenant, newest first.
    async fn projects(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "All if left out")] filter: Option<ProjectFilter>,
        #[graphql(desc = "1 to 100; 20 if left out")] limit: Option<i32>,
        #[graphql(desc = "Of the page before")] next_token: Option<String>,
        #[graphql(name = "consistencyToken", desc = "Of a command's answer: what it wrote is seen")]
        _token: Option<String>,
    ) -> Result<ProjectConnection> {
        list(context, &filter.unwrap_or_default(), limit, next_token).await
    }

    /// The projects of one person of the caller's tenant, newest first.
    async fn projects_by_user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The owner's id")] user_id: ID,
        #[graphql(desc = "1 to 100; 20 if left out")] limit: Option<i32>,
        #[graphql(desc = "Of the page before")] next_token: Option<String>,
        #[graphql(name = "consistencyToken", desc = "Of a command's answer: what it wrote is seen")]
        _token: Option<String>,
    ) -> Result<ProjectConnection> {
        list(context, &ProjectFilter::of_owner(user_id), limit, next_token).await
    }
}

async fn list(
    context: &Context<'_>,
    filter: &ProjectFilter,
    limit: Option<i32>,
    next_token: Option<String>,
) -> Result<ProjectConnection> {
    let viewer = context.data::<Viewer>()?;
    allow(viewer, Action::ReadProject, None)?;
    filter.check()?;
    let limit = page::limit(limit)?;
    let (reader, tenant) = (reader(context)?, viewer.principal.tenant());
    let keys = &reader.keys::<ProjectView>(tenant).await?;
    // Nobody's: no key may be that long.
    if filter.owner_id().is_some_and(|owner| owner.len() > MAX_USER_ID) {
        return Ok(ProjectConnection { items: Vec::new(), next_token: None });
    }
    let list = match filter.owner_id() {
        Some(owner) => (Index::Second, ProjectView::of_owner(keys, owner)),
        None => (Index::First, ProjectView::of_tenant(keys)),
    };
    let place = next_token.map(|token| page::place(&token)).transpose()?;
    let cursor = |sort| page::cursor(keys, tenant, AggregateKind::Project, sort);
    // Of a token of another list and the filter the older one counts.
    let begins = [place.map(cursor).transpose()?, filter.begin(keys, tenant)];
    let after = begins.into_iter().flatten().min_by(|one, other| one.sort.cmp(&other.sort));
    let (mut rows, mut next): (Vec<ProjectRow>, Option<Cursor>) =
        reader.page::<ProjectView, _>(keys, (list.0, &list.1), limit, after.as_ref()).await?;
    filter.cut(&mut rows, &mut next);
    let next_token = next.map(|next| page::token(&next.sort));
    Ok(ProjectConnection { items: rows.into_iter().map(Project::from).collect(), next_token })
}
