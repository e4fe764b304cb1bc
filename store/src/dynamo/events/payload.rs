use serde_json::Value;
use sha2::{Digest, Sha256};
use skafu_events::{Commit, DataRef, RecordedEvent, Tenant};

use super::DynamoEventStore;
use crate::StoreError;
use crate::dynamo::codec::Content;
use crate::events::spilled;

/// Where a payload is kept: by tenant and content.
fn key(tenant: &Tenant, sha256: &str) -> String {
    format!("{tenant}/payloads/{sha256}")
}

impl DynamoEventStore {
    /// What stands in the table for each payload: itself, or where it is kept. What does not fit is kept
    /// outside first, so that a commit never refers to what is not there. A payload whose commit is then
    /// refused is only garbage.
    pub(super) async fn spill(&self, commit: &Commit) -> Result<Vec<Content>, StoreError> {
        let texts: Vec<String> = commit.events.iter().map(|event| event.data.to_string()).collect();
        let sizes: Vec<usize> = texts.iter().map(String::len).collect();
        let mut contents: Vec<Content> = texts.into_iter().map(Content::Inside).collect();
        for at in spilled(&sizes) {
            if let Content::Inside(text) = &mut contents[at] {
                let reference = self.keep_outside(commit.stream.tenant(), std::mem::take(text)).await?;
                contents[at] = Content::Outside(reference);
            }
        }
        Ok(contents)
    }

    async fn keep_outside(&self, tenant: &Tenant, text: String) -> Result<DataRef, StoreError> {
        let size = text.len();
        let Some(payloads) = &self.payloads else {
            let message = format!("a payload of {size} bytes does not fit, and no store for it is set up");
            return Err(StoreError::OutOfBounds(message));
        };
        let sha256: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
        let put = payloads.put(&key(tenant, &sha256), text.into_bytes()).await;
        put.map_err(|error| StoreError::unavailable("PutPayload", error))?;
        Ok(DataRef { sha256, size: size as u64 })
    }

    /// Fetches what the commit keeps outside.
    pub(super) async fn resolve(&self, mut commit: Commit) -> Result<Commit, StoreError> {
        for event in &mut commit.events {
            if let Some(found) = self.fetch(commit.stream.tenant(), event).await? {
                event.data = found;
                event.data_ref = None;
            }
        }
        Ok(commit)
    }

    async fn fetch(&self, tenant: &Tenant, event: &RecordedEvent) -> Result<Option<Value>, StoreError> {
        let Some(reference) = &event.data_ref else { return Ok(None) };
        let key = key(tenant, &reference.sha256);
        let missing = || StoreError::MissingPayload { key: key.clone() };
        let payloads = self.payloads.as_ref().ok_or_else(missing)?;
        let bytes = payloads.get(&key).await.map_err(|error| StoreError::unavailable("GetPayload", error))?;
        let bytes = bytes.ok_or_else(missing)?;
        serde_json::from_slice(&bytes).map(Some).map_err(|_| missing())
    }
}
