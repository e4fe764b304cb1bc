use std::sync::Arc;

use async_trait::async_trait;

use super::{
    Configured, CreatedRepository, Discarded, NewRepository, Policies, ProviderError, RepositoryProvider,
    commit, created, location,
};
use crate::blobs::{BlobError, BlobStore};
use crate::git::{self, MAIN_REF};

/// Keeps each repository as one git bundle, which `git clone` reads, in a [`BlobStore`].
///
/// Nobody pushes to a bundle, so one that names the expected commit alone is untouched.
#[derive(Clone)]
pub struct BundleStore {
    blobs: Arc<dyn BlobStore>,
}

impl BundleStore {
    /// Bundles in `blobs`.
    pub fn new(blobs: Arc<dyn BlobStore>) -> Self {
        Self { blobs }
    }

    async fn heads(&self, location: &str) -> Result<Option<Vec<(String, String)>>, ProviderError> {
        let found = self.blobs.get(location).await.map_err(unavailable)?;
        // What is no bundle has no heads, and so is never taken for ours.
        Ok(found.map(|bytes| git::bundle_heads(&bytes).unwrap_or_default()))
    }
}

#[async_trait]
impl RepositoryProvider for BundleStore {
    async fn create(&self, new: &NewRepository<'_>) -> Result<CreatedRepository, ProviderError> {
        let location = location(new.tenant, new.project_id, new.name, ".bundle")?;
        let commit = commit(new)?;
        match self.heads(&location).await? {
            Some(heads) if is_initial(&heads, Some(&commit.id.to_string())) => {}
            Some(_) => return Err(ProviderError::Taken(location)),
            None => {
                let bundle = git::bundle(&commit).map_err(|error| ProviderError::Content(error.into()))?;
                self.blobs.put(&location, bundle).await.map_err(unavailable)?;
            }
        }
        Ok(created(location, &commit, new))
    }

    /// A bundle is a file to download: there is nothing about it to configure.
    async fn configure(
        &self,
        tenant: &str,
        project_id: &str,
        name: &str,
        policies: Policies<'_>,
    ) -> Result<Configured, ProviderError> {
        let location = location(tenant, project_id, name, ".bundle")?;
        if self.heads(&location).await?.is_none() {
            return Err(ProviderError::Missing(location));
        }
        Ok(Configured { applied: Vec::new(), skipped: policies.names().collect() })
    }

    async fn discard(
        &self,
        tenant: &str,
        project_id: &str,
        name: &str,
        initial_commit_id: Option<&str>,
    ) -> Result<Discarded, ProviderError> {
        let location = location(tenant, project_id, name, ".bundle")?;
        match self.heads(&location).await? {
            None => Ok(Discarded::Absent),
            Some(heads) if is_initial(&heads, initial_commit_id) => {
                self.blobs.delete(&location).await.map_err(unavailable)?;
                Ok(Discarded::Removed)
            }
            Some(_) => Ok(Discarded::KeptTouched),
        }
    }
}

/// Whether the heads are those of a bundle as it was made.
fn is_initial(heads: &[(String, String)], expected: Option<&str>) -> bool {
    match heads {
        [(branch, id), (head, same)] => {
            branch == MAIN_REF
                && head == "HEAD"
                && id == same
                && expected.is_none_or(|expected| expected == id)
        }
        _ => false,
    }
}

fn unavailable(error: BlobError) -> ProviderError {
    match error {
        BlobError::InvalidKey(key) => ProviderError::InvalidName(key),
        BlobError::Unavailable(_) => ProviderError::Unavailable(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blobs::{DirectoryBlobs, MemoryBlobs};
    use crate::repositories::contract;

    #[tokio::test]
    async fn keeps_the_contract_in_memory() {
        contract::repository_provider(&BundleStore::new(Arc::new(MemoryBlobs::default()))).await;
    }

    #[tokio::test]
    async fn keeps_the_contract_on_disk() {
        let root = tempfile::tempdir().unwrap();
        contract::repository_provider(&BundleStore::new(Arc::new(DirectoryBlobs::new(root.path())))).await;
    }

    #[tokio::test]
    async fn a_foreign_blob_is_neither_overwritten_nor_removed() {
        let blobs = Arc::new(MemoryBlobs::default());
        let newer =
            format!("# v2 git bundle\n{0} {MAIN_REF}\n{0} refs/heads/work\n{0} HEAD\n\n", "a".repeat(40));
        for foreign in ["notes", newer.as_str()] {
            blobs.put("t/p/shop.bundle", foreign.into()).await.unwrap();
            let store = BundleStore::new(blobs.clone());
            let made = store.create(&contract::sample("p", "shop", &contract::files("x"))).await;
            assert!(matches!(made, Err(ProviderError::Taken(_))));
            assert_eq!(store.discard("t", "p", "shop", None).await.unwrap(), Discarded::KeptTouched);
        }
    }
}
