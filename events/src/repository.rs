//! What happens to a project's git repository.

use serde::{Deserialize, Serialize};

use crate::project::RepositoryLink;
use crate::{AggregateKind, DomainEvent};

/// Every event of a repository's stream.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "eventType", content = "data")]
pub enum RepositoryEvent {
    /// The repository exists, with its initial commit.
    RepositoryCreated(RepositoryCreated),
    /// Its provider was told how it is to be used.
    RepositoryConfigured(RepositoryConfigured),
    /// The repository was removed again.
    RepositoryDeleted(RepositoryDeleted),
}

impl DomainEvent for RepositoryEvent {
    const KIND: AggregateKind = AggregateKind::Repository;
}

/// The repository exists, with its initial commit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepositoryCreated {
    /// The project it was made for.
    pub project_id: String,
    /// Where it is.
    #[serde(flatten)]
    pub link: RepositoryLink,
    /// How many files and symbolic links the initial commit holds.
    pub file_count: u32,
}

/// Its provider was told how it is to be used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepositoryConfigured {
    /// The project it was made for.
    pub project_id: String,
    /// The policies that hold now: `description`, `protect-default-branch`.
    pub applied: Vec<String>,
    /// The policies this provider does not know, or does not allow.
    #[serde(default)]
    pub skipped: Vec<String>,
}

/// The repository was removed again, because its project's creation failed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RepositoryDeleted {
    /// The project it was made for.
    pub project_id: String,
    /// Why.
    pub reason: String,
}
