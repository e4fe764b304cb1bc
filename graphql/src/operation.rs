use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use skafu_domain::Action;
use skafu_store::Order;
use skafu_views::{OperationPart, OperationStatus as Status, OperationView};
use uuid::Uuid;

use crate::access::allow;
use crate::api::Viewer;
use crate::consistency::Range;
use crate::scalar::AwsDateTime;
use crate::session::reader;

/// The most commits of one operation that are looked at. A creation has seven.
const MAX_PARTS: u32 = 500;

/// How far a request got.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Status", rename_items = "lowercase")]
pub(crate) enum OperationStatus {
    /// It is recorded; nothing has been made yet.
    Accepted,
    /// Its steps are under way.
    Running,
    /// Everything it asked for is done.
    Succeeded,
    /// It failed; it had made nothing, or what it made is kept for another attempt.
    Failed,
    /// It failed, and what it made is being undone.
    Compensating,
    /// It failed, and what it had made is undone.
    Compensated,
    /// It failed, and so did the undoing: an operator has to look.
    Stuck,
}

/// How a step ended.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(rename_items = "lowercase")]
pub(crate) enum OperationStepStatus {
    /// It did what it was to do.
    Succeeded,
    /// It did not.
    Failed,
}

/// What failed, and why.
#[derive(SimpleObject)]
pub(crate) struct OperationError {
    /// A stable code.
    code: String,
    /// A sentence for people.
    message: String,
    /// The step that failed.
    step: String,
}

impl From<skafu_views::OperationError> for OperationError {
    fn from(it: skafu_views::OperationError) -> Self {
        Self { code: it.code, message: it.message, step: it.step }
    }
}

/// A step that has ended.
#[derive(SimpleObject)]
pub(crate) struct OperationStep {
    /// What the state machine calls it: `SelectTemplate`.
    name: String,
    /// When nothing stood in its way any more: the step before it had ended.
    started_at: AwsDateTime,
    /// When it ended.
    at: AwsDateTime,
    /// The attempt it belongs to, from 1.
    attempt: u32,
    /// How it ended.
    status: OperationStepStatus,
    /// What it left: a template's revision, the hash of a rendering, a repository's place. Never the thing itself.
    output: Option<String>,
    /// Why it failed, if it did.
    error: Option<OperationError>,
}

/// What became of a request, whatever it led to.
#[derive(SimpleObject)]
pub(crate) struct Operation {
    /// The request.
    correlation_id: ID,
    /// How far it got.
    status: OperationStatus,
    /// The id of the project it is about, else of the first thing it touched.
    resource_id: ID,
    /// The steps that have ended, in that order; a command that needs no steps has none.
    steps: Vec<OperationStep>,
    /// Why it failed, if it did.
    error: Option<OperationError>,
    /// When its first command was accepted.
    started_at: AwsDateTime,
    /// When its last one was; null while it goes on.
    ended_at: Option<AwsDateTime>,
}

impl From<skafu_views::OperationStep> for OperationStep {
    fn from(it: skafu_views::OperationStep) -> Self {
        let status = match it.error {
            Some(_) => OperationStepStatus::Failed,
            None => OperationStepStatus::Succeeded,
        };
        let error = it.error.map(Into::into);
        Self {
            name: it.name,
            started_at: AwsDateTime(it.started_at),
            at: AwsDateTime(it.at),
            attempt: it.attempt,
            status,
            output: it.output,
            error,
        }
    }
}

#[derive(Default)]
pub(crate) struct OperationQueries;

#[Object]
impl OperationQueries {
    /// What became of a request in the caller's tenant; null if nothing is known of it (yet), and for a command
    /// that changed nothing. If several people used the id, the caller's own request is meant, else the first.
    async fn operation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "As the answer to a command names it")] correlation_id: ID,
        #[graphql(name = "consistencyToken", desc = "Of a command's answer: what it wrote is seen")]
        _token: Option<String>,
    ) -> Result<Option<Operation>> {
        of(context, &correlation_id).await
    }
}

/// What became of a request in the viewer's tenant.
pub(crate) async fn of(context: &Context<'_>, correlation_id: &str) -> Result<Option<Operation>> {
    let viewer = context.data::<Viewer>()?;
    allow(viewer, Action::ReadProject, None)?;
    // What is no such id belongs to no request.
    let Ok(id) = Uuid::try_parse(correlation_id) else { return Ok(None) };
    let reader = reader(context)?;
    let keys = reader.keys::<OperationView>(viewer.principal.tenant()).await?;
    let partition = &OperationView::of_correlation(&keys, id);
    let range = Range { partition, prefix: "", order: Order::Ascending, limit: MAX_PARTS, after: None };
    let (parts, _) = reader.list::<OperationView, _>(&keys, range).await?;
    let parts: Vec<OperationPart> = parts.into_iter().map(|(_, part)| part).collect();
    let parts = OperationPart::of_request(parts, viewer.principal.user_id());
    Ok(skafu_views::Operation::of(&parts).map(|it| Operation {
        correlation_id: id.into(),
        status: it.status.into(),
        resource_id: it.resource_id.into(),
        steps: it.steps.into_iter().map(Into::into).collect(),
        error: it.error.map(Into::into),
        started_at: AwsDateTime(it.started_at),
        ended_at: it.ended_at.map(AwsDateTime),
    }))
}
