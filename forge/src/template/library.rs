use std::sync::Arc;

use super::links::{Followed, follow};
use crate::source::{Memory, Source, SourceError};

/// The texts that `include`, `import` and `extends` find: those of the template, and no others.
#[derive(Debug, Clone)]
pub(super) struct Library {
    source: Arc<dyn Source>,
    /// The directories names are looked up in, in this order; the empty one is the template itself.
    roots: Vec<String>,
}

/// Why there is no text although there is a file.
#[derive(Debug, thiserror::Error)]
pub(super) enum LibraryError {
    /// It cannot be read.
    #[error(transparent)]
    Source(#[from] SourceError),
    /// What is included must be text.
    #[error("the included file `{0}` must be UTF-8")]
    NotText(String),
}

impl Library {
    pub(super) fn new(source: Arc<dyn Source>, roots: Vec<String>) -> Self {
        Self { source, roots }
    }

    /// No texts at all.
    pub(super) fn empty() -> Self {
        Self::new(Arc::new(Memory::new(Vec::new())), Vec::new())
    }

    /// The text of this name, if there is a file of it.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, LibraryError> {
        let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        if parts.contains(&"..") {
            return Ok(None);
        }
        for root in &self.roots {
            let path = if root.is_empty() { parts.join("/") } else { format!("{root}/{}", parts.join("/")) };
            if let Followed::File(at) = follow(&*self.source, &path)? {
                let text = String::from_utf8(self.source.read(at)?);
                return text.map(Some).map_err(|_| LibraryError::NotText(path));
            }
        }
        Ok(None)
    }
}
