//! The functions themselves: the same handlers as in Lambda, called with the same JSON.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use skafu_forge::blobs::BlobStore;
use skafu_forge::repositories::RepositoryProvider;
use skafu_forge::sandbox::{Sandbox, SandboxError};
use skafu_forge::source::Limits;
use skafu_functions::SystemClock;
use skafu_functions::command_sender::GatewaySender;
use skafu_functions::commands::Commands;
use skafu_functions::gateway::DirectGateway;
use skafu_functions::graphql::Graphql;
use skafu_functions::projections::{Projections, feed, feeds};
use skafu_functions::queues::MessageQueue;
use skafu_functions::rebuild::{RebuildTask, TaskError};
use skafu_functions::relay::{Redrive, Relay, RelayQueues};
use skafu_functions::rendering::Renderers;
use skafu_functions::saga::{SagaStart, SagaTask, StepError, Workflows};
use skafu_functions::sweep::Sweep;
use skafu_graphql::{GraphqlApi, Settings};
use skafu_store::{EventStore, ViewStore};

use crate::bus::Bus;
use crate::invoke::{FunctionFailure, Invoke};
use crate::ports::{LocalPublisher, LocalQueue, LocalWorkflows};
use crate::queue::Queues;
use crate::stack::Function;
use crate::states::Executions;

/// What a rendering may take, in bytes, and how long: as for the function on AWS.
const RENDERING_MEMORY: u64 = 256 * 1024 * 1024;
const RENDERING: Duration = Duration::from_secs(10);

/// A function that cannot be made from its description.
#[derive(Debug, thiserror::Error)]
pub enum RuntimeError {
    /// There is no such binary.
    #[error("the function {0} runs `{1}`, which is none of the project's binaries")]
    UnknownBinary(String, String),
    /// The template does not set what the binary needs.
    #[error("the function {0} lacks the environment variable {1}")]
    Variable(String, &'static str),
    /// The view it is for does not exist.
    #[error("the function {0} cannot start: {1}")]
    View(String, String),
    /// The queue it writes to does not exist.
    #[error("the function {0} writes to `{1}`, which is no queue of the stack")]
    Queue(String, String),
}

/// What the functions of one machine share.
pub struct Shared {
    /// The event table.
    pub events: Arc<dyn EventStore>,
    /// The view table.
    pub views: Arc<dyn ViewStore>,
    /// Template files and renderings.
    pub blobs: Arc<dyn BlobStore>,
    /// Where repositories are kept.
    pub repositories: Arc<dyn RepositoryProvider>,
    /// What repositories' locations are relative to.
    pub repositories_url: String,
    /// All buses.
    pub bus: Bus,
    /// All queues.
    pub queues: Queues,
    /// The one command handler, which other functions call in process.
    pub commands: Arc<Commands>,
}

/// Templates that somebody published are rendered in processes of their own. A program that cannot be started as
/// one of them, such as a test, renders its own templates only; where it fails for another reason, none is rendered.
fn renderers() -> Renderers {
    match Sandbox::of_this_program(Limits::PLATFORM, RENDERING_MEMORY, RENDERING) {
        Ok(sandbox) => Renderers::new(Arc::new(sandbox)),
        Err(SandboxError::NotAWorker) => {
            tracing::warn!("this program is no worker: every template is rendered in its own process");
            Renderers::trusting()
        }
        Err(error) => {
            tracing::error!(%error, "templates of tenants cannot be rendered");
            Renderers::new(Arc::new(Sandbox::of("".into(), Limits::PLATFORM, RENDERING_MEMORY, RENDERING)))
        }
    }
}

impl Shared {
    /// The command handler over a store and blobs, with its keys in the view table.
    pub fn commands(
        events: Arc<dyn EventStore>,
        views: Arc<dyn ViewStore>,
        blobs: Arc<dyn BlobStore>,
    ) -> Arc<Commands> {
        let commands = Commands::new(events, blobs, Arc::new(SystemClock), renderers());
        Arc::new(commands.with_tokens(views))
    }

    /// The function of that description. Those that start state machines need `executions`; those that
    /// state machines call are made before there are any.
    pub fn function(
        &self,
        function: &Function,
        executions: Option<&Executions>,
    ) -> Result<Option<Arc<dyn Invoke>>, RuntimeError> {
        let id = &function.logical_id;
        let variable = |name: &'static str| {
            let value = function.environment.get(name).cloned();
            value.ok_or_else(|| RuntimeError::Variable(id.clone(), name))
        };
        let limit = Duration::from_secs(u64::from(function.timeout_seconds));
        let starts = starts_machines(&function.environment);
        Ok(Some(match function.binary.as_str() {
            "commands" => {
                let commands = Arc::clone(&self.commands);
                bound(limit, move |event| {
                    let commands = Arc::clone(&commands);
                    async move { commands.handle(event).await.map_err(|error| unreadable(&error)) }
                })
            }
            "relay" if redrives(&function.environment) => {
                let redrive =
                    Redrive::new(Arc::clone(&self.events), Arc::new(self.publisher(variable("BUS_NAME")?)));
                let redrive = Arc::new(redrive);
                typed(limit, move |event| {
                    let redrive = Arc::clone(&redrive);
                    async move { redrive.handle(event).await }
                })
            }
            "relay" => {
                let queues = RelayQueues {
                    unpublished: self.queue(id, variable("UNPUBLISHED_QUEUE")?)?,
                    sweep: self.queue(id, variable("SWEEP_QUEUE")?)?,
                };
                let bus = self.publisher(variable("BUS_NAME")?);
                let relay = Arc::new(Relay::new(Arc::new(bus), queues));
                typed(limit, move |event| {
                    let relay = Arc::clone(&relay);
                    async move { relay.handle(event).await }
                })
            }
            "projections" => {
                let (events, views) = (Arc::clone(&self.events), Arc::clone(&self.views));
                let feed = feed(&variable("VIEW")?, events, views)
                    .map_err(|error| RuntimeError::View(id.clone(), error.to_string()))?;
                let projections = Arc::new(Projections::new(feed));
                typed(limit, move |event| {
                    let projections = Arc::clone(&projections);
                    async move { projections.handle(event).await }
                })
            }
            "graphql" => {
                // Whoever runs this is its developer.
                let settings =
                    Settings { repositories_url: self.repositories_url.clone(), introspection: true };
                let (views, events) = (Arc::clone(&self.views), Arc::clone(&self.events));
                let commands = DirectGateway(Arc::clone(&self.commands));
                let commands = Arc::new(GatewaySender(Arc::new(commands)));
                let api = GraphqlApi::new(views, events, settings).with_commands(commands);
                let graphql = Arc::new(Graphql::new(Arc::new(api)));
                typed(limit, move |event| {
                    let graphql = Arc::clone(&graphql);
                    async move { graphql.handle(&event).await }
                })
            }
            "saga" if starts => {
                let Some(executions) = executions else { return Ok(None) };
                let workflows = workflows(executions, variable("STATE_MACHINE_ARN")?);
                let start = Arc::new(SagaStart::new(workflows));
                typed(limit, move |event| {
                    let start = Arc::clone(&start);
                    async move { start.handle(event).await }
                })
            }
            "sweep" => {
                let Some(executions) = executions else { return Ok(None) };
                let workflows = workflows(executions, variable("STATE_MACHINE_ARN")?);
                let views = feeds(&self.events, &self.views);
                let sweep = Arc::new(Sweep::new(Arc::clone(&self.events), views, workflows));
                typed(limit, move |event| {
                    let sweep = Arc::clone(&sweep);
                    async move { sweep.handle(event).await }
                })
            }
            "rebuild" => {
                let views = feeds(&self.events, &self.views);
                let (events, rows) = (Arc::clone(&self.events), Arc::clone(&self.views));
                // One process, one build: no projector of older code is at work beside this one.
                let task = Arc::new(RebuildTask::new(views, events, rows, Duration::ZERO));
                bound(limit, move |event| {
                    let task = Arc::clone(&task);
                    async move { task.handle(event, limit).await.map_err(|error| task_failure(&error)) }
                })
            }
            "saga" => {
                let task = SagaTask::new(
                    Arc::clone(&self.events),
                    Arc::clone(&self.blobs),
                    Arc::clone(&self.repositories),
                    Arc::new(DirectGateway(Arc::clone(&self.commands))),
                    renderers(),
                );
                let provider = function.environment.get("ANALYSIS_PROVIDER").cloned();
                let task = Arc::new(task.analysing_with(provider));
                bound(limit, move |event| {
                    let task = Arc::clone(&task);
                    async move { task.handle(event).await.map_err(|error| step_failure(&error)) }
                })
            }
            // Nobody calls it here: the system publishes its templates by itself when it starts.
            "catalogue" => return Ok(None),
            other => return Err(RuntimeError::UnknownBinary(id.clone(), other.to_owned())),
        }))
    }

    fn publisher(&self, bus: String) -> LocalPublisher {
        LocalPublisher { bus: self.bus.clone(), name: bus }
    }

    /// A queue for the function to fill: here its name stands where its URL does on AWS.
    fn queue(&self, function: &str, name: String) -> Result<Arc<dyn MessageQueue>, RuntimeError> {
        if !self.queues.contains(&name) {
            return Err(RuntimeError::Queue(function.to_owned(), name));
        }
        Ok(Arc::new(LocalQueue { queues: self.queues.clone(), name }))
    }
}

fn workflows(executions: &Executions, machine: String) -> Arc<dyn Workflows> {
    Arc::new(LocalWorkflows { executions: executions.clone(), machine })
}

/// The same switch as in the relay's `main`.
fn redrives(environment: &BTreeMap<String, String>) -> bool {
    environment.get("HANDLER").is_some_and(|handler| handler == "redrive")
}

/// The same switch as in the saga's `main`.
fn starts_machines(environment: &BTreeMap<String, String>) -> bool {
    environment.contains_key("STATE_MACHINE_ARN")
}

fn unreadable(error: &dyn std::error::Error) -> FunctionFailure {
    FunctionFailure::new("Runtime.UnmarshalError", error.to_string())
}

fn step_failure(error: &StepError) -> FunctionFailure {
    FunctionFailure::new(error.error_type(), error.to_string())
}

fn task_failure(error: &TaskError) -> FunctionFailure {
    FunctionFailure::new(error.error_type(), error.to_string())
}

/// A handler with Lambda's time limit.
struct Bound<H> {
    limit: Duration,
    handler: H,
}

#[async_trait]
impl<H, F> Invoke for Bound<H>
where
    H: Fn(Value) -> F + Send + Sync,
    F: Future<Output = Result<Value, FunctionFailure>> + Send,
{
    async fn invoke(&self, payload: Value) -> Result<Value, FunctionFailure> {
        match tokio::time::timeout(self.limit, (self.handler)(payload)).await {
            Ok(answer) => answer,
            Err(_) => {
                let message = format!("Task timed out after {:.2} seconds", self.limit.as_secs_f64());
                Err(FunctionFailure::new("Sandbox.Timedout", message))
            }
        }
    }
}

fn bound<H, F>(limit: Duration, handler: H) -> Arc<dyn Invoke>
where
    H: Fn(Value) -> F + Send + Sync + 'static,
    F: Future<Output = Result<Value, FunctionFailure>> + Send + 'static,
{
    Arc::new(Bound { limit, handler })
}

/// A handler of typed events that cannot fail as a whole.
fn typed<E, A, H, F>(limit: Duration, handler: H) -> Arc<dyn Invoke>
where
    E: DeserializeOwned + Send + 'static,
    A: Serialize + Send + 'static,
    H: Fn(E) -> F + Send + Sync + 'static,
    F: Future<Output = A> + Send + 'static,
{
    bound(limit, move |event| {
        let answer = serde_json::from_value(event).map(&handler);
        async move {
            let answer = answer.map_err(|error| unreadable(&error))?.await;
            serde_json::to_value(answer).map_err(|error| unreadable(&error))
        }
    })
}
