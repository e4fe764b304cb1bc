use std::time::{Duration, Instant};

use tokio::runtime::{Builder, Runtime};

use super::args::Caller;
use super::failure::Failure;
use super::token;
use crate::client::{Client, ClientError, is_alive};
use crate::data::{DataDir, DataError};
use crate::issuer::Issuer;
use crate::system::{System, SystemError};

/// How long another process may take from opening the data to answering, or from answering to its end.
const PATIENCE: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(50);
/// How many systems that end one after the other a single request may outlive.
const MOST_SUCCESSORS: usize = 10;

/// A system to talk to: one that runs on the data already, or else one of our own.
pub(super) struct Session {
    data: DataDir,
    client: Client,
    own: Option<(Runtime, System)>,
    caller: Caller,
}

impl Session {
    /// Finds or starts a system.
    pub(super) fn open(data: DataDir, caller: Caller) -> Result<Self, Failure> {
        let (url, own) = find_or_start(&data)?;
        let issuer = Issuer::open(data.root())?;
        let client = Client::new(&url, token::own(&issuer, &caller)?);
        Ok(Self { data, client, own, caller })
    }

    /// Whether the system runs in this process.
    pub(super) fn is_own(&self) -> bool {
        self.own.is_some()
    }

    /// Makes a request. If the system we talked to has gone, another takes its place: everything it knew
    /// is on disk, and a request made twice is made once. That one may be another client's and end as soon.
    pub(super) fn request<T>(
        &mut self,
        make: impl Fn(&Client) -> Result<T, ClientError>,
    ) -> Result<T, Failure> {
        for _ in 0..MOST_SUCCESSORS {
            match make(&self.client) {
                Err(ClientError::Unreachable { .. }) if !self.is_own() => {
                    *self = Self::open(self.data.clone(), self.caller.clone())?;
                }
                other => return Ok(other?),
            }
        }
        Ok(make(&self.client)?)
    }

    /// Ends a system of our own.
    pub(super) fn close(self) {
        if let Some((runtime, system)) = self.own {
            runtime.block_on(system.stop());
        }
    }
}

/// The runtime a system runs on.
pub(super) fn runtime() -> Result<Runtime, Failure> {
    Ok(Builder::new_multi_thread().worker_threads(2).enable_all().build()?)
}

fn find_or_start(data: &DataDir) -> Result<(String, Option<(Runtime, System)>), Failure> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let runtime = runtime()?;
        // Only while the directory is in use does its `endpoint.json` count: what a killed process left there
        // may by now be the address of another system.
        let in_use = match runtime.block_on(System::start(data, 0)) {
            Ok(system) => return Ok((system.endpoint().url.clone(), Some((runtime, system)))),
            Err(SystemError::Data(error @ DataError::InUse(..))) => error,
            Err(error) => return Err(error.into()),
        };
        if let Some(endpoint) = data.endpoint().filter(|endpoint| is_alive(&endpoint.url)) {
            return Ok((endpoint.url, None));
        }
        // Somebody is just starting or ending.
        if Instant::now() > deadline {
            return Err(in_use.into());
        }
        std::thread::sleep(PAUSE);
    }
}
