use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use skafu_forge::blobs::BlobStore;

/// Under which key a manifest is kept among blobs.
pub const MANIFEST_KEY: &str = "trusted-documents.json";

/// The manifest cannot be had for now.
#[derive(Debug, thiserror::Error)]
#[error("the manifest is not available")]
pub struct SourceError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Where a manifest of trusted documents is kept.
#[async_trait]
pub trait DocumentSource: Send + Sync {
    /// The manifest's bytes as they stand now; none if there is no manifest.
    async fn manifest(&self) -> Result<Option<Vec<u8>>, SourceError>;
}

/// A manifest in memory, for tests.
#[derive(Debug, Default)]
pub struct MemoryDocuments {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    manifest: Option<Vec<u8>>,
    out_of_reach: bool,
    reads: usize,
}

impl MemoryDocuments {
    /// The manifest is this from now on, or there is none; and it can be had.
    pub fn put(&self, manifest: Option<&str>) {
        let mut kept = self.kept();
        kept.manifest = manifest.map(|text| text.as_bytes().to_vec());
        kept.out_of_reach = false;
    }

    /// From now on the manifest cannot be had.
    pub fn lose(&self) {
        self.kept().out_of_reach = true;
    }

    /// How often it was asked for.
    pub fn reads(&self) -> usize {
        self.kept().reads
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl DocumentSource for MemoryDocuments {
    async fn manifest(&self) -> Result<Option<Vec<u8>>, SourceError> {
        let mut kept = self.kept();
        kept.reads += 1;
        if kept.out_of_reach { Err(SourceError("out of reach".into())) } else { Ok(kept.manifest.clone()) }
    }
}

/// A manifest among blobs, under [`MANIFEST_KEY`].
pub struct BlobDocuments(pub Arc<dyn BlobStore>);

#[async_trait]
impl DocumentSource for BlobDocuments {
    async fn manifest(&self) -> Result<Option<Vec<u8>>, SourceError> {
        self.0.get(MANIFEST_KEY).await.map_err(|error| SourceError(Box::new(error)))
    }
}
