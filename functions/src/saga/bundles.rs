//! What was rendered, kept until the repository exists.

use super::context::Context;
use super::{SagaInput, StepError};
use crate::template_files::sha256;

impl Context<'_> {
    /// Where the attempt keeps what it rendered.
    pub fn bundle_key(&self) -> String {
        self.bundle_key_of(self.saga.attempt)
    }

    fn bundle_key_of(&self, attempt: u32) -> String {
        let SagaInput { tenant_id, project_id, .. } = self.saga;
        // A prefix no tenant can have: the bucket's lifecycle rule removes what is left under it.
        format!("_renders/{tenant_id}/{project_id}/{attempt}.tar")
    }

    /// The bundle of that hash, if an attempt kept one: its key and size in files follow from the content.
    pub async fn kept_bundle(&self, expected: &str) -> Result<Option<(String, Vec<u8>)>, StepError> {
        for attempt in (1..=self.saga.attempt).rev() {
            let key = self.bundle_key_of(attempt);
            let found = self.task.blobs.get(&key).await?;
            if let Some(packed) = found.filter(|packed| sha256(packed) == expected) {
                return Ok(Some((key, packed)));
            }
        }
        Ok(None)
    }

    /// Deletes what this attempt and those before it rendered.
    pub async fn forget_bundles(&self) -> Result<(), StepError> {
        for attempt in 1..=self.saga.attempt {
            self.task.blobs.delete(&self.bundle_key_of(attempt)).await?;
        }
        Ok(())
    }
}
