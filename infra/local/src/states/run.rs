//! Walking through a graph of states, with retries and catches.

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use super::{
    definition::{Catcher, Graph, Remedy, State},
    execution::{Checkpoint, EventKind, Execution, NewEvent},
    failure::{Failure, RUNTIME},
    journal::{Journal, JournalError},
    tasks::Tasks,
    tokens::Tokens,
};
use crate::cloud_db::Clock;

/// The largest output of a state, in bytes of JSON; Step Functions' own limit.
pub(super) const MAX_OUTPUT_BYTES: usize = 256 * 1024;

/// What the outside wants of a running execution.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Order {
    GoOn,
    /// Rest at the next checkpoint, to be resumed by a later process.
    Suspend,
    /// End, with this failure.
    Abort(Failure),
}

/// Why a graph was left before its end.
#[derive(Debug)]
pub(super) enum Halt {
    Failed(Failure),
    Suspended,
    Journal(JournalError),
}

impl From<Failure> for Halt {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

/// Where in the machine a graph stands.
#[derive(Debug, Default)]
pub(super) struct Level {
    /// Whether its states have checkpoints: true for the machine's own graph only.
    pub(super) is_top: bool,
    /// Index and value of the item a `Map` runs it for.
    pub(super) map_item: Option<Value>,
}

/// How a state is left.
#[derive(Debug)]
pub(super) struct Transition {
    pub(super) output: Value,
    pub(super) variables: Map<String, Value>,
    /// `None`: the graph has ended.
    pub(super) next: Option<String>,
    /// What happened last before, if that is not recorded yet.
    pub(super) before: Option<NewEvent>,
}

/// The end of a graph.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) output: Value,
    /// Not yet recorded, so that the last exit and what follows from it can be recorded as one.
    pub(super) exit: Vec<NewEvent>,
}

/// One execution being run.
pub(super) struct Run<'a> {
    pub(super) execution: &'a Execution,
    pub(super) tasks: &'a dyn Tasks,
    pub(super) journal: &'a dyn Journal,
    pub(super) tokens: &'a Tokens,
    pub(super) clock: &'a Clock,
    pub(super) orders: watch::Receiver<Order>,
    /// Shows the id of the history's last event.
    pub(super) progress: &'a watch::Sender<u64>,
}

impl Run<'_> {
    /// Runs the graph from `cursor`, a state already recorded as entered, to its end.
    pub(super) fn walk<'s>(
        &'s self,
        graph: &'s Graph,
        mut cursor: Checkpoint,
        level: &'s Level,
    ) -> BoxFuture<'s, Result<Finished, Halt>> {
        Box::pin(async move {
            loop {
                let state = graph.states.get(&cursor.state).ok_or_else(|| {
                    Failure::new(RUNTIME, format!("the definition has no state `{}` any more", cursor.state))
                })?;
                let left = self.settle(state, &mut cursor, level).await?;
                let exit = self.event(EventKind::StateExited, &cursor, json!({ "output": left.output }));
                let mut events: Vec<_> = left.before.into_iter().chain([exit]).collect();
                let Some(next) = left.next else {
                    return Ok(Finished { output: left.output, exit: events });
                };
                cursor = Checkpoint::entering(&next, left.output, left.variables, self.clock.now());
                events.push(self.entered(&cursor));
                self.record(level.is_top.then_some(&cursor), &events)?;
                if level.is_top && *self.orders.borrow() == Order::Suspend {
                    return Err(Halt::Suspended);
                }
            }
        })
    }

    /// Attempts the state until it succeeds, a failure is caught, or nothing helps any more.
    async fn settle(
        &self,
        state: &State,
        cursor: &mut Checkpoint,
        level: &Level,
    ) -> Result<Transition, Halt> {
        loop {
            let failure = match self.attempt(state, cursor, level).await {
                Err(Halt::Failed(failure)) => failure,
                settled => return settled,
            };
            let failed = self.event(EventKind::StateFailed, cursor, failure_detail(&failure));
            match state.remedy(&failure, &cursor.retries_used) {
                Remedy::Retry(index) => {
                    cursor.retries_used.resize(state.retry.len(), 0);
                    let delay = state.retry[index].delay(cursor.retries_used[index], luck());
                    cursor.retries_used[index] += 1;
                    let at = self.clock.now() + delay;
                    cursor.wake_at = Some(at);
                    cursor.callback = None;
                    let detail = json!({ "attempt": cursor.retries_used[index], "at": at });
                    let scheduled = self.event(EventKind::RetryScheduled, cursor, detail);
                    self.record(level.is_top.then_some(&*cursor), &[failed, scheduled])?;
                }
                Remedy::Catch(catcher) => {
                    let detail = json!({ "error": failure.error, "next": catcher.next });
                    let caught = self.event(EventKind::FailureCaught, cursor, detail);
                    self.record(None, &[failed, caught])?;
                    return Ok(self.catch(catcher, &failure, cursor, level)?);
                }
                Remedy::GiveUp => {
                    self.record(None, &[failed])?;
                    return Err(failure.into());
                }
            }
        }
    }

    fn catch(
        &self,
        catcher: &Catcher,
        failure: &Failure,
        cursor: &Checkpoint,
        level: &Level,
    ) -> Result<Transition, Failure> {
        let error_output = failure.to_error_output();
        let seen = ("errorOutput", error_output.clone());
        self.leave(&catcher.handover, Some(&catcher.next), cursor, level, Some(seen), error_output)
    }

    pub(super) fn event(&self, kind: EventKind, cursor: &Checkpoint, detail: Value) -> NewEvent {
        NewEvent { timestamp: self.clock.now(), kind, state: Some(cursor.state.clone()), detail }
    }

    pub(super) fn entered(&self, cursor: &Checkpoint) -> NewEvent {
        self.event(EventKind::StateEntered, cursor, json!({ "input": cursor.input }))
    }

    pub(super) fn record(&self, checkpoint: Option<&Checkpoint>, events: &[NewEvent]) -> Result<(), Halt> {
        let last = self.journal.record(&self.execution.name, checkpoint, events).map_err(Halt::Journal)?;
        self.progress.send_replace(last);
        Ok(())
    }

    /// Sleeps, unless the execution is suspended meanwhile.
    pub(super) async fn sleep_until(&self, deadline: DateTime<Utc>) -> Result<(), Halt> {
        self.unless_suspended(self.clock.sleep_until(deadline)).await
    }

    pub(super) async fn unless_suspended<T>(&self, rest: impl Future<Output = T>) -> Result<T, Halt> {
        let mut orders = self.orders.clone();
        tokio::select! {
            biased;
            ended = rest => Ok(ended),
            _ = orders.wait_for(|order| *order == Order::Suspend) => Err(Halt::Suspended),
        }
    }
}

pub(super) fn failure_detail(failure: &Failure) -> Value {
    json!({ "error": failure.error, "cause": failure.cause })
}

/// A random number from 0 to 1, from the random end of an identifier.
fn luck() -> f64 {
    let [.., a, b, c, d] = Uuid::now_v7().into_bytes();
    f64::from(u32::from_be_bytes([a, b, c, d])) / f64::from(u32::MAX)
}
