//! State machines as they are declared: Amazon States Language, JSONata only.

mod fields;
mod graph;
mod read;
mod read_kinds;
#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;

pub use fields::{Finding, InvalidDefinition};
pub(super) use read::MAX_SECONDS;

use super::{failure::Failure, template::Template};

/// The one service a task can call.
pub(super) const LAMBDA_INVOKE: &str = "arn:aws:states:::lambda:invoke";
/// The same service, where the task ends only when somebody sends back its token.
pub(super) const LAMBDA_INVOKE_FOR_TOKEN: &str = "arn:aws:states:::lambda:invoke.waitForTaskToken";

/// A valid state machine.
#[derive(Debug, Clone)]
pub struct Machine {
    pub(super) graph: Graph,
    /// The longest an execution may take, counted from its start.
    pub(super) timeout: Option<Duration>,
}

impl Machine {
    /// Reads a definition and reports everything that is wrong with it at once. What Step Functions knows
    /// but this interpreter does not is refused, not ignored.
    pub fn load(definition: &Value) -> Result<Self, InvalidDefinition> {
        read::machine(definition)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Graph {
    pub(super) start_at: String,
    pub(super) states: BTreeMap<String, State>,
}

#[derive(Debug, Clone)]
pub(super) struct State {
    pub(super) kind: Kind,
    /// `None` ends the graph, successfully. A `Choice` decides by itself.
    pub(super) next: Option<String>,
    pub(super) handover: Handover,
    pub(super) retry: Vec<Retrier>,
    pub(super) catch: Vec<Catcher>,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Task(Box<Task>),
    Pass,
    Succeed,
    Fail { error: Option<Template>, cause: Option<Template> },
    Wait(Until),
    Choice { rules: Vec<Rule>, default: Option<String> },
    Parallel { arguments: Option<Template>, branches: Vec<Graph> },
    Map(Box<MapEach>),
}

#[derive(Debug, Clone)]
pub(super) struct Task {
    pub(super) resource: String,
    pub(super) arguments: Option<Template>,
    /// The longest it may take, in seconds.
    pub(super) timeout: Option<Template>,
    /// The longest it may be silent, in seconds.
    pub(super) heartbeat: Option<Template>,
}

impl Task {
    /// Whether the function's answer means nothing, and the task's token must come back.
    pub(super) fn waits_for_token(&self) -> bool {
        self.resource == LAMBDA_INVOKE_FOR_TOKEN
    }
}

/// How long a `Wait` waits.
#[derive(Debug, Clone)]
pub(super) enum Until {
    Seconds(Template),
    Timestamp(Template),
}

#[derive(Debug, Clone)]
pub(super) struct MapEach {
    pub(super) items: Option<Template>,
    pub(super) selector: Option<Template>,
    pub(super) max_concurrency: Option<Template>,
    /// Whether each item is, on AWS, an execution of its own, which knows nothing of the variables around it.
    pub(super) is_distributed: bool,
    pub(super) processor: Graph,
}

/// What is passed on when a state is left.
#[derive(Debug, Clone, Default)]
pub(super) struct Handover {
    pub(super) output: Option<Template>,
    pub(super) assign: Vec<(String, Template)>,
}

#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub(super) condition: Template,
    pub(super) next: String,
    pub(super) handover: Handover,
}

#[derive(Debug, Clone)]
pub(super) struct Catcher {
    pub(super) error_equals: Vec<String>,
    pub(super) next: String,
    pub(super) handover: Handover,
}

#[derive(Debug, Clone)]
pub(super) struct Retrier {
    pub(super) error_equals: Vec<String>,
    pub(super) interval: Duration,
    pub(super) max_attempts: u32,
    pub(super) backoff_rate: f64,
    pub(super) max_delay: Duration,
    pub(super) full_jitter: bool,
}

/// What to do about a failure.
#[derive(Debug)]
pub(super) enum Remedy<'a> {
    /// Try again by the retrier of this index.
    Retry(usize),
    Catch(&'a Catcher),
    GiveUp,
}

impl State {
    /// The first matching retrier decides; once it is used up, the others are not asked.
    pub(super) fn remedy(&self, failure: &Failure, retries_used: &[u32]) -> Remedy<'_> {
        let retrier = self.retry.iter().position(|r| failure.is_one_of(&r.error_equals));
        if let Some(index) = retrier
            && retries_used.get(index).copied().unwrap_or(0) < self.retry[index].max_attempts
        {
            return Remedy::Retry(index);
        }
        let catcher = self.catch.iter().find(|c| failure.is_one_of(&c.error_equals));
        catcher.map_or(Remedy::GiveUp, Remedy::Catch)
    }
}

impl Retrier {
    /// How long to wait before the retry that follows `used` others. `luck`, from 0 to 1, decides the jitter.
    pub(super) fn delay(&self, used: u32, luck: f64) -> Duration {
        let growth = self.backoff_rate.powi(i32::try_from(used).unwrap_or(i32::MAX));
        let seconds = (self.interval.as_secs_f64() * growth).min(self.max_delay.as_secs_f64());
        Duration::from_secs_f64(if self.full_jitter { seconds * luck } else { seconds })
    }
}
