use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::Value;

/// The state machine could not be told to start; whether it did is unknown.
#[derive(Debug, thiserror::Error)]
#[error("the execution could not be started")]
pub struct WorkflowError(#[source] pub Box<dyn std::error::Error + Send + Sync>);

/// Whether an execution was started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// Now.
    Now,
    /// Before: it runs, or has ended.
    Before,
}

/// The state machine, as whoever starts it needs it.
#[async_trait]
pub trait Workflows: Send + Sync {
    /// Starts an execution of that name. One that exists already is as good as started.
    async fn start(&self, name: &str, input: Value) -> Result<Started, WorkflowError>;
}

/// Remembers what was started.
#[derive(Debug, Default)]
pub struct MemoryWorkflows {
    started: Mutex<BTreeMap<String, Value>>,
}

impl MemoryWorkflows {
    /// Every execution, by name.
    pub fn started(&self) -> BTreeMap<String, Value> {
        self.started.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[async_trait]
impl Workflows for MemoryWorkflows {
    async fn start(&self, name: &str, input: Value) -> Result<Started, WorkflowError> {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        match started.entry(name.to_owned()) {
            Entry::Occupied(_) => Ok(Started::Before),
            Entry::Vacant(free) => {
                free.insert(input);
                Ok(Started::Now)
            }
        }
    }
}
