use std::env;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_types::SdkConfig;
use lambda_runtime::Error;
use skafu_forge::sandbox::SandboxError;
use skafu_store::aws::{Connection, MissingVariable};
use skafu_store::{Chain, DynamoEventStore, DynamoViewStore, EventStore, ViewStore};
use tracing_subscriber::EnvFilter;

use crate::failures::Watched;
use crate::graphql::{BlobDocuments, Documents, UnknownTrust};
use crate::rendering::Renderers;
use crate::{BlobPayloads, SystemClock};

use super::{ErrorBus, EventBridgePublisher, LambdaGateway, S3Blobs, SqsQueue, StepFunctions};

/// Why a function cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The stack does not set what the function needs.
    #[error("the environment variable {0} is not set")]
    Variable(String),
    /// Lambda's own variables are missing: this is not Lambda.
    #[error(transparent)]
    Connection(#[from] MissingVariable),
    /// A variable that is no number.
    #[error("the environment variable {0} is no number")]
    Number(&'static str, #[source] std::num::ParseIntError),
    /// A variable that says what a manifest of trusted documents is worth, and does not.
    #[error("the environment variable {0} says nothing")]
    Trust(&'static str, #[source] UnknownTrust),
    /// Templates cannot be rendered safely.
    #[error("templates cannot be rendered apart")]
    Sandbox(#[from] SandboxError),
}

/// How a function's process ends: what kept it from serving is told once, here.
pub fn served(served: Result<(), Error>) -> ExitCode {
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(error = %Chain(&*error), "the function ends");
            ExitCode::FAILURE
        }
    }
}

/// What a function finds around it: its variables, and clients made once per instance.
pub struct Environment {
    config: SdkConfig,
}

impl Environment {
    /// Starts logging, as JSON lines, and reads where and as whom to connect.
    pub fn start() -> Result<Self, StartError> {
        let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
        tracing_subscriber::fmt().json().with_env_filter(filter).with_current_span(false).init();
        Ok(Self { config: Connection::from_environment()?.sdk_config() })
    }

    /// A variable the stack sets.
    pub fn variable(&self, name: &str) -> Result<String, StartError> {
        env::var(name).map_err(|_| StartError::Variable(name.to_owned()))
    }

    /// The event table, with the bucket that takes payloads too large for it.
    pub fn events(&self) -> Result<Arc<dyn EventStore>, StartError> {
        let store = DynamoEventStore::new(Client::new(&self.config), self.variable("EVENT_TABLE")?);
        let blobs = Arc::new(self.blobs()?);
        Ok(Arc::new(store.with_payloads(Arc::new(BlobPayloads(blobs)))))
    }

    /// The view table.
    pub fn views(&self) -> Result<Arc<dyn ViewStore>, StartError> {
        Ok(Arc::new(DynamoViewStore::new(Client::new(&self.config), self.variable("VIEW_TABLE")?)))
    }

    /// The bus.
    pub fn bus(&self) -> Result<EventBridgePublisher, StartError> {
        Ok(EventBridgePublisher::new(&self.config, self.variable("BUS_NAME")?))
    }

    /// What tells of this function's failures.
    pub fn watched(&self) -> Result<Watched, StartError> {
        let reports = Arc::new(ErrorBus::new(&self.config, self.variable("ERROR_BUS")?));
        Ok(Watched::new(self.variable("AWS_LAMBDA_FUNCTION_NAME")?, reports, Arc::new(SystemClock)))
    }

    /// What renders templates, those of tenants for so long at most.
    pub fn renderers(&self, time: Duration) -> Result<Renderers, StartError> {
        const VARIABLE: &str = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE";
        let mib = self.variable(VARIABLE)?.parse::<u64>();
        let mib = mib.map_err(|error| StartError::Number(VARIABLE, error))?;
        Ok(Renderers::sandboxed(mib * 1024 * 1024, time)?)
    }

    /// The queue whose URL is in that variable.
    pub fn queue(&self, variable: &str) -> Result<SqsQueue, StartError> {
        Ok(SqsQueue::new(&self.config, self.variable(variable)?))
    }

    /// The bucket of templates, renderings and repositories.
    pub fn blobs(&self) -> Result<S3Blobs, StartError> {
        Ok(S3Blobs::new(&self.config, self.variable("CONTENT_BUCKET")?))
    }

    /// The documents of GraphQL requests, trusted as far as the stack says.
    pub fn documents(&self) -> Result<Documents, StartError> {
        const VARIABLE: &str = "TRUSTED_DOCUMENTS";
        let trust = self.variable(VARIABLE)?.parse();
        let trust = trust.map_err(|error| StartError::Trust(VARIABLE, error))?;
        let source = BlobDocuments(Arc::new(self.blobs()?));
        Ok(Documents::new(trust, Arc::new(source), Arc::new(SystemClock)))
    }

    /// The `commands` function.
    pub fn gateway(&self) -> Result<LambdaGateway, StartError> {
        Ok(LambdaGateway::new(&self.config, self.variable("COMMANDS_FUNCTION")?))
    }

    /// The state machine.
    pub fn workflows(&self) -> Result<StepFunctions, StartError> {
        Ok(StepFunctions::new(&self.config, self.variable("STATE_MACHINE_ARN")?))
    }
}
