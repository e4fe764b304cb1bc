//! What is counted for operators.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::{Mutex, PoisonError};

use serde_json::json;

/// Is told what happened how often.
pub trait Metrics: Send + Sync {
    /// `metric` happened `times` times in `view`. Nothing is told of what did not happen.
    fn count(&self, metric: &'static str, view: &'static str, times: u64);
}

/// Tells nobody.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoMetrics;

impl Metrics for NoMetrics {
    fn count(&self, _metric: &'static str, _view: &'static str, _times: u64) {}
}

/// Prints CloudWatch's embedded metric format, of which CloudWatch makes metrics: namespace `Skafu`,
/// dimensions `Stack` and `View`, for an account may hold many stacks.
#[derive(Debug, Clone)]
pub struct EmbeddedMetrics {
    stack: String,
}

impl EmbeddedMetrics {
    /// The metrics of that stack.
    pub fn new(stack: impl Into<String>) -> Self {
        Self { stack: stack.into() }
    }
}

impl Metrics for EmbeddedMetrics {
    fn count(&self, metric: &'static str, view: &'static str, times: u64) {
        if times == 0 {
            return;
        }
        let directive = json!({
            "Namespace": "Skafu",
            "Dimensions": [["Stack", "View"]],
            "Metrics": [{ "Name": metric, "Unit": "Count" }]
        });
        let now = chrono::Utc::now().timestamp_millis();
        let line = json!({
            "_aws": { "Timestamp": now, "CloudWatchMetrics": [directive] },
            "Stack": self.stack,
            "View": view,
            (metric): times
        });
        if let Err(error) = writeln!(std::io::stdout(), "{line}") {
            tracing::warn!(%error, metric, "a metric is lost");
        }
    }
}

/// Adds up what it is told.
#[derive(Debug, Default)]
pub struct CountingMetrics(Mutex<BTreeMap<(&'static str, &'static str), u64>>);

impl CountingMetrics {
    /// How often a metric happened in a view.
    pub fn of(&self, metric: &'static str, view: &'static str) -> u64 {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.get(&(metric, view)).copied().unwrap_or_default()
    }
}

impl Metrics for CountingMetrics {
    fn count(&self, metric: &'static str, view: &'static str, times: u64) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry((metric, view)).or_default() += times;
    }
}
