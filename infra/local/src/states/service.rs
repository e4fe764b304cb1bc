//! Starting, watching and stopping executions.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Map, Value, json};
use tokio::{sync::watch, task::JoinHandle};

use super::{
    definition::Machine,
    drive::Engine,
    ended::EndObserver,
    execution::{Checkpoint, EventKind, Execution, HistoryEvent, NewEvent, Status},
    failure::Failure,
    journal::{Journal, JournalError},
    run::Order,
    tasks::Tasks,
    tokens::Tokens,
};
use crate::cloud_db::Clock;

/// Why an execution was not started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The name is taken, by an execution that ended or was started differently.
    #[error("an execution of this name already exists")]
    AlreadyExists,
    /// No state machine has this name.
    #[error("there is no state machine named `{0}`")]
    UnknownMachine(String),
    /// An execution cannot have this name.
    #[error("`{0}` cannot be the name of an execution")]
    InvalidName(String),
    /// [`Executions::shutdown`] was called.
    #[error("no executions are started any more")]
    ShuttingDown,
    /// Nothing is known to have been started.
    #[error("the execution could not be recorded")]
    Journal(#[from] JournalError),
}

/// Why an execution cannot be waited for, or stopped.
#[derive(Debug, thiserror::Error)]
pub enum WaitError {
    /// No execution has this name, or, to stop it, none that runs.
    #[error("there is no such execution named `{0}`")]
    NotFound(String),
    /// The journal failed.
    #[error("the execution could not be looked up")]
    Journal(#[from] JournalError),
}

/// What became of the executions an earlier process left running.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Resumed {
    /// Names of those that go on.
    pub resumed: Vec<String>,
    /// Names of those whose state machine is gone; they stay as they are.
    pub orphaned: Vec<String>,
}

/// All executions of all state machines; clones share them.
#[derive(Clone)]
pub struct Executions(Arc<Inner>);

struct Inner {
    machines: HashMap<String, Arc<Machine>>,
    engine: Engine,
    running: Mutex<Running>,
}

#[derive(Default)]
struct Running {
    is_closed: bool,
    executions: HashMap<String, Handle>,
}

/// This process's end of a running execution.
struct Handle {
    orders: watch::Sender<Order>,
    /// Shows the id of the last event; closed at the end.
    progress: watch::Receiver<u64>,
    task: JoinHandle<()>,
}

impl Executions {
    /// The service for these machines, by name. Nothing runs until [`resume_all`](Self::resume_all) or
    /// [`start`](Self::start).
    pub fn new(
        machines: HashMap<String, Machine>,
        tasks: Arc<dyn Tasks>,
        journal: Arc<dyn Journal>,
        clock: Clock,
    ) -> Self {
        Self::with_observer(machines, tasks, journal, clock, None)
    }

    /// The same, where the observer is told how each execution ends.
    pub fn with_observer(
        machines: HashMap<String, Machine>,
        tasks: Arc<dyn Tasks>,
        journal: Arc<dyn Journal>,
        clock: Clock,
        observer: Option<Arc<dyn EndObserver>>,
    ) -> Self {
        let machines = machines.into_iter().map(|(name, machine)| (name, Arc::new(machine))).collect();
        let tokens = Tokens::new(journal.clone(), clock.clone());
        let engine = Engine { tasks, journal, tokens, clock, observer };
        Self(Arc::new(Inner { machines, engine, running: Mutex::default() }))
    }

    /// Starts an execution; when this returns it is durable. As with `StartExecution`, doing so again with
    /// the same input while it runs changes nothing and succeeds. Needs a tokio runtime.
    pub fn start(&self, machine: &str, name: &str, input: Value) -> Result<Execution, StartError> {
        let found = self.0.machines.get(machine);
        let definition = found.ok_or_else(|| StartError::UnknownMachine(machine.to_owned()))?;
        if !is_valid_name(name) {
            return Err(StartError::InvalidName(name.to_owned()));
        }
        let mut running = self.0.running();
        if running.is_closed {
            return Err(StartError::ShuttingDown);
        }
        let now = self.0.engine.clock.now();
        let execution = Execution {
            name: name.to_owned(),
            machine: machine.to_owned(),
            input: input.clone(),
            status: Status::Running,
            output: None,
            error: None,
            cause: None,
            started_at: now,
            stopped_at: None,
        };
        let first = Checkpoint::entering(&definition.graph.start_at, input, Map::new(), now);
        let detail = json!({ "input": execution.input });
        let event = |kind, state| NewEvent { timestamp: now, kind, state, detail: detail.clone() };
        let events = [
            event(EventKind::ExecutionStarted, None),
            event(EventKind::StateEntered, Some(first.state.clone())),
        ];
        if !self.0.engine.journal.begin(&execution, &first, &events)? {
            let taken = self.0.engine.journal.describe(name)?;
            let is_same = |e: &Execution| {
                e.status == Status::Running && e.machine == machine && e.input == execution.input
            };
            return taken.filter(is_same).ok_or(StartError::AlreadyExists);
        }
        self.spawn(&mut running, execution.clone(), first, events.len() as u64);
        Ok(execution)
    }

    /// Goes on with all executions that an earlier process left running. To be called once, before the
    /// first [`start`](Self::start). Needs a tokio runtime.
    pub fn resume_all(&self) -> Result<Resumed, JournalError> {
        let mut running = self.0.running();
        let mut result = Resumed::default();
        for execution in self.0.engine.journal.running()? {
            let name = execution.name.clone();
            if running.executions.contains_key(&name) {
                continue;
            }
            match self.0.engine.journal.checkpoint(&name)? {
                Some(checkpoint) if self.0.machines.contains_key(&execution.machine) => {
                    let resumed = self.0.engine.event(EventKind::ExecutionResumed, json!({}));
                    let last = self.0.engine.journal.record(&name, None, &[resumed])?;
                    self.spawn(&mut running, execution, checkpoint, last);
                    result.resumed.push(name);
                }
                _ => {
                    tracing::warn!(execution = name, machine = execution.machine, "cannot be resumed");
                    result.orphaned.push(name);
                }
            }
        }
        Ok(result)
    }

    /// The execution of this name.
    pub fn describe(&self, name: &str) -> Result<Option<Execution>, JournalError> {
        self.0.engine.journal.describe(name)
    }

    /// Its events with ids greater than `after`, in order.
    pub fn history(&self, name: &str, after: u64) -> Result<Vec<HistoryEvent>, JournalError> {
        self.0.engine.journal.history(name, after)
    }

    /// The `limit` executions started last, newest first.
    pub fn list(&self, limit: usize) -> Result<Vec<Execution>, JournalError> {
        self.0.engine.journal.list(limit)
    }

    /// Returns once the execution has events with ids greater than `after`, or does not run here any more.
    pub async fn wait_for_more(&self, name: &str, after: u64) -> Result<(), WaitError> {
        let progress = self.0.running().executions.get(name).map(|handle| handle.progress.clone());
        match progress {
            Some(mut progress) => {
                // An error only says that the execution has ended.
                let _ended = progress.wait_for(|last| *last > after).await.is_err();
                Ok(())
            }
            None => match self.describe(name)? {
                Some(_) => Ok(()),
                None => Err(WaitError::NotFound(name.to_owned())),
            },
        }
    }

    /// Orders a running execution to end as `ABORTED`, even in the midst of a task.
    pub fn stop(&self, name: &str, failure: Failure) -> Result<(), WaitError> {
        match self.0.running().executions.get(name) {
            Some(handle) => {
                handle.orders.send_replace(Order::Abort(failure));
                Ok(())
            }
            None => Err(WaitError::NotFound(name.to_owned())),
        }
    }

    /// Lets every execution rest at its next checkpoint; those that do not come to one within `grace` are
    /// dropped where they are, as by a kill. A later process can resume them all.
    pub async fn shutdown(&self, grace: Duration) {
        let handles: Vec<_> = {
            let mut running = self.0.running();
            running.is_closed = true;
            running.executions.drain().map(|(_, handle)| handle).collect()
        };
        for handle in &handles {
            handle.orders.send_if_modified(|order| {
                let suspends = *order == Order::GoOn;
                if suspends {
                    *order = Order::Suspend;
                }
                suspends
            });
        }
        let deadline = tokio::time::Instant::now() + grace;
        for mut handle in handles {
            if tokio::time::timeout_at(deadline, &mut handle.task).await.is_err() {
                handle.task.abort();
                let _cancelled = handle.task.await;
            }
        }
    }

    pub(super) fn engine(&self) -> &Engine {
        &self.0.engine
    }

    fn spawn(&self, running: &mut Running, execution: Execution, cursor: Checkpoint, last_event: u64) {
        let Some(machine) = self.0.machines.get(&execution.machine).cloned() else { return };
        let (orders, ordered) = watch::channel(Order::GoOn);
        let (progressed, progress) = watch::channel(last_event);
        let (inner, name) = (self.0.clone(), execution.name.clone());
        let task = tokio::spawn(async move {
            // Also ends the listing if a task panics: then the execution waits for the next process.
            let _listed = Listed { inner: &inner, name: &execution.name };
            inner.engine.drive(&machine, &execution, cursor, ordered, progressed).await;
        });
        running.executions.insert(name, Handle { orders, progress, task });
    }
}

/// Takes the execution off the list of running ones when it ends, however it ends.
struct Listed<'a> {
    inner: &'a Inner,
    name: &'a str,
}

impl Drop for Listed<'_> {
    fn drop(&mut self) {
        self.inner.running().executions.remove(self.name);
    }
}

impl Inner {
    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Step Functions' own rule.
fn is_valid_name(name: &str) -> bool {
    let is_allowed =
        |c: char| !c.is_whitespace() && !c.is_control() && !"<>{}[]?*\"#%\\^|~`$&,;:/".contains(c);
    (1..=80).contains(&name.chars().count()) && name.chars().all(is_allowed)
}
