use std::collections::HashMap;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use async_graphql::Error;
use skafu_events::Timestamp;
use skafu_store::generations::{Registry, RegistryError};
use skafu_store::{Chain, Consistency, ViewStore};
use skafu_views::FIRST_GENERATION;
use tokio::sync::Mutex;

use crate::error::{internal, store};

/// How many milliseconds an instance believes what it read. The generation before is kept in step for much
/// longer.
const FRESH_MILLIS: u64 = 1_000;

/// Which generation of each view questions are answered from.
pub(crate) struct Aliases {
    registry: Registry,
    known: StdMutex<HashMap<&'static str, (u32, Timestamp)>>,
    /// Many fields ask at once: one of them reads, the others wait for it.
    reading: Mutex<()>,
}

impl Aliases {
    pub(crate) fn new(views: Arc<dyn ViewStore>) -> Self {
        Self { registry: Registry::new(views), known: StdMutex::default(), reading: Mutex::default() }
    }

    /// The generation of a view that is shown. At most one read a second for each view and instance.
    pub(crate) async fn active(&self, view: &'static str, now: Timestamp) -> Result<u32, Error> {
        if let Some(number) = self.fresh(view, now) {
            return Ok(number);
        }
        let _reading = self.reading.lock().await;
        if let Some(number) = self.fresh(view, now) {
            return Ok(number);
        }
        let found = self.registry.read(view, Consistency::Eventual).await.map_err(unreadable)?;
        let number = found.map_or(FIRST_GENERATION, |it| it.active().number);
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(view, (number, now));
        Ok(number)
    }

    fn fresh(&self, view: &'static str, now: Timestamp) -> Option<u32> {
        let (number, read) = *self.known.lock().unwrap_or_else(PoisonError::into_inner).get(view)?;
        let age = now.date_time() - read.date_time();
        // A clock that was set back must not keep an alias for ever.
        (age.num_milliseconds().unsigned_abs() < FRESH_MILLIS).then_some(number)
    }
}

fn unreadable(error: RegistryError) -> Error {
    match error {
        RegistryError::Store(error) => store(&error),
        error => {
            tracing::error!(error = %Chain(&error), "the generations cannot be read");
            internal()
        }
    }
}
