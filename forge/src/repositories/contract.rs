//! What every [`RepositoryProvider`] promises.

use super::{CreatedRepository, Discarded, NewRepository, Policies, ProviderError, RepositoryProvider};
use crate::source::{FileMode, SourceFile};

/// The tenant the suite works in.
pub const TENANT: &str = "t";

/// Some files; `text` makes them differ.
pub fn files(text: &str) -> Vec<SourceFile> {
    vec![
        SourceFile::regular("README.md", text),
        SourceFile {
            path: "bin/run".to_owned(),
            mode: FileMode::Executable,
            content: b"#!/bin/sh\n".to_vec(),
        },
    ]
}

/// A repository with these files.
pub fn sample<'a>(project_id: &'a str, name: &'a str, files: &'a [SourceFile]) -> NewRepository<'a> {
    NewRepository {
        tenant: TENANT,
        project_id,
        name,
        files,
        committed_at_unix_seconds: 1_700_000_000,
        message: "Initial commit",
    }
}

/// Runs the suite; panics at the first broken promise. Uses projects `contract-…` only.
pub async fn repository_provider(provider: &dyn RepositoryProvider) {
    makes_a_repository_once(provider).await;
    refuses_a_taken_place(provider).await;
    configures_what_is_there(provider).await;
    discards_what_is_untouched(provider).await;
    refuses_names_that_lead_elsewhere(provider).await;
    refuses_what_cannot_be_committed(provider).await;
}

async fn make(provider: &dyn RepositoryProvider, new: &NewRepository<'_>) -> CreatedRepository {
    provider.create(new).await.unwrap_or_else(|error| failed(&error))
}

async fn discard(provider: &dyn RepositoryProvider, project: &str, id: Option<&str>) -> Discarded {
    provider.discard(TENANT, project, "shop", id).await.unwrap_or_else(|error| failed(&error))
}

#[expect(clippy::panic, reason = "a broken promise ends the test that runs the suite")]
fn failed(error: &ProviderError) -> ! {
    panic!("{error:?}")
}

async fn makes_a_repository_once(provider: &dyn RepositoryProvider) {
    let files = files("one");
    let new = sample("contract-once", "shop", &files);
    let first = make(provider, &new).await;
    assert!(first.location.starts_with("t/contract-once/shop."), "{}", first.location);
    assert_eq!((first.default_branch.as_str(), first.file_count), ("main", 2));
    assert_eq!(first.initial_commit_id.len(), 40);
    assert_eq!(make(provider, &new).await, first, "asked again, the answer is the same");
    discard(provider, "contract-once", None).await;
    assert_eq!(make(provider, &new).await, first, "made again, it is the same");
    discard(provider, "contract-once", None).await;
}

async fn refuses_a_taken_place(provider: &dyn RepositoryProvider) {
    let (one, two) = (files("one"), files("two"));
    let first = make(provider, &sample("contract-taken", "shop", &one)).await;
    let second = provider.create(&sample("contract-taken", "shop", &two)).await;
    assert!(matches!(second, Err(ProviderError::Taken(place)) if place == first.location));
    assert_eq!(make(provider, &sample("contract-taken", "shop", &one)).await, first, "the first is unharmed");
    let elsewhere = make(provider, &sample("contract-taken-2", "shop", &two)).await;
    assert_ne!(elsewhere.location, first.location);
    discard(provider, "contract-taken", None).await;
    discard(provider, "contract-taken-2", None).await;
}

async fn configures_what_is_there(provider: &dyn RepositoryProvider) {
    let policies = Policies { description: Some("Sells things"), protect_default_branch: true };
    let configure = || provider.configure(TENANT, "contract-configured", "shop", policies);
    assert!(matches!(configure().await, Err(ProviderError::Missing(_))), "nothing is there to configure");
    let files = files("one");
    let first = make(provider, &sample("contract-configured", "shop", &files)).await;
    let configured = configure().await.unwrap_or_else(|error| failed(&error));
    let mut told = [configured.applied.clone(), configured.skipped.clone()].concat();
    told.sort_unstable();
    assert_eq!(told, ["description", "protect-default-branch"], "each policy is applied or skipped");
    assert_eq!(configure().await.unwrap_or_else(|error| failed(&error)), configured, "again is the same");
    assert_eq!(make(provider, &sample("contract-configured", "shop", &files)).await, first);
    let discarded = discard(provider, "contract-configured", Some(&first.initial_commit_id)).await;
    assert_eq!(discarded, Discarded::Removed, "to configure it is not to work in it");
}

async fn discards_what_is_untouched(provider: &dyn RepositoryProvider) {
    let files = files("one");
    let new = sample("contract-discard", "shop", &files);
    assert_eq!(discard(provider, "contract-discard", None).await, Discarded::Absent);
    for known in [true, false] {
        let made = make(provider, &new).await;
        let other = "0".repeat(40);
        assert_eq!(discard(provider, "contract-discard", Some(&other)).await, Discarded::KeptTouched);
        let id = known.then_some(made.initial_commit_id.as_str());
        assert_eq!(discard(provider, "contract-discard", id).await, Discarded::Removed);
        assert_eq!(discard(provider, "contract-discard", id).await, Discarded::Absent, "twice is safe");
    }
}

async fn refuses_names_that_lead_elsewhere(provider: &dyn RepositoryProvider) {
    let files = files("one");
    for name in ["", ".", "..", "a/b", "../x", ".hidden", "a b", "-x", "ä"] {
        let made = provider.create(&sample("contract-names", name, &files)).await;
        assert!(matches!(made, Err(ProviderError::InvalidName(_))), "{name:?}");
        let tenant = NewRepository { tenant: name, ..sample("contract-names", "shop", &files) };
        assert!(matches!(provider.create(&tenant).await, Err(ProviderError::InvalidName(_))), "{name:?}");
        let discarded = provider.discard(TENANT, name, "shop", None).await;
        assert!(matches!(discarded, Err(ProviderError::InvalidName(_))), "{name:?}");
    }
}

async fn refuses_what_cannot_be_committed(provider: &dyn RepositoryProvider) {
    let files = [SourceFile::regular(".git/config", "")];
    let made = provider.create(&sample("contract-content", "shop", &files)).await;
    assert!(matches!(made, Err(ProviderError::Content(_))));
    assert_eq!(discard(provider, "contract-content", None).await, Discarded::Absent);
}
