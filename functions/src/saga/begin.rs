use skafu_domain::project::BeginProvisioning;
use skafu_events::project::AiAnalysis;

use super::context::Context;
use super::{Analysis, Plan, StepError};

impl Context<'_> {
    /// Begins the attempt. A project that awaits another one, or none, refuses.
    pub async fn begin_provisioning(&self) -> Result<Plan, StepError> {
        let wanted = self.project().await?.created.options.ai_analysis;
        let (project_id, attempt) = (self.saga.project_id.clone(), self.saga.attempt);
        self.send("project", "BeginProvisioning", BeginProvisioning { project_id, attempt }).await?;
        let requested = match wanted {
            AiAnalysis::Skip => false,
            AiAnalysis::Auto => self.task.analysis_provider.is_some(),
            AiAnalysis::Required => true,
        };
        Ok(Plan {
            analysis: if requested { Analysis::Request } else { Analysis::Skip },
            analysis_required: wanted == AiAnalysis::Required,
        })
    }

    /// Asks for an analysis. No provider is known yet, so whoever insists on one is told.
    pub fn request_analysis(&self) -> StepError {
        StepError::Rejected(match &self.task.analysis_provider {
            Some(_) => "the analysis provider is not one this version knows".to_owned(),
            None => "no analysis provider is configured".to_owned(),
        })
    }
}
