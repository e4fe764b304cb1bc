//! The data directory: everything a system keeps, and which process has it open.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Where a running system is reached; what `endpoint.json` holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Endpoint {
    /// The HTTP API.
    pub url: String,
    /// The embedded DynamoDB.
    pub dynamodb_url: String,
    /// The process that runs it.
    pub pid: u32,
    /// The hash of each view's fold in the code that runs.
    #[serde(default)]
    pub folds: BTreeMap<String, String>,
}

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataError {
    /// Another process has it open.
    #[error("the data directory {0} is in use by {1}: stop that, or choose another directory with --data")]
    InUse(PathBuf, String),
    /// It cannot be made, read or written.
    #[error("the data directory {0} cannot be used: choose another with --data")]
    Unusable(PathBuf, #[source] io::Error),
}

/// A data directory that may or may not be in use.
#[derive(Debug, Clone)]
pub struct DataDir {
    root: PathBuf,
}

/// A data directory that this process alone uses, until this value is dropped or the process ends.
#[derive(Debug)]
pub struct OpenDataDir {
    data: DataDir,
    _lock: File,
}

impl DataDir {
    /// The directory, made if it is not there.
    pub fn new(root: &Path) -> Result<Self, DataError> {
        let unusable = |error| DataError::Unusable(root.to_owned(), error);
        // Whoever can read it can sign tokens and read what every tenant has.
        fs::DirBuilder::new().recursive(true).mode(0o700).create(root).map_err(unusable)?;
        Ok(Self { root: root.canonicalize().map_err(unusable)? })
    }

    /// The directory, as an absolute path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the repositories are.
    pub fn repositories(&self) -> PathBuf {
        self.root.join("repositories")
    }

    /// Where the running system says it is, whether or not it still runs.
    pub fn endpoint(&self) -> Option<Endpoint> {
        let text = fs::read(self.root.join("endpoint.json")).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// Takes the directory for this process. The lock is the kernel's: it ends with the process, however
    /// that ends.
    pub fn open(&self) -> Result<OpenDataDir, DataError> {
        let unusable = |error| DataError::Unusable(self.root.clone(), error);
        let lock = OpenOptions::new().create(true).append(true).mode(0o600).open(self.root.join("lock"));
        let lock = lock.map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {
                self.forget_endpoint();
                Ok(OpenDataDir { data: self.clone(), _lock: lock })
            }
            Err(TryLockError::WouldBlock) => {
                let holder = self.endpoint().map(|it| format!("process {} at {}", it.pid, it.url));
                let holder = holder.unwrap_or_else(|| "another process".to_owned());
                Err(DataError::InUse(self.root.clone(), holder))
            }
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    /// Says no longer where the system is. To be called by the holder of the lock only.
    fn forget_endpoint(&self) {
        match fs::remove_file(self.root.join("endpoint.json")) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                // Nobody is misled for long: who reads the file also asks whether the system answers.
                tracing::debug!(%error, "endpoint.json was not removed");
            }
            _ => {}
        }
    }
}

impl OpenDataDir {
    /// The directory itself.
    pub fn dir(&self) -> &DataDir {
        &self.data
    }

    /// Tells others where the system is reached. Readable by the owner alone.
    pub fn announce(&self, endpoint: &Endpoint) -> Result<(), DataError> {
        let path = self.data.root.join("endpoint.json");
        let draft = self.data.root.join("endpoint.json.new");
        let write = || {
            let mut file =
                OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(&draft)?;
            serde_json::to_writer(&mut file, endpoint)?;
            file.flush()?;
            fs::rename(&draft, &path)
        };
        write().map_err(|error| DataError::Unusable(self.data.root.clone(), error))
    }
}

impl Drop for OpenDataDir {
    fn drop(&mut self) {
        self.data.forget_endpoint();
    }
}
