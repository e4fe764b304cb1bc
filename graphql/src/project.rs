use async_graphql::dataloader::DataLoader;
use async_graphql::{ComplexObject, Context, Enum, Error, ID, Json, Object, Result, SimpleObject};
use skafu_domain::{Action, Resource, authorize};
use skafu_events::project::{ProjectConfiguration as Configuration, ProjectStatus as Status};
use skafu_store::{Cursor, Index};
use skafu_views::{ProjectRow, ProjectView, View};

use crate::api::{Settings, Viewer};
use crate::error::denied;
use crate::page;
use crate::reader::{Reader, TemplateNames};
use crate::scalar::AwsDateTime;

/// Where a project stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Status", rename_items = "lowercase")]
pub(crate) enum ProjectStatus {
    /// Asked for; nothing made yet.
    Draft,
    /// It is being made.
    Configuring,
    /// Its repository can be cloned.
    Ready,
    /// Its creation failed and was undone.
    Failed,
    /// Put away by its owner.
    Archived,
    /// Deleted by its owner.
    Deleted,
}

/// What a project runs on.
#[derive(SimpleObject)]
pub(crate) struct ProjectConfiguration {
    /// A Lambda runtime, such as `python3.12`.
    runtime: Option<String>,
    /// An AWS region, such as `eu-west-1`.
    region: Option<String>,
    /// Wanted features.
    features: Vec<String>,
    /// Environment variables of the generated project, as an object.
    environment: Json<std::collections::BTreeMap<String, String>>,
}

impl From<Configuration> for ProjectConfiguration {
    fn from(it: Configuration) -> Self {
        Self {
            runtime: it.runtime,
            region: it.region,
            features: it.features,
            environment: Json(it.environment),
        }
    }
}

/// The git repository of a project.
#[derive(SimpleObject)]
pub(crate) struct ProjectRepository {
    /// Its name, without `.git`.
    name: String,
    /// What `git clone` takes.
    clone_url: String,
    /// `main`
    default_branch: String,
    /// The one initial commit.
    initial_commit_id: String,
}

/// Why a project's creation failed.
#[derive(SimpleObject)]
pub(crate) struct ProjectFailure {
    /// A stable code.
    code: String,
    /// A sentence for people.
    message: String,
}

/// A project: asked for by a person, made by the system.
#[derive(SimpleObject)]
#[graphql(complex)]
pub(crate) struct Project {
    /// Its id.
    id: ID,
    /// As its owner wrote it.
    name: String,
    /// A sentence or two.
    description: Option<String>,
    /// Where it stands.
    status: ProjectStatus,
    /// The template it is made from.
    template_id: String,
    /// Its owner's id.
    owner_id: String,
    /// What it runs on.
    configuration: ProjectConfiguration,
    /// Why its creation failed, if it did.
    failure: Option<ProjectFailure>,
    /// When it was asked for.
    created_at: AwsDateTime,
    /// When something last happened to it.
    updated_at: AwsDateTime,
    /// How often it was deployed.
    deployment_count: u64,
    /// When it was last deployed.
    last_deployed_at: Option<AwsDateTime>,
    /// How many events it has.
    total_events: u64,
    /// The share of deployments that succeeded, 0 to 1; null before the first.
    success_rate: Option<f64>,
    #[graphql(skip)]
    row_repository: Option<skafu_events::project::RepositoryLink>,
}

#[ComplexObject]
impl Project {
    /// The template's name.
    async fn template_name(&self, context: &Context<'_>) -> Result<Option<String>> {
        context.data::<DataLoader<TemplateNames>>()?.load_one(self.template_id.clone()).await
    }

    /// The owner's e-mail; only the owner sees it.
    async fn user_email(&self, context: &Context<'_>) -> Result<Option<String>> {
        let viewer = context.data::<Viewer>()?;
        Ok(viewer.email.clone().filter(|_| viewer.principal.user_id() == self.owner_id))
    }

    /// Its repository, once it is ready.
    async fn repository(&self, context: &Context<'_>) -> Result<Option<ProjectRepository>> {
        let base = &context.data::<Settings>()?.repositories_url;
        Ok(self.row_repository.clone().map(|link| ProjectRepository {
            clone_url: format!("{base}{}", link.location),
            name: link.name,
            default_branch: link.default_branch,
            initial_commit_id: link.initial_commit_id,
        }))
    }
}

impl From<ProjectRow> for Project {
    fn from(row: ProjectRow) -> Self {
        Self {
            id: row.id.into(),
            name: row.name,
            description: row.description,
            status: row.status.into(),
            template_id: row.template_id,
            owner_id: row.owner_id,
            configuration: row.configuration.into(),
            failure: row.failure.map(|it| ProjectFailure { code: it.code, message: it.message }),
            created_at: AwsDateTime(row.created_at),
            updated_at: AwsDateTime(row.updated_at),
            deployment_count: row.deployment_count,
            last_deployed_at: row.last_deployed_at.map(AwsDateTime),
            total_events: row.total_events,
            success_rate: row.success_rate,
            row_repository: row.repository,
        }
    }
}

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
    async fn project(&self, context: &Context<'_>, id: ID) -> Result<Option<Project>> {
        let viewer = context.data::<Viewer>()?;
        let tenant = viewer.principal.tenant();
        allow(viewer, None)?;
        let row: Option<ProjectRow> = context.data::<Reader>()?.row(tenant, ProjectView::NAME, &id).await?;
        if let Some(row) = &row {
            allow(viewer, Some(&row.owner_id))?;
        }
        Ok(row.map(Project::from))
    }

    /// The projects of the caller's tenant, newest first.
    async fn projects(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "1 to 100; 20 if left out")] limit: Option<i32>,
        #[graphql(desc = "Of the page before")] next_token: Option<String>,
    ) -> Result<ProjectConnection> {
        let tenant = context.data::<Viewer>()?.principal.tenant();
        list(context, Index::First, &ProjectView::of_tenant(tenant), limit, next_token).await
    }

    /// The projects of one person of the caller's tenant, newest first.
    async fn projects_by_user(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The owner's id")] user_id: ID,
        #[graphql(desc = "1 to 100; 20 if left out")] limit: Option<i32>,
        #[graphql(desc = "Of the page before")] next_token: Option<String>,
    ) -> Result<ProjectConnection> {
        let tenant = context.data::<Viewer>()?.principal.tenant();
        let partition = ProjectView::of_owner(tenant, &user_id);
        list(context, Index::Second, &partition, limit, next_token).await
    }
}

fn allow(viewer: &Viewer, owner: Option<&str>) -> Result<(), Error> {
    let resource = Resource { tenant: viewer.principal.tenant(), owner };
    authorize(&viewer.principal, Action::ReadProject, resource).map_err(denied)
}

async fn list(
    context: &Context<'_>,
    index: Index,
    partition: &str,
    limit: Option<i32>,
    next_token: Option<String>,
) -> Result<ProjectConnection> {
    let viewer = context.data::<Viewer>()?;
    allow(viewer, None)?;
    let limit = page::limit(limit)?;
    let tenant = viewer.principal.tenant();
    let after = next_token.map(|token| page::cursor(tenant, ProjectView::NAME, &token)).transpose()?;
    let reader = context.data::<Reader>()?;
    let (rows, next): (Vec<ProjectRow>, Option<Cursor>) =
        reader.page(index, partition, limit, after.as_ref()).await?;
    let next_token = next.as_ref().map(page::token);
    Ok(ProjectConnection { items: rows.into_iter().map(Project::from).collect(), next_token })
}
