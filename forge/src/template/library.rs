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

impl Library {
    pub(super) fn new(source: Arc<dyn Source>, roots: Vec<String>) -> Self {
        Self { source, roots }
    }

    /// No texts at all.
    pub(super) fn empty() -> Self {
        Self::new(Arc::new(Memory::new(Vec::new())), Vec::new())
    }

    /// The text of this name. What is not UTF-8 is no text.
    pub(super) fn text(&self, name: &str) -> Result<Option<String>, SourceError> {
        let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
        if parts.contains(&"..") {
            return Ok(None);
        }
        for root in &self.roots {
            let path = if root.is_empty() { parts.join("/") } else { format!("{root}/{}", parts.join("/")) };
            if let Followed::File(at) = follow(&*self.source, &path)? {
                return Ok(String::from_utf8(self.source.read(at)?).ok());
            }
        }
        Ok(None)
    }
}
