//! What goes wrong with the functions a machine calls.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use skafu::states::{Failure, Tasks};

use crate::probe::{Act, END, Ended, Hook, Probe};

/// What the machine hears of a call that did not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// An error of that name, at once.
    Error(&'static str),
    /// Nothing, until its patience ends.
    Nothing,
}

/// What becomes of one call. Points count from 0: the function's calls of its ports. The last is [`END`].
#[derive(Clone)]
pub enum Fate {
    /// It is done, and done again; the second answer is heard.
    Twice,
    /// It is done by two at once; the second answer is heard.
    AtOnce,
    /// The function dies at that point.
    Dies(usize, Heard),
    /// The function goes on from that point only just before its time is over, and is not heard.
    Late(usize, Heard),
    /// Its command at that point is on its way for so long, and the function is told that nobody answered.
    LateCommand(usize, Duration),
    /// Something else happens while the function is at that point.
    Meanwhile(usize, Hook),
}

/// Which calls of a step suffer it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Calls {
    First,
    All,
}

type Function = Arc<dyn Fn(Value) -> BoxFuture<'static, Result<Value, (String, String)>> + Send + Sync>;

/// A function as state machines reach it, with everything that goes wrong on the way.
pub struct Script {
    function: Function,
    limit: Duration,
    rules: Mutex<Vec<(String, Calls, Fate)>>,
    calls: Mutex<Vec<(String, Arc<Probe>)>>,
    late: Mutex<Vec<String>>,
}

impl Script {
    /// All goes well with the function, which runs for that long at most.
    pub fn new(function: Function, limit: Duration) -> Self {
        Self { function, limit, rules: Mutex::default(), calls: Mutex::default(), late: Mutex::default() }
    }

    /// From now on this becomes of calls of the step; of its first one, that is the next.
    pub fn add(&self, step: &str, calls: Calls, fate: Fate) {
        self.rules.lock().unwrap().push((step.to_owned(), calls, fate));
    }

    /// From now on all goes well.
    pub fn heal(&self) {
        self.rules.lock().unwrap().clear();
    }

    /// How often each step was called.
    pub fn counts(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for (step, _) in self.calls.lock().unwrap().iter() {
            *counts.entry(step.clone()).or_default() += 1;
        }
        counts
    }

    /// The points of the step's first call, as fates name them, and what the function asks for at each.
    pub fn points(&self, step: &str) -> Vec<(usize, String)> {
        let calls = self.calls.lock().unwrap();
        let first = calls.iter().find(|(called, _)| called == step);
        let points = first.map(|(_, probe)| probe.points()).unwrap_or_default();
        let named = |(at, name)| (if name == "end" { END } else { at }, format!("{at}:{name}"));
        points.into_iter().enumerate().map(named).collect()
    }

    /// Whether a call of the step went on late.
    pub fn was_late(&self, step: &str) -> bool {
        self.late.lock().unwrap().iter().any(|it| it == step)
    }

    fn fate(&self, step: &str) -> Option<Fate> {
        let mut rules = self.rules.lock().unwrap();
        let at = rules.iter().position(|(of, _, _)| of == step)?;
        let fate = rules[at].2.clone();
        if rules[at].1 == Calls::First {
            rules.remove(at);
        }
        Some(fate)
    }

    /// The function goes on when the machine has stopped waiting, as it does on Lambda.
    async fn run(&self, step: &str, payload: &Value, act: Option<(usize, Act)>) -> Ended<Answer> {
        let probe = Probe::new(act);
        self.calls.lock().unwrap().push((step.to_owned(), probe.clone()));
        let work = probe.run((self.function)(payload.clone()));
        let limit = self.limit;
        let run = async move { tokio::time::timeout(limit, work).await.unwrap_or(Ended::Died) };
        tokio::spawn(run).await.unwrap()
    }
}

type Answer = Result<Value, (String, String)>;

#[async_trait]
impl Tasks for Script {
    async fn call(&self, _resource: &str, arguments: Value) -> Result<Value, Failure> {
        let payload = &arguments["Payload"];
        let step = payload["step"].as_str().or(payload["task"].as_str()).unwrap();
        let run = |act| self.run(step, payload, act);
        let (ended, heard) = match self.fate(step) {
            None => (run(None).await, Heard::Nothing),
            Some(Fate::Twice) => {
                run(None).await;
                (run(None).await, Heard::Nothing)
            }
            Some(Fate::AtOnce) => (tokio::join!(run(None), run(None)).1, Heard::Nothing),
            Some(Fate::Dies(at, heard)) => (run(Some((at, Act::Die))).await, heard),
            Some(Fate::Meanwhile(at, hook)) => (run(Some((at, Act::Meanwhile(hook)))).await, Heard::Nothing),
            Some(Fate::LateCommand(at, delay)) => (run(Some((at, Act::Delay(delay)))).await, Heard::Nothing),
            Some(Fate::Late(at, heard)) => {
                self.late.lock().unwrap().push(step.to_owned());
                let until = self.limit - Duration::from_millis(100);
                let late = run(Some((at, Act::Hold(until))));
                // The function has begun, at least, when nobody waits for it any more.
                let _given_up = tokio::time::timeout(Duration::from_millis(1), late).await;
                (Ended::Died, heard)
            }
        };
        match (ended, heard) {
            (Ended::Answered(Ok(payload)), _) => {
                Ok(json!({ "ExecutedVersion": "$LATEST", "Payload": payload, "StatusCode": 200 }))
            }
            (Ended::Answered(Err((error, message))), _) => Err(failure(&error, &message)),
            (Ended::Died, Heard::Error(error)) => Err(failure(error, "injected")),
            (Ended::Died, Heard::Nothing) => std::future::pending().await,
        }
    }
}

fn failure(error: &str, message: &str) -> Failure {
    Failure::new(error, json!({ "errorType": error, "errorMessage": message }).to_string())
}
