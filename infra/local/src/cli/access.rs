use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::failure::Failure;
use crate::client::is_alive;
use crate::data::{DataDir, DataError, Endpoint, OpenDataDir};

/// How long another process may take from opening the data to answering, or from answering to its end.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);

/// A way to what is in a data directory.
pub(super) enum Access {
    /// By the system that runs on it.
    Running(Endpoint),
    /// By this process alone, for nobody else has it open.
    Ours(OpenDataDir),
}

impl Access {
    /// Finds the system, or opens the directory. Blocking.
    pub(super) fn to(data: &DataDir) -> Result<Self, Failure> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // Only while the directory is in use does its `endpoint.json` count: what a killed process left
            // there may by now be the address of another system.
            let in_use = match data.open() {
                Ok(open) => return Ok(Self::Ours(open)),
                Err(error @ DataError::InUse(..)) => error,
                Err(error) => return Err(error.into()),
            };
            if let Some(endpoint) = data.endpoint().filter(|endpoint| is_alive(&endpoint.url)) {
                return Ok(Self::Running(endpoint));
            }
            // Somebody is just starting or ending.
            if Instant::now() > deadline {
                return Err(in_use.into());
            }
            thread::sleep(PAUSE);
        }
    }
}

/// The data directory, if there is data in it: looking must not make any. If not, `way_out` says what else
/// there is to choose.
pub(super) fn existing(root: &Path, way_out: &str) -> Result<DataDir, Failure> {
    if root.join("dynamodb.db").is_file() {
        return Ok(DataDir::new(root)?);
    }
    let message = format!("there is no data in {}: choose {way_out}", root.display());
    Err(Failure::new("NO_DATA", message))
}
