//! Task tokens: which tasks wait for one, and what each was answered with.
//!
//! An answer is an event of the execution's history. Whoever records one first, holding the lock, decides:
//! the token's owner, the function that failed, or a limit of the task. So nobody is told that an answer was
//! taken when the task ended otherwise.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use super::{
    execution::{Callback, Checkpoint, EventKind, HistoryEvent, NewEvent},
    failure::Failure,
    journal::{Journal, JournalError},
    run::MAX_OUTPUT_BYTES,
};
use crate::cloud_db::Clock;

/// Why a token was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum CallbackError {
    /// No task ever had this token.
    #[error("no task has this token")]
    InvalidToken,
    /// The task has ended: it was answered, failed, or took too long.
    #[error("the task of this token has ended")]
    TaskTimedOut,
    /// The output, of that many bytes, is larger than an execution may carry.
    #[error("the output has {0} bytes, more than an execution may carry")]
    InvalidOutput(usize),
    /// The answer could not be recorded; the task still waits.
    #[error("the answer could not be recorded")]
    Journal(JournalError),
}

impl From<JournalError> for CallbackError {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::NotRunning(_) => Self::TaskTimedOut,
            error => Self::Journal(error),
        }
    }
}

pub(super) type Answer = Result<Value, Failure>;

/// The tokens tasks of this process wait for.
pub(super) struct Tokens {
    journal: Arc<dyn Journal>,
    clock: Clock,
    open: Mutex<HashMap<String, Open>>,
}

struct Open {
    execution: String,
    state: String,
    seen: watch::Sender<Seen>,
}

/// What came back for a token so far.
struct Seen {
    answer: Option<Answer>,
    heard_at: DateTime<Utc>,
}

impl Callback {
    /// A token nobody can guess. It names the execution, so that it is known even when nobody waits for it.
    pub(super) fn new(execution: &str) -> Self {
        Self { token: format!("{}.{execution}", Uuid::new_v4()), is_called: false, timeout_at: None }
    }
}

impl Tokens {
    pub(super) fn new(journal: Arc<dyn Journal>, clock: Clock) -> Self {
        Self { journal, clock, open: Mutex::default() }
    }

    pub(super) fn succeed(&self, token: &str, output: Value) -> Result<(), CallbackError> {
        let bytes = output.to_string().len();
        if bytes > MAX_OUTPUT_BYTES {
            return Err(CallbackError::InvalidOutput(bytes));
        }
        self.answer(token, Ok(output))
    }

    pub(super) fn fail(&self, token: &str, failure: Failure) -> Result<(), CallbackError> {
        self.answer(token, Err(failure))
    }

    pub(super) fn hear(&self, token: &str) -> Result<(), CallbackError> {
        match self.lock().get(token) {
            Some(open) if open.seen.borrow().answer.is_some() => Err(CallbackError::TaskTimedOut),
            Some(open) => {
                open.seen.send_modify(|seen| seen.heard_at = self.clock.now());
                Ok(())
            }
            // Once it is waited for again, its time of silence begins anew.
            None => self.at_rest(token).map(drop),
        }
    }

    fn answer(&self, token: &str, answer: Answer) -> Result<(), CallbackError> {
        let tokens = self.lock();
        match tokens.get(token) {
            Some(open) if open.seen.borrow().answer.is_some() => Err(CallbackError::TaskTimedOut),
            Some(open) => Ok(self.decide(token, open, answer)?),
            None => {
                let (execution, checkpoint) = self.at_rest(token)?;
                Ok(self.record(token, &execution, &checkpoint.state, &answer)?)
            }
        }
    }

    /// The execution that will wait for this token when it is resumed, and where it will.
    fn at_rest(&self, token: &str) -> Result<(String, Checkpoint), CallbackError> {
        let (random, execution) = token.split_once('.').ok_or(CallbackError::InvalidToken)?;
        if random.parse::<Uuid>().is_err() || self.journal.describe(execution)?.is_none() {
            return Err(CallbackError::InvalidToken);
        }
        let waits = |c: &Checkpoint| c.callback.as_ref().is_some_and(|callback| callback.token == token);
        let checkpoint = self.journal.checkpoint(execution)?.filter(waits);
        let checkpoint = checkpoint.ok_or(CallbackError::TaskTimedOut)?;
        match given_answer(&self.journal.history(execution, 0)?, token) {
            Some(_) => Err(CallbackError::TaskTimedOut),
            None => Ok((execution.to_owned(), checkpoint)),
        }
    }

    /// Begins to wait for a token. One that was waited for before may have been answered since.
    pub(super) fn wait(
        &self,
        execution: &str,
        state: &str,
        token: &str,
        is_new: bool,
    ) -> Result<Waiting<'_>, JournalError> {
        let mut tokens = self.lock();
        let answer = if is_new { None } else { given_answer(&self.journal.history(execution, 0)?, token) };
        let (seen, watched) = watch::channel(Seen { answer, heard_at: self.clock.now() });
        let open = Open { execution: execution.to_owned(), state: state.to_owned(), seen };
        tokens.insert(token.to_owned(), open);
        Ok(Waiting { tokens: self, token: token.to_owned(), seen: watched })
    }

    fn decide(&self, token: &str, open: &Open, answer: Answer) -> Result<(), JournalError> {
        self.record(token, &open.execution, &open.state, &answer)?;
        open.seen.send_modify(|seen| seen.answer = Some(answer));
        Ok(())
    }

    fn record(&self, token: &str, execution: &str, state: &str, answer: &Answer) -> Result<(), JournalError> {
        let detail = match answer {
            Ok(output) => json!({ "token": token, "output": output }),
            Err(failure) => json!({ "token": token, "error": failure.error, "cause": failure.cause }),
        };
        let state = Some(state.to_owned());
        let event = NewEvent { timestamp: self.clock.now(), kind: EventKind::TaskAnswered, state, detail };
        self.journal.record(execution, None, &[event]).map(drop)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn given_answer(history: &[HistoryEvent], token: &str) -> Option<Answer> {
    let is_answer = |e: &&HistoryEvent| e.kind == EventKind::TaskAnswered && e.detail["token"] == token;
    let detail = &history.iter().find(is_answer)?.detail;
    let text = |field: &str| detail[field].as_str().unwrap_or_default();
    Some(match detail.get("output") {
        Some(output) => Ok(output.clone()),
        None => Err(Failure::new(text("error"), text("cause"))),
    })
}

/// A task that waits for its token, until this is dropped.
pub(super) struct Waiting<'t> {
    tokens: &'t Tokens,
    token: String,
    seen: watch::Receiver<Seen>,
}

impl Waiting<'_> {
    pub(super) fn is_answered(&self) -> bool {
        self.seen.borrow().answer.is_some()
    }

    /// The answer, as soon as there is one.
    pub(super) async fn answer(&self) -> Answer {
        let mut seen = self.seen.clone();
        let answered = seen.wait_for(|seen| seen.answer.is_some()).await;
        match answered.ok().and_then(|seen| seen.answer.clone()) {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }

    /// Returns when nothing has been heard for that long.
    pub(super) async fn silence(&self, longest: Duration) {
        let due = || self.seen.borrow().heard_at + longest;
        while due() > self.tokens.clock.now() {
            self.tokens.clock.sleep_until(due()).await;
        }
    }

    /// Fails the task, unless it has been answered: returns the answer that stands.
    pub(super) fn close(&self, failure: Failure) -> Result<Answer, JournalError> {
        let tokens = self.tokens.lock();
        if let Some(answer) = &self.seen.borrow().answer {
            return Ok(answer.clone());
        }
        if let Some(open) = tokens.get(&self.token) {
            self.tokens.decide(&self.token, open, Err(failure.clone()))?;
        }
        Ok(Err(failure))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.tokens.lock().remove(&self.token);
    }
}
