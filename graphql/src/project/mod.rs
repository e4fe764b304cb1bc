mod filter;
mod lists;
mod past;
mod queries;

use async_graphql::{ComplexObject, Context, Enum, ID, Json, Result, SimpleObject};
use skafu_domain::Action;
use skafu_events::project::{ProjectConfiguration as Configuration, ProjectStatus as Status};
use skafu_events::{AggregateKind, StreamId, Tenant};
use skafu_views::{CreationState as State, ProjectRow, TemplateView};

use crate::access::allow;
use crate::analytics::{ProjectAnalytics, TimeRange};
use crate::api::{Settings, Viewer};
use crate::scalar::AwsDateTime;
use crate::session::reader;
use crate::template::Template;
use crate::user::{self, User};

pub(crate) use past::PastQueries;
pub(crate) use queries::ProjectQueries;

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
    /// Its creation failed.
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

/// How an attempt to create a project stands.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "State", rename_items = "lowercase")]
pub(crate) enum CreationState {
    /// Asked for.
    Awaited,
    /// Under way.
    Running,
    /// The project was made.
    Succeeded,
    /// Failed; what it made is being undone.
    Undoing,
    /// Failed; what it made is kept for another attempt.
    Kept,
    /// Failed; nothing is left of it.
    Undone,
    /// Failed, and so did the undoing: an operator has to look.
    Stuck,
}

/// How far a project's creation got.
#[derive(SimpleObject)]
pub(crate) struct ProjectCreation {
    /// The attempt awaited, under way or last made, from 1.
    attempt: u32,
    /// How that stands.
    state: CreationState,
    /// The step that failed last: of the making, or of the undoing if that is stuck.
    failed_step: Option<String>,
}

impl From<skafu_views::Creation> for ProjectCreation {
    fn from(it: skafu_views::Creation) -> Self {
        Self { attempt: it.attempt, state: it.state.into(), failed_step: it.failed_step }
    }
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
    /// How far its creation got.
    creation: ProjectCreation,
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
    #[graphql(skip)]
    template_tenant: Option<String>,
}

impl Project {
    /// Where its template may be: where it was found, once it is selected, else where it would be looked for.
    fn template_streams(&self, own: &Tenant) -> Vec<StreamId> {
        let places = [own.clone(), Tenant::shared()].into_iter();
        places
            .filter(|tenant| self.template_tenant.as_deref().is_none_or(|found| found == tenant.as_str()))
            .filter_map(|tenant| {
                StreamId::new(tenant, AggregateKind::Template, self.template_id.as_str()).ok()
            })
            .collect()
    }
}

#[ComplexObject]
impl Project {
    /// The template it is made from; null until it is known here.
    async fn template(&self, context: &Context<'_>) -> Result<Option<Template>> {
        let viewer = context.data::<Viewer>()?;
        allow(viewer, Action::ReadTemplate, None)?;
        let own = viewer.principal.tenant();
        let found = reader(context)?.join_from::<TemplateView>(&self.template_streams(own)).await?;
        Ok(found.map(|(stream, row)| Template::of(row, stream.tenant() != own)))
    }

    /// Its owner.
    async fn owner(&self, context: &Context<'_>) -> Result<User> {
        user::owner(context, &self.owner_id).await
    }

    /// The template's name; null until the template is known here.
    async fn template_name(&self, context: &Context<'_>) -> Result<Option<String>> {
        let own = context.data::<Viewer>()?.principal.tenant();
        let row = reader(context)?.join::<TemplateView>(&self.template_streams(own)).await?;
        Ok(row.map(|row| row.name))
    }

    /// What was counted of it, in all and by day; null until something is.
    async fn analytics(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Which days; the last 30 if left out")] time_range: Option<TimeRange>,
    ) -> Result<Option<ProjectAnalytics>> {
        let tenant = context.data::<Viewer>()?.principal.tenant().clone();
        let Ok(stream) = StreamId::new(tenant, AggregateKind::Project, self.id.as_str()) else {
            return Ok(None);
        };
        ProjectAnalytics::of(context, stream, time_range).await
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
            creation: row.creation.into(),
            created_at: AwsDateTime(row.created_at),
            updated_at: AwsDateTime(row.updated_at),
            deployment_count: row.deployment_count,
            last_deployed_at: row.last_deployed_at.map(AwsDateTime),
            total_events: row.total_events,
            success_rate: row.success_rate,
            row_repository: row.repository,
            template_tenant: row.template_tenant,
        }
    }
}
