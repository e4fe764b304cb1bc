use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_graphql::Error;
use skafu_store::generations::{Registry, RegistryError};
use skafu_store::{Consistency, ViewStore};
use skafu_views::FIRST_GENERATION;
use tokio::time::Instant;

use crate::error::{internal, store};

/// How long an instance believes what it read. The generation before is kept in step for much longer.
const FRESH: Duration = Duration::from_secs(1);

/// Which generation of each view questions are answered from.
pub(crate) struct Aliases {
    registry: Registry,
    known: Mutex<HashMap<&'static str, (u32, Instant)>>,
}

impl Aliases {
    pub(crate) fn new(views: Arc<dyn ViewStore>) -> Self {
        Self { registry: Registry::new(views), known: Mutex::default() }
    }

    /// The generation of a view that is shown. At most one read a second for each view and instance.
    pub(crate) async fn active(&self, view: &'static str) -> Result<u32, Error> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(view).copied();
        if let Some((number, _)) = known.filter(|(_, read)| read.elapsed() < FRESH) {
            return Ok(number);
        }
        let found = self.registry.read(view, Consistency::Eventual).await.map_err(unreadable)?;
        let number = found.map_or(FIRST_GENERATION, |it| it.active().number);
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(view, (number, Instant::now()));
        Ok(number)
    }
}

fn unreadable(error: RegistryError) -> Error {
    match error {
        RegistryError::Store(error) => store(&error),
        error => {
            tracing::error!(error = &error as &dyn std::error::Error, "the generations cannot be read");
            internal()
        }
    }
}
