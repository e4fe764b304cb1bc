use skafu_domain::project::SelectTemplate;
use skafu_events::Tenant;
use skafu_forge::sandbox::RenderFailure;
use skafu_forge::template::Finding;
use skafu_store::{Chain, Consistency};

use super::context::Context;
use super::{Selection, StepError};
use crate::{template_files, templates};

impl Context<'_> {
    /// Pins the template's revision and settles every parameter, unless an earlier attempt has.
    pub async fn select_template(&self) -> Result<Selection, StepError> {
        let state = self.project().await?;
        state.must_be_under_way(self.saga.attempt)?;
        if let Some(selected) = &state.project.selection {
            return Ok(Selection {
                template_tenant: tenant(&selected.template_tenant)?,
                template_revision: selected.template_revision.clone(),
            });
        }
        let id = &state.created.template_id;
        let found = templates::find(&*self.task.store, &self.saga.tenant_id, id, Consistency::Strong).await?;
        let found =
            found.ok_or_else(|| StepError::Rejected(format!("the template {id} is not published")))?;
        let revision = found.published.revision;
        let files = template_files::fetch_revision(&*self.task.blobs, &found.tenant, &revision).await?;
        let renderer = self.task.renderers.of(&found.tenant);
        let given = state.created.template_parameters.clone();
        let parameters = renderer.resolve(files, given, state.facts()).await.map_err(refused)?;
        let command = SelectTemplate {
            project_id: self.saga.project_id.clone(),
            attempt: self.saga.attempt,
            template_tenant: found.tenant.to_string(),
            template_revision: revision.clone(),
            parameters,
        };
        self.send("project", "SelectTemplate", command).await?;
        Ok(Selection { template_tenant: found.tenant, template_revision: revision })
    }
}

/// A recorded tenant. Only what was one gets recorded.
pub(super) fn tenant(recorded: &str) -> Result<Tenant, StepError> {
    Tenant::try_from(recorded.to_owned()).map_err(|error| StepError::Rejected(error.to_string()))
}

/// Why nothing was resolved or rendered.
pub(super) fn refused(failure: RenderFailure) -> StepError {
    match failure {
        RenderFailure::Findings(findings) => rejected(&findings),
        RenderFailure::Render(error) => StepError::Rejected(error.to_string()),
        RenderFailure::Unavailable(error) => StepError::Retryable(Chain(&error).to_string()),
    }
}

fn rejected(findings: &[Finding]) -> StepError {
    let findings: Vec<_> = findings
        .iter()
        .filter(|finding| finding.is_error())
        .map(crate::commands::violation)
        .map(|violation| format!("{}: {} ({})", violation.field, violation.message, violation.code))
        .collect();
    StepError::Rejected(findings.join("; "))
}
