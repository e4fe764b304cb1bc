use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use skafu_events::Envelope;
use skafu_functions::relay::{BusEntry, EventPublisher, MemoryBus, PublishError};

/// A bus that refuses, or does not answer for, what it is told to.
pub struct PickyBus {
    /// What it took.
    pub taken: MemoryBus,
    /// How many entries each request held.
    pub requests: Mutex<Vec<usize>>,
    refuses: Box<dyn Fn(&Envelope) -> bool + Send + Sync>,
    silent: bool,
}

impl PickyBus {
    /// It refuses each such event.
    pub fn refusing(refuses: impl Fn(&Envelope) -> bool + Send + Sync + 'static) -> Arc<Self> {
        let (taken, requests) = (MemoryBus::default(), Mutex::default());
        Arc::new(Self { taken, refuses: Box::new(refuses), silent: false, requests })
    }

    /// It never answers.
    pub fn silent() -> Arc<Self> {
        let (taken, requests) = (MemoryBus::default(), Mutex::default());
        Arc::new(Self { taken, refuses: Box::new(|_| false), silent: true, requests })
    }
}

#[async_trait]
impl EventPublisher for PickyBus {
    async fn publish(&self, entries: &[BusEntry]) -> Result<Vec<bool>, PublishError> {
        self.requests.lock().unwrap().push(entries.len());
        if self.silent {
            return Err(PublishError::Unavailable("injected".into()));
        }
        let answers: Vec<bool> = entries.iter().map(|entry| !(self.refuses)(&entry.detail)).collect();
        for (entry, taken) in entries.iter().zip(&answers) {
            if *taken {
                self.taken.publish(std::slice::from_ref(entry)).await?;
            }
        }
        Ok(answers)
    }
}
