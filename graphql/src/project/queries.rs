use async_graphql::{Context, ID, Object, Result, SimpleObject};

use super::Project;
use super::filter::ProjectFilter;
use super::lists::list;
use crate::access::readable_project;

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
        #[graphql(desc = "Of the page before, asked for with the same arguments; the limit may differ")]
        next_token: Option<String>,
        #[graphql(name = "consistencyToken", desc = "Of a command's answer: what it wrote is seen")]
        _token: Option<String>,
    ) -> Result<ProjectConnection> {
        connection(context, "projects", &filter.unwrap_or_default(), limit, next_token).await
    }

    /// The projects of one person of the caller's tenant, newest first.
    async fn projects_by_user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The owner's id")] user_id: ID,
        #[graphql(desc = "1 to 100; 20 if left out")] limit: Option<i32>,
        #[graphql(desc = "Of the page before, asked for with the same arguments; the limit may differ")]
        next_token: Option<String>,
        #[graphql(name = "consistencyToken", desc = "Of a command's answer: what it wrote is seen")]
        _token: Option<String>,
    ) -> Result<ProjectConnection> {
        connection(context, "projectsByUser", &ProjectFilter::of_owner(user_id), limit, next_token).await
    }
}

async fn connection(
    context: &Context<'_>,
    field: &str,
    filter: &ProjectFilter,
    limit: Option<i32>,
    next_token: Option<String>,
) -> Result<ProjectConnection> {
    let (rows, next_token) = list(context, field, filter, limit, next_token).await?;
    Ok(ProjectConnection { items: rows.into_iter().map(Project::from).collect(), next_token })
}
