use std::sync::Arc;

use async_trait::async_trait;
use skafu_forge::blobs::BlobStore;
use skafu_store::{PayloadError, PayloadStore};

/// Keeps large payloads among the other blobs.
#[derive(Clone)]
pub struct BlobPayloads(pub Arc<dyn BlobStore>);

#[async_trait]
impl PayloadStore for BlobPayloads {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), PayloadError> {
        self.0.put(key, bytes).await.map_err(|error| PayloadError(Box::new(error)))
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, PayloadError> {
        self.0.get(key).await.map_err(|error| PayloadError(Box::new(error)))
    }
}
