//! Bytes kept by key.

#[cfg(any(test, feature = "contract"))]
pub mod contract;
mod directory;
mod memory;

use async_trait::async_trait;

pub use directory::DirectoryBlobs;
pub use memory::MemoryBlobs;

/// The longest key, in bytes: what every object store takes.
const MAX_KEY: usize = 1024;

/// Why a blob was not stored, read or removed.
#[derive(Debug, thiserror::Error)]
pub enum BlobError {
    /// The store could not be reached or refused for now; the same call may succeed later.
    #[error("the blob store is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Not a key: letters, digits, `.`, `_`, `:`, `-` in parts between `/`, no part empty, `.` or `..`.
    #[error("`{0}` is not a key of a blob")]
    InvalidKey(String),
}

impl BlobError {
    /// Whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_))
    }
}

/// Keeps bytes by key. Every call is atomic: a reader sees all of a blob or none of it.
#[async_trait]
pub trait BlobStore: Send + Sync {
    /// Stores the bytes, replacing what was there. They are durable when this returns.
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), BlobError>;

    /// The bytes, or `None` if there is no such blob.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, BlobError>;

    /// Removes the blob. One that is not there is no error.
    async fn delete(&self, key: &str) -> Result<(), BlobError>;
}

/// Refuses what is no key. Every implementation calls this first.
pub fn check_key(key: &str) -> Result<(), BlobError> {
    let is_part = |part: &str| {
        !matches!(part, "" | "." | "..")
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:-".contains(&b))
    };
    if key.len() <= MAX_KEY && key.split('/').all(is_part) {
        Ok(())
    } else {
        Err(BlobError::InvalidKey(key.to_owned()))
    }
}
