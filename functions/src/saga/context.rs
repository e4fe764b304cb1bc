use serde::Serialize;
use serde_json::json;
use skafu_domain::command::step_command_id;
use skafu_domain::project::{Project, ProjectStatus};
use skafu_domain::{Aggregate, Principal};
use skafu_events::project::ProjectCreated;
use skafu_events::{AggregateKind, StreamId, Timestamp};
use skafu_forge::blobs::BlobError;
use skafu_forge::template::{Chance, ProjectFacts};
use skafu_store::{Consistency, StoreError};

use super::{SagaInput, SagaTask, StepError};
use crate::Problem;
use crate::aggregates::fold;
use crate::gateway::{GatewayError, InternalCommand};
use crate::template_files::TemplateFilesError;

/// One step of one attempt.
pub(super) struct Context<'a> {
    pub task: &'a SagaTask,
    pub saga: &'a SagaInput,
    pub step: &'static str,
}

/// The project as the steps see it.
pub(super) struct ProjectState {
    pub project: Project,
    pub created: ProjectCreated,
    pub created_at: Timestamp,
    /// What is its own, and no other project's.
    pub identity: String,
}

impl ProjectState {
    /// Refuses before anything is made for an attempt that is closed: its commands would be refused, too, but what
    /// is made outside of the event table would have to be found and undone.
    pub fn must_be_under_way(&self, attempt: u32) -> Result<(), StepError> {
        let Project { status, attempt: current, begun, .. } = &self.project;
        if *status == ProjectStatus::Configuring && *begun && *current == attempt {
            return Ok(());
        }
        Err(StepError::Rejected(match status {
            ProjectStatus::Deleted => "the project was deleted while it was made".to_owned(),
            _ => "this attempt to create the project is not under way".to_owned(),
        }))
    }

    /// What templates may know of the project.
    pub fn facts(&self) -> ProjectFacts {
        // The same at each try: the moment the project was asked for, and a seed from who asked for what.
        let chance = Chance::of(&self.identity, self.created_at.date_time().timestamp_micros());
        // Under the name the first attempt began with: what it made is found again, whatever it is called by now.
        let name = self.project.made_as.clone().unwrap_or_else(|| self.created.name.clone());
        ProjectFacts::new(name, self.created.description.as_deref()).with_chance(chance)
    }
}

impl Context<'_> {
    /// The state of an aggregate of the project's id, and when it began. Read strongly: the step before
    /// this one may have written a moment ago.
    pub async fn load<A: Aggregate>(&self, kind: AggregateKind) -> Result<(A, Option<Timestamp>), StepError> {
        let stream = StreamId::new(self.saga.tenant_id.clone(), kind, &self.saga.project_id)
            .map_err(|error| StepError::Rejected(error.to_string()))?;
        let history = self.task.store.load(&stream, Consistency::Strong).await?;
        Ok((fold(&history)?, history.commits().first().map(|commit| commit.timestamp)))
    }

    /// The project.
    pub async fn project(&self) -> Result<ProjectState, StepError> {
        let (project, created_at): (Project, _) = self.load(AggregateKind::Project).await?;
        match (project.created.clone(), created_at) {
            (Some(created), Some(created_at)) => {
                let identity = format!("{}/{}", self.saga.tenant_id, self.saga.project_id);
                Ok(ProjectState { project, created, created_at, identity })
            }
            _ => Err(StepError::Rejected("the project does not exist".to_owned())),
        }
    }

    /// Sends a command on behalf of the saga. Its id is that of the step, so a second run of the step
    /// sends the same command again.
    pub async fn send(&self, context: &str, command: &str, data: impl Serialize) -> Result<(), StepError> {
        let SagaInput { tenant_id, project_id, correlation_id, attempt, .. } = self.saga;
        let command_id = step_command_id(tenant_id, project_id, *attempt, &self.saga.step_name(self.step));
        let command = InternalCommand {
            principal: Principal::saga(tenant_id.clone()),
            context: context.to_owned(),
            command: command.to_owned(),
            body: json!({ "commandId": command_id, "correlationId": correlation_id, "data": data }),
            tokens: None,
        };
        match self.task.gateway.send(command).await {
            Ok(_) => Ok(()),
            Err(GatewayError::Refused(problem)) => Err(problem.into()),
            Err(error @ GatewayError::Unavailable(_)) => Err(StepError::Retryable(error.to_string())),
        }
    }
}

impl From<Problem> for StepError {
    fn from(problem: Problem) -> Self {
        if problem.is_retryable() {
            Self::Retryable(problem.to_string())
        } else {
            let violations: Vec<_> =
                problem.violations.iter().map(|it| format!("{}: {}", it.field, it.message)).collect();
            Self::Rejected([vec![problem.to_string()], violations].concat().join("; "))
        }
    }
}

impl From<StoreError> for StepError {
    fn from(error: StoreError) -> Self {
        Problem::from(error).into()
    }
}

impl From<TemplateFilesError> for StepError {
    fn from(error: TemplateFilesError) -> Self {
        Problem::from(error).into()
    }
}

impl From<BlobError> for StepError {
    fn from(error: BlobError) -> Self {
        if error.is_retryable() {
            Self::Retryable(error.to_string())
        } else {
            Self::Rejected(error.to_string())
        }
    }
}
