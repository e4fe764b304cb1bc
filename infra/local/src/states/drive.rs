//! Running one execution in this process: its time limit, its orders from outside, its end.

use skafu_store::Chain;
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::sync::watch;

use super::{
    definition::Machine,
    ended::EndObserver,
    execution::{Checkpoint, EventKind, Execution, NewEvent, Outcome},
    failure::{Failure, TIMEOUT},
    journal::{Journal, JournalError},
    run::{Finished, Halt, Level, Order, Run, failure_detail},
    tasks::Tasks,
    tokens::Tokens,
};
use crate::cloud_db::Clock;

/// What every execution needs to run.
pub(super) struct Engine {
    pub(super) tasks: Arc<dyn Tasks>,
    pub(super) journal: Arc<dyn Journal>,
    pub(super) tokens: Tokens,
    pub(super) clock: Clock,
    pub(super) observer: Option<Arc<dyn EndObserver>>,
}

impl Engine {
    /// Runs the execution to its end or, if that is ordered, to its next checkpoint.
    pub(super) async fn drive(
        &self,
        machine: &Machine,
        execution: &Execution,
        cursor: Checkpoint,
        orders: watch::Receiver<Order>,
        progress: watch::Sender<u64>,
    ) {
        let run = Run {
            execution,
            tasks: &*self.tasks,
            journal: &*self.journal,
            tokens: &self.tokens,
            clock: &self.clock,
            orders: orders.clone(),
            progress: &progress,
        };
        let top = Level { is_top: true, map_item: None };
        let (outcome, exit) = tokio::select! {
            biased;
            failure = aborted(orders) => (Outcome::Aborted(failure), Vec::new()),
            failure = self.expired(machine, execution) => (Outcome::TimedOut(failure), Vec::new()),
            end = run.walk(&machine.graph, cursor, &top) => match end {
                Ok(Finished { output, exit }) => (Outcome::Succeeded(output), exit),
                Err(Halt::Failed(failure)) => (Outcome::Failed(failure), Vec::new()),
                Err(Halt::Suspended) => return,
                Err(Halt::Journal(error)) => return log_stuck(&execution.name, &error),
            },
        };
        let at = self.clock.now();
        // Before it is recorded: whoever resumes the execution after a crash in between tells it again.
        if let Some(observer) = &self.observer {
            observer.ended(&execution.ended(&outcome, at)).await;
        }
        let events: Vec<_> = exit.into_iter().chain([self.end_event(&outcome)]).collect();
        match self.journal.finish(&execution.name, &outcome, at, &events) {
            Ok(last) => drop(progress.send_replace(last)),
            Err(error) => log_stuck(&execution.name, &error),
        }
    }

    async fn expired(&self, machine: &Machine, execution: &Execution) -> Failure {
        match machine.timeout {
            Some(timeout) => self.clock.sleep_until(execution.started_at + timeout).await,
            None => std::future::pending().await,
        }
        Failure::new(TIMEOUT, "the execution took longer than its state machine allows")
    }

    fn end_event(&self, outcome: &Outcome) -> NewEvent {
        let detail = match outcome.as_result() {
            Ok(output) => json!({ "output": output }),
            Err(failure) => failure_detail(failure),
        };
        let kind = match outcome {
            Outcome::Succeeded(_) => EventKind::ExecutionSucceeded,
            Outcome::Failed(_) => EventKind::ExecutionFailed,
            Outcome::TimedOut(_) => EventKind::ExecutionTimedOut,
            Outcome::Aborted(_) => EventKind::ExecutionAborted,
        };
        self.event(kind, detail)
    }

    /// An event of the execution as a whole.
    pub(super) fn event(&self, kind: EventKind, detail: Value) -> NewEvent {
        NewEvent { timestamp: self.clock.now(), kind, state: None, detail }
    }
}

async fn aborted(mut orders: watch::Receiver<Order>) -> Failure {
    let order = orders.wait_for(|order| matches!(order, Order::Abort(_))).await.map(|order| order.clone());
    match order {
        Ok(Order::Abort(failure)) => failure,
        // Nobody is left who could give the order.
        _ => std::future::pending().await,
    }
}

fn log_stuck(name: &str, error: &JournalError) {
    let error = Chain(error);
    tracing::error!(execution = name, %error, "stands still until the next start");
}
