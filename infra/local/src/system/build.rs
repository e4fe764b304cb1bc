use std::collections::HashMap;
use std::process;
use std::sync::Arc;
use std::time::Duration;

use dynoxide::Database;
use skafu_forge::blobs::DirectoryBlobs;
use skafu_forge::repositories::BareDirectory;
use skafu_functions::graphql::Documents;
use skafu_functions::projections::feeds;
use skafu_functions::{BlobPayloads, Clock as _, SystemClock};
use skafu_store::aws::Connection;
use skafu_store::keyring::Keyring;
use skafu_store::{DynamoEventStore, DynamoViewStore, EventStore, ViewStore};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, spawn_blocking};

use super::dead_letters::DeadLetters;
use super::sagas::Sagas;
use super::{System, SystemError, generations, progress, queue_routes, saga_routes};
use crate::assets;
use crate::bus::{Bus, Rule};
use crate::cloud_db::{Clock, CloudDb, CloudDbError};
use crate::data::{DataDir, Endpoint, OpenDataDir};
use crate::database;
use crate::edge::Edge;
use crate::invoke::Invoke;
use crate::issuer::Issuer;
use crate::pattern::Pattern;
use crate::ports::{LocalEnds, TellingStore};
use crate::queue::{Mapping, QueueConfig, Queues, Redrive, poll};
use crate::runtime::Shared;
use crate::stack::{Function, Source, Stack, parse_definition};
use crate::states::{Executions, LambdaTasks, Machine, SqliteJournal};
use crate::stream::{StreamMapping, StreamReader, position_name};

/// Functions by logical id, name or ARN.
type Functions = HashMap<String, Arc<dyn Invoke>>;

/// What the functions and their sources are built on.
struct Ground {
    stack: Stack,
    database: Database,
    cloud: CloudDb,
    queues: Queues,
    executions: Executions,
    written: Arc<Notify>,
    functions: Functions,
}

pub(super) async fn build(
    data: OpenDataDir,
    listener: TcpListener,
    documents: Documents,
) -> Result<System, SystemError> {
    let dir = data.dir().clone();
    // The first key takes a moment to find; nothing else needs it until the end.
    let key = dir.root().to_owned();
    let issuer = spawn_blocking(move || Issuer::open(&key));
    let stack = Stack::load(assets::TEMPLATE)?;
    let (stop, stopped) = watch::channel(false);
    let (stop_database, database_stopped) = watch::channel(false);

    let cloud = CloudDb::open(&dir.root().join("cloud.db"))?;
    let (file, tables) = (dir.root().join("dynamodb.db"), stack.tables.clone());
    let position = |table: &crate::stack::Table| {
        Ok((table.name.clone(), cloud.checkpoint(&position_name(&table.name))?))
    };
    let delivered = tables.iter().map(position).collect::<Result<Vec<_>, CloudDbError>>()?;
    let database = spawn_blocking(move || database::open(&file, &tables, &delivered)).await??;
    let dynamodb_url = database::serve(database.clone(), database_stopped)?;
    let queues = Queues::open(cloud.clone(), Clock::system(), queue_configs(&stack))?;
    let bus = Bus::new(queues.clone(), Clock::system(), rules(&stack)?)?;

    let written = Arc::new(Notify::new());
    let mut shared = shared(&dir, &stack, &dynamodb_url, (bus, queues.clone()), &written);
    shared.documents = Arc::new(documents);
    // As a deployment does, by the `catalogue` function.
    Keyring::new(Arc::clone(&shared.views)).renew(SystemClock.now()).await?;
    skafu_functions::catalogue::publish(&*shared.events, &shared.commands).await?;
    let (functions, executions) = functions(&shared, &stack, &cloud)?;
    let ground = Ground { stack, database, cloud, queues, executions, written, functions };

    let mut tasks = sources(&ground, &stopped)?;
    ground.executions.resume_all()?;
    let issuer = Arc::new(issuer.await??);
    let url = listener.local_addr().map(|address| format!("http://{address}"));
    let views = feeds(&shared.events, &shared.views);
    let stale_views = generations::stale(&views).await?;
    let folds = views.iter().map(|view| (view.view().to_owned(), view.fold().to_owned())).collect();
    let endpoint = Endpoint { url: url.unwrap_or_default(), dynamodb_url, pid: process::id(), folds };
    let progress = progress::router(ground.executions.clone(), Arc::clone(&issuer), stopped.clone());
    let dead_letters = DeadLetters::new(&ground.stack, ground.queues.clone());
    let sagas = saga_routes::router(Sagas::new(ground.cloud.clone()), Arc::clone(&issuer));
    let own = progress.merge(sagas).merge(queue_routes::router(dead_letters, Arc::clone(&issuer)));
    let edge = Edge::new(&ground.stack, &ground.functions, &issuer, own)?;
    tasks.push(serve(edge, listener, stopped));
    data.announce(&endpoint)?;
    Ok(System {
        endpoint,
        stale_views,
        issuer,
        executions: ground.executions,
        stop,
        stop_database,
        tasks,
        data,
    })
}

fn serve(edge: Edge, listener: TcpListener, mut stopped: watch::Receiver<bool>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let shutdown = async move { drop(stopped.wait_for(|stop| *stop).await) };
        if let Err(error) = edge.serve(listener, shutdown).await {
            tracing::error!(%error, "the HTTP API stopped");
        }
    })
}

pub(super) fn queue_configs(stack: &Stack) -> Vec<QueueConfig> {
    let config = |queue: &crate::stack::Queue| QueueConfig {
        name: queue.name.clone(),
        visibility_timeout: Duration::from_secs(u64::from(queue.visibility_seconds)),
        delay: Duration::from_secs(u64::from(queue.delay_seconds)),
        redrive: queue
            .max_receive
            .clone()
            .map(|(max_receive_count, dead_letter_queue)| Redrive { dead_letter_queue, max_receive_count }),
    };
    stack.queues.iter().map(config).collect()
}

fn rules(stack: &Stack) -> Result<Vec<Rule>, SystemError> {
    let rule = |rule: &crate::stack::Rule| {
        let pattern = Pattern::compile(&rule.pattern);
        Ok(Rule {
            bus: rule.bus.clone(),
            name: rule.name.clone(),
            pattern: pattern.map_err(|error| SystemError::Pattern(rule.name.clone(), error))?,
            targets: rule.targets.clone(),
        })
    };
    stack.rules.iter().map(rule).collect()
}

/// The adapters the functions share. A table is known by the logical id the template gives it.
fn shared(
    dir: &DataDir,
    stack: &Stack,
    dynamodb_url: &str,
    (bus, queues): (Bus, Queues),
    written: &Arc<Notify>,
) -> Shared {
    let client = Connection::local(dynamodb_url).dynamodb();
    let table = |logical_id: &str| {
        let table = stack.tables.iter().find(|table| table.logical_id == logical_id);
        table.map_or_else(|| logical_id.to_owned(), |table| table.name.clone())
    };
    let blobs = Arc::new(DirectoryBlobs::new(dir.root().join("content")));
    let store = DynamoEventStore::new(client.clone(), table("EventTable"));
    let store = store.with_payloads(Arc::new(BlobPayloads(blobs.clone())));
    let events: Arc<dyn EventStore> =
        Arc::new(TellingStore { inner: Arc::new(store), written: Arc::clone(written) });
    let views: Arc<dyn ViewStore> = Arc::new(DynamoViewStore::new(client, table("ViewTable")));
    Shared {
        commands: Shared::commands(Arc::clone(&events), Arc::clone(&views), blobs.clone()),
        events,
        views,
        blobs,
        repositories: Arc::new(BareDirectory::new(dir.repositories())),
        repositories_url: format!("file://{}/", dir.repositories().display()),
        bus,
        queues,
        documents: Arc::default(),
    }
}

/// Every function of the stack, by logical id, and the state machines that call some of them.
fn functions(
    shared: &Shared,
    stack: &Stack,
    cloud: &CloudDb,
) -> Result<(Functions, Executions), SystemError> {
    let mut functions = HashMap::new();
    let mut by_reference: Functions = HashMap::new();
    let mut starters: Vec<&Function> = Vec::new();
    for function in &stack.functions {
        match shared.function(function, None)? {
            Some(invoke) => {
                by_reference.insert(function.arn.clone(), Arc::clone(&invoke));
                by_reference.insert(function.name.clone(), Arc::clone(&invoke));
                functions.insert(function.logical_id.clone(), invoke);
            }
            None => starters.push(function),
        }
    }
    let tasks = Arc::new(LambdaTasks::new(by_reference));
    let journal = Arc::new(SqliteJournal::new(cloud.clone()));
    let told = Arc::new(LocalEnds { bus: shared.bus.clone() });
    let executions = Executions::with_observer(machines(stack)?, tasks, journal, Clock::system(), Some(told));
    for function in starters {
        if let Some(invoke) = shared.function(function, Some(&executions))? {
            functions.insert(function.logical_id.clone(), invoke);
        }
    }
    Ok((functions, executions))
}

fn machines(stack: &Stack) -> Result<HashMap<String, Machine>, SystemError> {
    let mut machines = HashMap::new();
    for machine in &stack.machines {
        let uri = &machine.definition_uri;
        let text = assets::definition(uri).ok_or_else(|| SystemError::NoDefinition(uri.clone()))?;
        let definition = parse_definition(text, |name| machine.substitutions.get(name).map(String::as_str));
        let definition = definition.map_err(|error| SystemError::Definition(uri.clone(), error))?;
        let loaded = Machine::load(&definition).map_err(|error| SystemError::Machine(uri.clone(), error))?;
        machines.insert(machine.arn.clone(), loaded);
    }
    Ok(machines)
}

/// Starts what calls the functions: queues and streams. Routes are the edge's.
fn sources(ground: &Ground, stopped: &watch::Receiver<bool>) -> Result<Vec<JoinHandle<()>>, SystemError> {
    let mut tasks = Vec::new();
    for function in &ground.stack.functions {
        let Some(invoke) = ground.functions.get(&function.logical_id) else { continue };
        for source in &function.sources {
            match source {
                Source::Http { .. } => {}
                Source::Queue { queue, batch_size } => {
                    let mapping = Mapping {
                        batch_size: *batch_size as usize,
                        report_item_failures: true,
                        ..Mapping::new(queue.clone())
                    };
                    let polling = poll(ground.queues.clone(), mapping, Arc::clone(invoke), stopped.clone());
                    let queue = queue.clone();
                    tasks.push(tokio::spawn(async move {
                        if let Err(error) = polling.await {
                            tracing::error!(queue, %error, "a queue is not served");
                        }
                    }));
                }
                Source::Stream { table, batch_size, filters, retries, bisect, on_failure } => {
                    let compile = |filter| {
                        Pattern::compile(filter)
                            .map_err(|error| SystemError::Pattern(function.name.clone(), error))
                    };
                    let reader = StreamReader {
                        database: ground.database.clone(),
                        positions: ground.cloud.clone(),
                        queues: ground.queues.clone(),
                        mapping: StreamMapping {
                            table: table.clone(),
                            batch_size: *batch_size as usize,
                            filters: filters.iter().map(compile).collect::<Result<_, _>>()?,
                            retries: *retries,
                            bisect: *bisect,
                            on_failure: on_failure.clone(),
                        },
                        function: Arc::clone(invoke),
                        written: Arc::clone(&ground.written),
                    };
                    tasks.push(tokio::spawn(reader.run(stopped.clone())));
                }
            }
        }
    }
    Ok(tasks)
}
