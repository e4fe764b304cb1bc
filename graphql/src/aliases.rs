use std::collections::HashMap;
use std::sync::{Arc, Mutex as StdMutex, PoisonError};

use async_graphql::Error;
use skafu_events::Timestamp;
use skafu_store::generations::{Registry, RegistryError};
use skafu_store::{Chain, Consistency, ViewStore};
use skafu_views::{FIRST_GENERATION, NAMES};
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

    /// The generation of a view that is shown. At most one read a second for all views and each instance, while they can be read.
    pub(crate) async fn active(&self, view: &'static str, now: Timestamp) -> Result<u32, Error> {
        if let Some(number) = self.fresh(view, now) {
            return Ok(number);
        }
        let _reading = self.reading.lock().await;
        if let Some(number) = self.fresh(view, now) {
            return Ok(number);
        }
        self.read_all(view, now).await
    }

    /// Those of all views in one request: whoever asks for one mostly joins others.
    async fn read_all(&self, wanted: &'static str, now: Timestamp) -> Result<u32, Error> {
        let all =
            self.registry.read_all(&NAMES, Consistency::Eventual).await.map_err(|error| store(&error))?;
        let mut number = Err(internal());
        for (view, found) in NAMES.into_iter().zip(all) {
            // One that cannot be read is no reason not to answer from the others.
            let active = found.map(|it| it.map_or(FIRST_GENERATION, |it| it.active().number));
            if let Ok(active) = active {
                self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(view, (active, now));
            }
            if view == wanted {
                number = active.map_err(unreadable);
            }
        }
        number
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
