use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::{BlobError, BlobStore, check_key};

/// What a file that holds a blob ends in, so that `a` and `a/b` can both be keys.
const SUFFIX: &str = "#";

/// Keeps blobs as files below a directory. Where the file system ignores case, so do the keys.
#[derive(Debug, Clone)]
pub struct DirectoryBlobs {
    root: PathBuf,
}

impl DirectoryBlobs {
    /// Blobs below `root`, which is made when the first blob is stored.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn place(&self, key: &str) -> Result<PathBuf, BlobError> {
        check_key(key)?;
        Ok(self.root.join(format!("{key}{SUFFIX}")))
    }
}

#[async_trait]
impl BlobStore for DirectoryBlobs {
    async fn put(&self, key: &str, bytes: Vec<u8>) -> Result<(), BlobError> {
        let place = self.place(key)?;
        blocking(move || write(&place, &bytes)).await
    }

    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, BlobError> {
        let place = self.place(key)?;
        blocking(move || absent_is_none(fs::read(place))).await
    }

    async fn delete(&self, key: &str) -> Result<(), BlobError> {
        let place = self.place(key)?;
        blocking(move || absent_is_none(fs::remove_file(place)).map(drop)).await
    }
}

/// A crash leaves the old blob or the new one: the new one is complete before it takes the name.
fn write(place: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = place.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(directory)?;
    let draft = directory.join(format!("{SUFFIX}{}", Uuid::now_v7()));
    let written = File::create_new(&draft).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&draft, place)
    });
    if let Err(error) = written {
        // Why it was not written matters more than that the draft stays.
        let _ = fs::remove_file(&draft);
        return Err(error);
    }
    File::open(directory)?.sync_all()
}

fn absent_is_none<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, BlobError> {
    match spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| BlobError::Unavailable(error.into())),
        Err(error) => Err(BlobError::Unavailable(error.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blobs::contract;

    #[tokio::test]
    async fn keeps_the_contract() {
        let root = tempfile::tempdir().unwrap();
        contract::blob_store(&DirectoryBlobs::new(root.path().join("not/yet/there"))).await;
    }

    #[tokio::test]
    async fn what_is_stored_outlives_the_store_and_nothing_else_stays() {
        let root = tempfile::tempdir().unwrap();
        for text in ["1", "2"] {
            DirectoryBlobs::new(root.path()).put("a/b", text.into()).await.unwrap();
        }
        assert_eq!(DirectoryBlobs::new(root.path()).get("a/b").await.unwrap(), Some(b"2".to_vec()));
        assert_eq!(fs::read_dir(root.path().join("a")).unwrap().count(), 1);
    }

    #[tokio::test]
    async fn a_store_that_cannot_be_written_is_unavailable() {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("a"), "in the way").unwrap();
        let error = DirectoryBlobs::new(root.path()).put("a/b", Vec::new()).await.unwrap_err();
        assert!(error.is_retryable(), "{error:?}");
    }
}
