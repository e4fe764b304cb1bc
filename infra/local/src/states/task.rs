//! Tasks: calling a function, and waiting for a token it handed on.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    attempt::{render_or, seconds},
    definition::{LAMBDA_INVOKE, Task},
    execution::{Callback, Checkpoint, EventKind, NewEvent},
    failure::{Failure, HEARTBEAT_TIMEOUT, QUERY_EVALUATION, TIMEOUT},
    run::{Halt, Level, Run},
    template::{Scope, Template},
    tokens::{Answer, Waiting},
};
use crate::cloud_db::Clock;

/// A task with all its expressions evaluated.
struct Call {
    arguments: Value,
    timeout: Option<Duration>,
    heartbeat: Option<Duration>,
}

impl Run<'_> {
    /// The task's result, and the event that tells of it, to be recorded with what follows.
    pub(super) async fn task(
        &self,
        task: &Task,
        cursor: &mut Checkpoint,
        level: &Level,
    ) -> Result<(Value, NewEvent), Halt> {
        let result = match task.waits_for_token() {
            true => self.wait_for_token(task, cursor, level).await?,
            false => self.call(task, cursor, level).await?,
        };
        let succeeded = self.event(EventKind::TaskSucceeded, cursor, json!({ "result": result }));
        Ok((result, succeeded))
    }

    /// Nobody can send a heartbeat for a function that is just called: its whole answer is the first.
    async fn call(&self, task: &Task, cursor: &Checkpoint, level: &Level) -> Result<Value, Halt> {
        let call = self.prepare(task, cursor, level)?;
        self.record(None, &[self.started(task, &call, cursor)])?;
        let limits = [call.timeout.map(too_long), call.heartbeat.map(silent)];
        let answer = self.tasks.call(LAMBDA_INVOKE, call.arguments);
        let Some((limit, failure)) = limits.into_iter().flatten().min_by_key(|(limit, _)| *limit) else {
            return Ok(answer.await?);
        };
        Ok(tokio::time::timeout(limit, answer).await.unwrap_or(Err(failure))?)
    }

    /// Calls the function unless it has returned in an earlier process, and waits for its token. An answer that
    /// comes while the function runs counts once it has returned, whatever it returns.
    async fn wait_for_token(
        &self,
        task: &Task,
        cursor: &mut Checkpoint,
        level: &Level,
    ) -> Result<Value, Halt> {
        let is_new = cursor.callback.is_none();
        let mut callback = cursor.callback.take().unwrap_or_else(|| Callback::new(&self.execution.name));
        cursor.callback = Some(callback.clone());
        let call = self.prepare(task, cursor, level)?;
        if is_new {
            callback.timeout_at = call.timeout.map(|timeout| self.clock.now() + timeout);
            cursor.callback = Some(callback.clone());
        }
        let (name, timeout_at) = (&self.execution.name, callback.timeout_at);
        let waiting = self.tokens.wait(name, &cursor.state, &callback.token, is_new);
        let waiting = waiting.map_err(Halt::Journal)?;
        let (timeout, heartbeat) = (call.timeout.map(too_long), call.heartbeat.map(silent));
        let limit = async {
            tokio::select! {
                biased;
                failure = overdue(self.clock, timeout_at, timeout) => failure,
                failure = unheard(&waiting, heartbeat) => failure,
            }
        };
        let work = async {
            if !callback.is_called && !waiting.is_answered() {
                let started = self.started(task, &call, cursor);
                self.record(level.is_top.then_some(&*cursor), &[started])?;
                self.tasks.call(LAMBDA_INVOKE, call.arguments).await?;
                callback.is_called = true;
                cursor.callback = Some(callback);
                self.record(level.is_top.then_some(&*cursor), &[])?;
            }
            self.unless_suspended(waiting.answer()).await
        };
        // A limit that is over fails nothing that was answered in time: `close` knows.
        let ended: Result<Answer, Halt> = tokio::select! {
            biased;
            failure = limit => Err(failure.into()),
            ended = work => ended,
        };
        let answer = match ended {
            Err(Halt::Failed(failure)) => waiting.close(failure).map_err(Halt::Journal)?,
            ended => ended?,
        };
        Ok(answer?)
    }

    fn prepare(&self, task: &Task, cursor: &Checkpoint, level: &Level) -> Result<Call, Failure> {
        let scope = self.scope(cursor, level, None);
        let limit =
            |template: &Option<Template>| template.as_ref().map(|it| at_least_one(it, &scope)).transpose();
        let (timeout, heartbeat) = (limit(&task.timeout)?, limit(&task.heartbeat)?);
        Ok(Call { arguments: render_or(&task.arguments, &scope, &cursor.input)?, timeout, heartbeat })
    }

    fn started(&self, task: &Task, call: &Call, cursor: &Checkpoint) -> NewEvent {
        let detail = json!({ "resource": task.resource, "arguments": call.arguments });
        self.event(EventKind::TaskStarted, cursor, detail)
    }
}

fn at_least_one(template: &Template, scope: &Scope<'_>) -> Result<Duration, Failure> {
    let limit = seconds(template, scope)?;
    match limit.is_zero() {
        true => Err(Failure::new(QUERY_EVALUATION, "a task cannot be given 0 seconds")),
        false => Ok(limit),
    }
}

/// The failure that comes with its time, if there is one.
async fn overdue(clock: &Clock, at: Option<DateTime<Utc>>, timeout: Option<(Duration, Failure)>) -> Failure {
    let (Some(at), Some((_, failure))) = (at, timeout) else { return std::future::pending().await };
    clock.sleep_until(at).await;
    failure
}

async fn unheard(waiting: &Waiting<'_>, heartbeat: Option<(Duration, Failure)>) -> Failure {
    let Some((longest, failure)) = heartbeat else { return std::future::pending().await };
    waiting.silence(longest).await;
    failure
}

fn too_long(timeout: Duration) -> (Duration, Failure) {
    (timeout, Failure::new(TIMEOUT, format!("the task took longer than {} s", timeout.as_secs())))
}

fn silent(heartbeat: Duration) -> (Duration, Failure) {
    let cause = format!("the task was silent for longer than {} s", heartbeat.as_secs());
    (heartbeat, Failure::new(HEARTBEAT_TIMEOUT, cause))
}
