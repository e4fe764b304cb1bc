//! Documents that are known by their names: those a manifest trusts, and those that clients have sent before.
//!
//! A document's name is the SHA-256 of its text. So nobody can give a name to another text than its own, and
//! what one tenant's client has sent may serve every other's: whoever knows a name gets what they could as well
//! have sent themselves. All they learn is that somebody asks the same.

mod id;
mod manifest;
mod remembered;
mod source;
mod trusted;

use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::refusal::Refusal;
use crate::Clock;
use remembered::Remembered;
use trusted::Trusted;

pub use id::DocumentId;
pub use manifest::{Manifest, ManifestError};
pub use source::{BlobDocuments, DocumentSource, MANIFEST_KEY, MemoryDocuments, SourceError};
pub(super) use trusted::TrustedError;

/// How a request tells its document.
#[derive(Debug)]
pub(super) enum Document {
    /// By its text alone.
    Text(String),
    /// By its name alone.
    Named(DocumentId),
    /// By both, which belong together.
    Both {
        /// The name.
        id: DocumentId,
        /// The text.
        text: String,
    },
}

/// What a manifest of trusted documents is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// None is read.
    Off,
    /// Its documents are found by their names; any other may still be sent.
    Prefer,
    /// Its documents are executed, and nothing else.
    Only,
}

/// No kind of trust.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is none of off, prefer and only")]
pub struct UnknownTrust(String);

impl FromStr for Trust {
    type Err = UnknownTrust;

    fn from_str(text: &str) -> Result<Self, UnknownTrust> {
        match text {
            "off" => Ok(Self::Off),
            "prefer" => Ok(Self::Prefer),
            "only" => Ok(Self::Only),
            other => Err(UnknownTrust(other.to_owned())),
        }
    }
}

/// Every document that has a name here.
#[derive(Default)]
pub struct Documents {
    trusted: Option<(Trust, Trusted)>,
    remembered: Mutex<Remembered>,
}

impl Documents {
    /// Trusts the manifest of that source that far. It is read when it is first needed, and again once what is
    /// known of it is a minute old by that clock.
    pub fn new(trust: Trust, source: Arc<dyn DocumentSource>, clock: Arc<dyn Clock>) -> Self {
        let trusted = (trust != Trust::Off).then(|| (trust, Trusted::new(source, clock)));
        Self { trusted, ..Self::default() }
    }

    /// The text of a document, if it may be executed.
    pub(super) async fn text(&self, document: &Document) -> Result<Arc<str>, Refusal> {
        if let Some((Trust::Only, trusted)) = &self.trusted {
            let found = match document {
                Document::Text(text) => trusted.find(&DocumentId::of(text)).await?,
                Document::Named(id) | Document::Both { id, .. } => trusted.find(id).await?,
            };
            return found.ok_or_else(Refusal::not_trusted);
        }
        match document {
            Document::Text(text) | Document::Both { text, .. } => Ok(text.as_str().into()),
            Document::Named(id) => self.named(id).await,
        }
    }

    async fn named(&self, id: &DocumentId) -> Result<Arc<str>, Refusal> {
        if let Some(text) = self.remembered().get(id) {
            return Ok(text);
        }
        let trusted = match &self.trusted {
            Some((_, trusted)) => trusted.find(id).await?,
            None => None,
        };
        trusted.ok_or_else(Refusal::persisted_query_not_found)
    }

    /// Keeps a document that came with its name, for requests that come with the name alone. To be called once it
    /// is known to be one. Where only a manifest counts, there is nothing to keep.
    pub(super) fn remember(&self, document: &Document) {
        if let (Document::Both { id, text }, None | Some((Trust::Prefer, _))) = (document, &self.trusted) {
            self.remembered().put(id, text);
        }
    }

    fn remembered(&self) -> MutexGuard<'_, Remembered> {
        // A panic elsewhere may have left it uneven: it forgets sooner or later, and finds no wrong text.
        self.remembered.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
