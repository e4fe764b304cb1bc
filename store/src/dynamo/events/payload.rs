use serde_json::Value;
use sha2::{Digest, Sha256};
use skafu_events::{Commit, DataRef, RecordedEvent, Tenant};

use super::DynamoEventStore;
use crate::StoreError;
use crate::events::spilled;

/// Where a payload is kept: by tenant and content.
fn key(tenant: &Tenant, sha256: &str) -> String {
    format!("{tenant}/payloads/{sha256}")
}

impl DynamoEventStore {
    /// The commit as it goes into the table: what does not fit is kept outside first, so that a commit
    /// never refers to what is not there. A payload whose commit is then refused is only garbage.
    pub(super) async fn spill(&self, commit: &Commit) -> Result<Commit, StoreError> {
        let texts: Vec<String> = commit.events.iter().map(|event| event.data.to_string()).collect();
        let sizes: Vec<usize> = texts.iter().map(String::len).collect();
        let mut slim = commit.clone();
        for at in spilled(&sizes) {
            let Some(payloads) = &self.payloads else {
                let message =
                    format!("a payload of {} bytes does not fit, and no store for it is set up", sizes[at]);
                return Err(StoreError::OutOfBounds(message));
            };
            let sha256: String =
                Sha256::digest(&texts[at]).iter().map(|byte| format!("{byte:02x}")).collect();
            let key = key(commit.stream.tenant(), &sha256);
            let put = payloads.put(&key, texts[at].clone().into_bytes()).await;
            put.map_err(|error| StoreError::unavailable("PutPayload", error))?;
            slim.events[at].data = Value::Null;
            slim.events[at].data_ref = Some(DataRef { sha256, size: sizes[at] as u64 });
        }
        Ok(slim)
    }

    /// Fetches what the commit keeps outside.
    pub(super) async fn resolve(&self, mut commit: Commit) -> Result<Commit, StoreError> {
        let tenant = commit.stream.tenant().clone();
        for event in &mut commit.events {
            if let Some(found) = self.fetch(&tenant, event).await? {
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
