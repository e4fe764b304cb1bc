use std::sync::Arc;

use skafu_events::Timestamp;
use skafu_store::Chain;
use tokio::sync::Mutex;

use super::{DocumentId, DocumentSource, Manifest, ManifestError, SourceError};
use crate::Clock;

/// How old what is known of a manifest may be.
const MAX_AGE_SECONDS: u64 = 60;

/// Why it is not known what is trusted.
#[derive(Debug, thiserror::Error)]
pub(in crate::graphql) enum TrustedError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Manifest(#[from] ManifestError),
}

/// A manifest as it was a minute ago at most, or longer if it cannot be read since.
pub(super) struct Trusted {
    source: Arc<dyn DocumentSource>,
    clock: Arc<dyn Clock>,
    /// Held while reading: who comes meanwhile waits for what is found.
    known: Mutex<Option<Known>>,
}

struct Known {
    manifest: Arc<Manifest>,
    since: Timestamp,
}

impl Trusted {
    pub(super) fn new(source: Arc<dyn DocumentSource>, clock: Arc<dyn Clock>) -> Self {
        Self { source, clock, known: Mutex::default() }
    }

    /// The text of a trusted document.
    pub(super) async fn find(&self, id: &DocumentId) -> Result<Option<Arc<str>>, TrustedError> {
        Ok(self.manifest().await?.find(id))
    }

    async fn manifest(&self) -> Result<Arc<Manifest>, TrustedError> {
        let mut known = self.known.lock().await;
        let now = self.clock.now();
        // A clock that was set back must not keep a manifest for longer.
        let age = |since: Timestamp| (now.date_time() - since.date_time()).num_seconds().unsigned_abs();
        if let Some(fresh) = known.as_ref().filter(|it| age(it.since) < MAX_AGE_SECONDS) {
            return Ok(Arc::clone(&fresh.manifest));
        }
        let manifest = match (self.read().await, known.as_ref()) {
            (Ok(manifest), _) => Arc::new(manifest),
            // What was trusted stays so: an outage of the source must not be one of ours.
            (Err(error), Some(before)) => {
                tracing::error!(error = %Chain(&error), "the manifest of trusted documents is kept as it was");
                Arc::clone(&before.manifest)
            }
            (Err(error), None) => return Err(error),
        };
        *known = Some(Known { manifest: Arc::clone(&manifest), since: now });
        Ok(manifest)
    }

    async fn read(&self) -> Result<Manifest, TrustedError> {
        match self.source.manifest().await? {
            Some(bytes) => Ok(Manifest::read(&bytes)?),
            None => {
                tracing::warn!("there is no manifest of trusted documents: none is trusted");
                Ok(Manifest::default())
            }
        }
    }
}
