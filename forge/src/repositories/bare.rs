use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use tokio::task::spawn_blocking;
use uuid::Uuid;

use super::{
    Configured, CreatedRepository, DESCRIPTION, Discarded, NewRepository, Policies, ProviderError,
    RepositoryProvider, commit, created, location,
};
use crate::git::{self, Commit, INITIAL_COMMIT_FILE, MAIN_REF};

/// Keeps each repository as a bare repository below a directory, to clone from and push to.
#[derive(Debug, Clone)]
pub struct BareDirectory {
    root: PathBuf,
}

impl BareDirectory {
    /// Repositories below `root`, which is made with the first one.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }
}

#[async_trait]
impl RepositoryProvider for BareDirectory {
    async fn create(&self, new: &NewRepository<'_>) -> Result<CreatedRepository, ProviderError> {
        let location = location(new.tenant, new.project_id, new.name, ".git")?;
        let commit = commit(new)?;
        let answer = created(location.clone(), &commit, new);
        let place = self.root.join(&location);
        if blocking(move || make(&place, &commit)).await? {
            Ok(answer)
        } else {
            Err(ProviderError::Taken(location))
        }
    }

    async fn configure(
        &self,
        tenant: &str,
        project_id: &str,
        name: &str,
        policies: Policies<'_>,
    ) -> Result<Configured, ProviderError> {
        let location = location(tenant, project_id, name, ".git")?;
        let place = self.root.join(&location);
        let description = policies.description.map(str::to_owned);
        let found = blocking(move || describe(&place, description.as_deref())).await?;
        if !found {
            return Err(ProviderError::Missing(location));
        }
        // Git itself protects no branch: that is for servers.
        let (applied, skipped) = policies.names().partition(|name| *name == DESCRIPTION);
        Ok(Configured { applied, skipped })
    }

    async fn discard(
        &self,
        tenant: &str,
        project_id: &str,
        name: &str,
        initial_commit_id: Option<&str>,
    ) -> Result<Discarded, ProviderError> {
        let place = self.root.join(location(tenant, project_id, name, ".git")?);
        let expected = initial_commit_id.map(str::to_owned);
        blocking(move || remove(&place, expected.as_deref())).await
    }
}

/// What hidden names beside a repository begin with: something nobody needs,
const SCRAP: &str = ".scrap-";
/// and a repository of which it is not yet decided whether it is discarded.
const ASIDE: &str = ".aside-";

/// Whether the repository at `place` is the wanted one. It is built beside its place, so that a crash
/// leaves nothing half made there.
fn make(place: &Path, commit: &Commit) -> io::Result<bool> {
    let directory = place.parent().ok_or(io::ErrorKind::InvalidInput)?;
    fs::create_dir_all(directory)?;
    if !place.exists() {
        let draft = beside(directory, SCRAP);
        let built = git::write_bare(&draft, commit).and_then(|()| fs::rename(&draft, place));
        if let Err(error) = built {
            // Why it was not made matters more than that the draft stays.
            let _ = fs::remove_dir_all(&draft);
            // Somebody else may have been faster.
            if !place.exists() {
                return Err(error);
            }
        }
        File::open(directory)?.sync_all()?;
    }
    sweep(directory)?;
    Ok(recorded(place)?.as_deref() == Some(commit.id.to_string().as_str()))
}

/// Writes what git's own web pages show of a repository. Whether there is one.
fn describe(place: &Path, description: Option<&str>) -> io::Result<bool> {
    if !place.exists() {
        return Ok(false);
    }
    if let Some(description) = description {
        fs::write(place.join("description"), format!("{description}\n"))?;
    }
    Ok(true)
}

fn remove(place: &Path, expected: Option<&str>) -> io::Result<Discarded> {
    let Some(directory) = place.parent().filter(|directory| directory.exists()) else {
        return Ok(Discarded::Absent);
    };
    sweep(directory)?;
    put_back(directory, place)?;
    if !place.exists() {
        return Ok(Discarded::Absent);
    }
    if !is_untouched(place, expected)? {
        return Ok(Discarded::KeptTouched);
    }
    // Out of the way first: from here on nobody can push to it, and what was pushed until now is seen.
    let aside = beside(directory, ASIDE);
    fs::rename(place, &aside)?;
    if !is_untouched(&aside, expected)? {
        fs::rename(&aside, place)?;
        return Ok(Discarded::KeptTouched);
    }
    // From here on half of it may be gone.
    let scrap = beside(directory, SCRAP);
    fs::rename(&aside, &scrap)?;
    fs::remove_dir_all(&scrap)?;
    Ok(Discarded::Removed)
}

/// A name no repository can have.
fn beside(directory: &Path, prefix: &str) -> PathBuf {
    directory.join(format!("{prefix}{}", Uuid::now_v7()))
}

fn hidden(directory: &Path, prefix: &str) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

/// Removes what a process that died was making or removing.
fn sweep(directory: &Path) -> io::Result<()> {
    hidden(directory, SCRAP)?.iter().try_for_each(|scrap| match fs::remove_dir_all(scrap) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    })
}

/// Undoes the first half of a removal whose process died before it could decide.
fn put_back(directory: &Path, place: &Path) -> io::Result<()> {
    match hidden(directory, ASIDE)?.first() {
        Some(aside) if !place.exists() => fs::rename(aside, place),
        _ => Ok(()),
    }
}

/// Whether `main` is the initial commit and there is no other reference, loose or packed.
fn is_untouched(repository: &Path, expected: Option<&str>) -> io::Result<bool> {
    let recorded = recorded(repository)?;
    let Some(expected) = expected.or(recorded.as_deref()) else { return Ok(false) };
    let mut references = packed(repository)?;
    let mut pending = vec![PathBuf::from("refs")];
    while let Some(directory) = pending.pop() {
        for entry in fs::read_dir(repository.join(&directory))? {
            let entry = entry?;
            let name = directory.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                pending.push(name);
            } else {
                let id = fs::read_to_string(entry.path())?.trim().to_owned();
                let name = name.to_string_lossy().into_owned();
                // A loose reference overrides a packed one of the same name.
                references.retain(|(other, _)| *other != name);
                references.push((name, id));
            }
        }
    }
    Ok(matches!(references.as_slice(), [(name, id)] if name == MAIN_REF && id == expected))
}

fn packed(repository: &Path) -> io::Result<Vec<(String, String)>> {
    let text = absent_is_none(fs::read_to_string(repository.join("packed-refs")))?.unwrap_or_default();
    let references =
        text.lines().filter(|line| !line.starts_with(['#', '^'])).filter_map(|line| line.split_once(' '));
    Ok(references.map(|(id, name)| (name.to_owned(), id.to_owned())).collect())
}

/// The initial commit as it was written when the repository was made.
fn recorded(repository: &Path) -> io::Result<Option<String>> {
    let text = absent_is_none(fs::read_to_string(repository.join(INITIAL_COMMIT_FILE)))?;
    Ok(text.map(|text| text.trim().to_owned()))
}

fn absent_is_none<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, ProviderError> {
    match spawn_blocking(work).await {
        Ok(done) => done.map_err(|error| ProviderError::Unavailable(error.into())),
        Err(error) => Err(ProviderError::Unavailable(error.into())),
    }
}

#[cfg(test)]
#[path = "bare_tests.rs"]
mod tests;
