use skafu_domain::project::RecordRendering;
use skafu_forge::bundle;

use super::context::{Context, ProjectState};
use super::select::{refused, tenant};
use super::{Rendering, StepError};
use crate::template_files;

impl Context<'_> {
    /// Renders the pinned revision with the settled parameters and keeps the result.
    pub async fn render_template(&self) -> Result<Rendering, StepError> {
        let state = self.project().await?;
        state.must_be_under_way(self.saga.attempt)?;
        if let Some(rendering) = self.rendered_before(&state).await? {
            return Ok(rendering);
        }
        let selection = state.project.selection.as_ref();
        let selection = selection.ok_or_else(|| StepError::Rejected("no template is selected".to_owned()))?;
        let tenant = tenant(&selection.template_tenant)?;
        let files =
            template_files::fetch_revision(&*self.task.blobs, &tenant, &selection.template_revision).await?;
        let renderer = self.task.renderers.of(&tenant);
        let parameters = selection.parameters.clone();
        let rendered = renderer.render(files, parameters, state.facts()).await.map_err(refused)?;
        let packed = bundle::pack(&rendered).map_err(|error| StepError::Rejected(error.to_string()))?;
        let rendering = Rendering {
            bundle_key: self.bundle_key(),
            bundle_sha256: template_files::sha256(&packed),
            file_count: rendered.len() as u32,
        };
        self.task.blobs.put(&rendering.bundle_key, packed).await?;
        let command = RecordRendering {
            project_id: self.saga.project_id.clone(),
            attempt: self.saga.attempt,
            bundle_sha256: rendering.bundle_sha256.clone(),
            file_count: rendering.file_count,
        };
        self.send("project", "RecordRendering", command).await?;
        Ok(rendering)
    }

    /// What an earlier attempt, or an earlier run of this step, has rendered and recorded.
    async fn rendered_before(&self, state: &ProjectState) -> Result<Option<Rendering>, StepError> {
        let Some(recorded) = &state.project.bundle_sha256 else { return Ok(None) };
        let Some((bundle_key, packed)) = self.kept_bundle(recorded).await? else { return Ok(None) };
        let files = bundle::unpack(&packed).map_err(|error| StepError::Rejected(error.to_string()))?;
        Ok(Some(Rendering { bundle_key, bundle_sha256: recorded.clone(), file_count: files.len() as u32 }))
    }
}
