//! The whole system in one process: every resource of the stack, wired as the template says.

mod build;
mod dead_letters;
mod generations;
mod progress;
mod queue_routes;
mod saga_routes;
mod sagas;

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use skafu_functions::catalogue::CatalogueError;
use skafu_functions::graphql::Documents;
use skafu_store::generations::RegistryError;
use skafu_store::keyring::KeysError;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::bus::BusError;
use crate::cloud_db::CloudDbError;
use crate::data::{DataDir, DataError, Endpoint, OpenDataDir};
use crate::database::DatabaseError;
use crate::edge::EdgeError;
use crate::issuer::{Issuer, KeyError};
use crate::pattern::PatternError;
use crate::queue::QueueError;
use crate::runtime::RuntimeError;
use crate::stack::{StackErrors, YamlError};
use crate::states::{Executions, InvalidDefinition, JournalError};

pub use dead_letters::{DeadLetterError, DeadLetterPage, DeadLetterQueue, DeadLetters, Redriven, Served};
pub use progress::{Progress, Step};
pub use sagas::{SagaError, SagaRun, SagaStep, Sagas, StepState};

/// How long executions may take to come to a rest when the system stops.
const GRACE: Duration = Duration::from_secs(5);

/// Why the system does not start.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant says what its source failed at")]
pub enum SystemError {
    #[error(transparent)]
    Data(#[from] DataError),
    #[error("port {0} is taken: choose another with --port")]
    PortTaken(u16),
    #[error("port {0} cannot be used")]
    Port(u16, #[source] io::Error),
    #[error("the issuer's key cannot be used")]
    Issuer(#[from] KeyError),
    #[error(transparent)]
    Database(#[from] DatabaseError),
    #[error("the embedded cloud's own database cannot be used")]
    Cloud(#[from] CloudDbError),
    #[error("the queues cannot be opened")]
    Queues(#[from] QueueError),
    #[error("the keys of tokens cannot be made")]
    Keys(#[from] KeysError),
    #[error("the buses cannot be opened")]
    Bus(#[from] BusError),
    #[error("the executions cannot be resumed")]
    Executions(#[from] JournalError),
    #[error("the template is not one this cloud can run: {0}")]
    Template(#[from] StackErrors),
    #[error("the event pattern of {0} is not valid")]
    Pattern(String, #[source] PatternError),
    #[error("the definition {0} is not embedded")]
    NoDefinition(String),
    #[error("the definition {0} cannot be read")]
    Definition(String, #[source] YamlError),
    #[error("the definition {0} is not a state machine: {1}")]
    Machine(String, InvalidDefinition),
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    #[error(transparent)]
    Edge(#[from] EdgeError),
    #[error(transparent)]
    Generations(#[from] RegistryError),
    #[error("a thread ended unexpectedly")]
    Join(#[from] tokio::task::JoinError),
    #[error(transparent)]
    Catalogue(#[from] CatalogueError),
}

/// A system that runs.
pub struct System {
    endpoint: Endpoint,
    stale_views: Vec<&'static str>,
    issuer: Arc<Issuer>,
    executions: Executions,
    stop: watch::Sender<bool>,
    stop_database: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    data: OpenDataDir,
}

impl System {
    /// Starts everything on one data directory. Port 0 is any free port. Once this returns, the API
    /// answers, and what an earlier process left undone goes on.
    pub async fn start(data: &DataDir, port: u16) -> Result<Self, SystemError> {
        Self::start_with(data, port, Documents::default()).await
    }

    /// The same, with GraphQL documents that are known beforehand.
    pub async fn start_with(data: &DataDir, port: u16, documents: Documents) -> Result<Self, SystemError> {
        let data = data.open()?;
        let listener = listen(port).await?;
        build::build(data, listener, documents).await
    }

    /// Where it is reached.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The views whose rows were made by another fold than this code's: `skafu views rebuild` mends that.
    pub fn stale_views(&self) -> &[&'static str] {
        &self.stale_views
    }

    /// Who signs its tokens.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// Stops taking requests, lets what is under way come to a rest, and leaves the rest to the next start.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a part of the system ended unexpectedly");
            }
        }
        // In this order: functions under way may still start executions, and all of them need the database.
        self.executions.shutdown(GRACE).await;
        self.stop_database.send_replace(true);
        drop(self.data);
    }
}

async fn listen(port: u16) -> Result<TcpListener, SystemError> {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => SystemError::PortTaken(port),
        _ => SystemError::Port(port, error),
    })
}
