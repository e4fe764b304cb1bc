//! Where finished repositories are kept.

mod bare;
mod bundle;
#[cfg(any(test, feature = "contract"))]
pub mod contract;

use std::time::Duration;

use async_trait::async_trait;

pub use bare::BareDirectory;
pub use bundle::BundleStore;

use crate::git::{self, Commit, DEFAULT_BRANCH, GitError};
use crate::source::SourceFile;

/// A repository to make.
#[derive(Debug, Clone, Copy)]
pub struct NewRepository<'a> {
    /// The tenant it belongs to.
    pub tenant: &'a str,
    /// The project it is made for.
    pub project_id: &'a str,
    /// Its name, without `.git`.
    pub name: &'a str,
    /// What the initial commit holds.
    pub files: &'a [SourceFile],
    /// The time of the commit, from 1970-01-01T00:00:00Z.
    pub committed_at_unix_seconds: i64,
    /// The message of the commit.
    pub message: &'a str,
}

/// A repository that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreatedRepository {
    /// Relative to the provider's root; follows from tenant, project and name alone.
    pub location: String,
    /// `main`.
    pub default_branch: String,
    /// The one commit, 40 hexadecimal digits.
    pub initial_commit_id: String,
    /// How many files and symbolic links it holds.
    pub file_count: u32,
}

/// What became of a repository that was to be removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Discarded {
    /// It was there, untouched, and is gone.
    Removed,
    /// There was none.
    Absent,
    /// Somebody has worked in it: it stays.
    KeptTouched,
}

/// How a repository is to be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policies<'a> {
    /// `description`: what it is for.
    pub description: Option<&'a str>,
    /// `protect-default-branch`: nobody rewrites the default branch.
    pub protect_default_branch: bool,
}

impl Policies<'_> {
    /// The names of those that are wanted.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        let wanted = [
            (DESCRIPTION, self.description.is_some()),
            (PROTECT_DEFAULT_BRANCH, self.protect_default_branch),
        ];
        wanted.into_iter().filter(|(_, wanted)| *wanted).map(|(name, _)| name)
    }
}

const DESCRIPTION: &str = "description";
const PROTECT_DEFAULT_BRANCH: &str = "protect-default-branch";

/// What a provider made of the policies it was asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Configured {
    /// Those that hold now.
    pub applied: Vec<&'static str>,
    /// Those it has nothing for.
    pub skipped: Vec<&'static str>,
}

/// Why a repository was not made, configured or removed.
#[derive(Debug, thiserror::Error)]
pub enum ProviderError {
    /// Another repository is at its place; trying again fails again.
    #[error("another repository is at `{0}`")]
    Taken(String),
    /// A tenant, project or name that cannot be part of a location.
    #[error("`{0}` cannot be part of a repository's location")]
    InvalidName(String),
    /// The files cannot be committed; trying again fails again.
    #[error("the repository's content cannot be used")]
    Content(#[source] GitError),
    /// There is no repository at its place.
    #[error("there is no repository at `{0}`")]
    Missing(String),
    /// The provider has had enough of us for now.
    #[error("the repository provider wants to be left alone for {} s", retry_after.as_secs())]
    RateLimited {
        /// How long.
        retry_after: Duration,
    },
    /// The provider could not be reached or refused for now; trying again may succeed.
    #[error("the repository provider is not available")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ProviderError {
    /// Whether the same call may succeed later.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Unavailable(_) | Self::RateLimited { .. })
    }
}

/// Makes repositories, and removes those that were made for nothing.
#[async_trait]
pub trait RepositoryProvider: Send + Sync {
    /// Makes a repository with one commit. Either all of it is there afterwards or nothing.
    ///
    /// Asked again with the same content, gives the same answer; with other content, [`ProviderError::Taken`].
    async fn create(&self, new: &NewRepository<'_>) -> Result<CreatedRepository, ProviderError>;

    /// Has a repository used as the policies say, as far as the provider knows them. Asked again, does it again.
    async fn configure(
        &self,
        tenant: &str,
        project_id: &str,
        name: &str,
        policies: Policies<'_>,
    ) -> Result<Configured, ProviderError>;

    /// Removes a repository if it still is as it was made; asked again, [`Discarded::Absent`].
    ///
    /// Without `initial_commit_id`, for when the answer of `create` was lost, the provider's own record of
    /// the initial commit is used.
    async fn discard(
        &self,
        tenant: &str,
        project_id: &str,
        name: &str,
        initial_commit_id: Option<&str>,
    ) -> Result<Discarded, ProviderError>;
}

/// `<tenant>/<project>/<name><suffix>`, each a single harmless name.
fn location(tenant: &str, project_id: &str, name: &str, suffix: &str) -> Result<String, ProviderError> {
    for part in [tenant, project_id, name] {
        let is_plain = part.bytes().all(|b| b.is_ascii_alphanumeric() || b"._:-".contains(&b));
        if !is_plain || part.is_empty() || part.len() > 100 || part.starts_with(['.', '-']) {
            return Err(ProviderError::InvalidName(part.to_owned()));
        }
    }
    Ok(format!("{tenant}/{project_id}/{name}{suffix}"))
}

fn commit(new: &NewRepository<'_>) -> Result<Commit, ProviderError> {
    git::initial_commit(new.files, new.committed_at_unix_seconds, new.message).map_err(ProviderError::Content)
}

fn created(location: String, commit: &Commit, new: &NewRepository<'_>) -> CreatedRepository {
    CreatedRepository {
        location,
        default_branch: DEFAULT_BRANCH.to_owned(),
        initial_commit_id: commit.id.to_string(),
        // A commit has at most 500 files.
        file_count: new.files.len() as u32,
    }
}
