use std::sync::{Mutex, PoisonError};

/// What one request to a table cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Consumed {
    /// The request: `Query`, `PutItem` …
    pub operation: &'static str,
    /// Capacity units, reads or writes as the operation has it.
    pub units: f64,
}

/// Is told what each request cost.
pub trait Meter: Send + Sync {
    /// One request was answered.
    fn consumed(&self, consumed: Consumed);
}

/// Logs what requests cost, for whoever looks.
#[derive(Debug, Clone, Copy, Default)]
pub struct LogMeter;

impl Meter for LogMeter {
    fn consumed(&self, consumed: Consumed) {
        tracing::debug!(operation = consumed.operation, units = consumed.units, "capacity consumed");
    }
}

/// Remembers what requests cost.
#[derive(Debug, Default)]
pub struct CountingMeter(Mutex<Vec<Consumed>>);

impl CountingMeter {
    /// Everything since the last call, in order.
    pub fn take(&self) -> Vec<Consumed> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Meter for CountingMeter {
    fn consumed(&self, consumed: Consumed) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(consumed);
    }
}
