use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;

/// A payload store that did not answer.
#[derive(Debug, thiserror::Error)]
#[error("the store of large payloads is not available")]
pub struct PayloadError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Keeps payloads that are too large for their commits, by key.
#[async_trait]
pub trait PayloadStore: Send + Sync {
    /// Keeps the bytes. They are durable when this returns.
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), PayloadError>;

    /// The bytes, if there are any.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, PayloadError>;
}

/// Payloads in memory.
#[derive(Debug, Default)]
pub struct MemoryPayloads(Mutex<HashMap<String, Vec<u8>>>);

#[async_trait]
impl PayloadStore for MemoryPayloads {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), PayloadError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(key.to_owned(), bytes);
        Ok(())
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, PayloadError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned())
    }
}
