//! What the saga does when a step failed for good: nothing stays behind, and the project says why.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::support::{Faults, Saga, World, acme, alice, bob, bus_event, messages, project, types};
use serde_json::{Value, json};
use skafu_events::{AggregateKind, Commit};
use skafu_forge::blobs::{BlobStore, MemoryBlobs};
use skafu_forge::repositories::{BareDirectory, BundleStore};
use skafu_functions::projections::{Projections, feed};
use skafu_store::{Consistency, MemoryViewStore, RowKey, ViewStore};
use skafu_views::{FIRST_GENERATION, Keys, ProjectRow, ProjectView, ROW, View};
use tempfile::TempDir;

/// A project whose bare repository is made but not yet recorded with the project.
struct Subject {
    world: World,
    saga: Saga,
    id: String,
    left: Value,
    root: TempDir,
}

impl Subject {
    async fn new() -> Self {
        let world = World::new().await;
        let id = world.create_project(&alice(), "Shop", "tiny").await;
        let root = tempfile::tempdir().unwrap();
        let saga = Saga::new(&world, Arc::new(BareDirectory::new(root.path())), &id);
        let left = saga.until_repository().await;
        Self { world, saga, id, left, root }
    }

    fn repository(&self) -> PathBuf {
        self.root.path().join(self.left["repository"]["location"].as_str().unwrap())
    }

    fn repository_history(&self) -> Vec<String> {
        let commits = self.world.commits(AggregateKind::Repository, &self.id);
        commits.iter().flat_map(types).map(str::to_owned).collect()
    }

    async fn discard(&self) -> Value {
        self.saga.step("DiscardRepository", json!({})).await.unwrap()
    }

    /// Closes the attempt.
    async fn fail(&self) -> Value {
        let failure = Saga::failure("ConfigureProject", "Rejected", "it was not to be");
        self.saga.step("FailProject", failure).await.unwrap()
    }

    /// Gives the name back.
    async fn compensate(&self) -> Value {
        self.saga.step("CompensateProject", json!({})).await.unwrap()
    }

    async fn delete(&self) {
        let delete = json!({ "projectId": self.id, "reason": "over" });
        assert_eq!(self.world.send(&alice(), "project", "DeleteProject", delete).await.status, 200);
    }
}

#[tokio::test]
async fn an_untouched_repository_is_removed_and_twice_is_safe() {
    let subject = Subject::new().await;
    assert!(subject.repository().is_dir());
    assert_eq!(subject.fail().await, json!({ "outcome": "undo" }));
    assert_eq!(subject.discard().await, json!({ "discarded": "removed" }));
    assert!(!subject.repository().exists());
    assert_eq!(subject.discard().await, json!({ "discarded": "absent" }));
    assert_eq!(subject.repository_history(), ["RepositoryCreated", "RepositoryDeleted"]);
}

#[tokio::test]
async fn a_removal_whose_record_was_lost_is_recorded_by_the_retry() {
    let subject = Subject::new().await;
    subject.fail().await;
    subject.saga.lost.store(1, Ordering::SeqCst);
    let error = subject.saga.step("DiscardRepository", json!({})).await.unwrap_err();
    assert_eq!(error.error_type(), "Retryable");
    subject.discard().await;
    assert_eq!(subject.repository_history(), ["RepositoryCreated", "RepositoryDeleted"]);
}

#[tokio::test]
async fn a_repository_whose_making_was_never_recorded_is_removed_too() {
    let world = World::new().await;
    let id = world.create_project(&alice(), "Shop", "tiny").await;
    let root = tempfile::tempdir().unwrap();
    let saga = Saga::new(&world, Arc::new(BareDirectory::new(root.path())), &id);
    saga.begun().await;
    let rendering = saga.step("RenderTemplate", json!({})).await.unwrap();
    // What the step reads is there; when its command is handled, the store is not.
    world.store.suffer(Faults { outages_after: Some(1), ..Faults::default() });
    let error = saga.step("CreateRepository", json!({ "rendering": rendering })).await.unwrap_err();
    assert_eq!(error.error_type(), "Retryable");
    world.store.suffer(Faults::default());
    let repository = root.path().join("acme").join(&id).join("shop.git");
    assert!(repository.is_dir());
    assert_eq!(world.commits(AggregateKind::Repository, &id), Vec::<Commit>::new());
    saga.step("FailProject", Saga::failure("CreateRepository", "Retryable", "no answer")).await.unwrap();
    assert_eq!(saga.step("DiscardRepository", json!({})).await.unwrap(), json!({ "discarded": "removed" }));
    assert!(!repository.exists());
}

#[tokio::test]
async fn a_repository_somebody_has_worked_in_is_kept() {
    let subject = Subject::new().await;
    let commit = subject.left["repository"]["initialCommitId"].as_str().unwrap();
    let heads = subject.repository().join("refs/heads");
    fs::create_dir_all(&heads).unwrap();
    fs::write(heads.join("work"), format!("{commit}\n")).unwrap();
    subject.fail().await;
    for _ in 0..2 {
        assert_eq!(subject.discard().await, json!({ "discarded": "kept" }));
    }
    assert!(subject.repository().is_dir());
    assert_eq!(subject.repository_history(), ["RepositoryCreated"]);
    subject.compensate().await;
    let last = subject.world.commits(AggregateKind::Project, &subject.id).pop().unwrap();
    assert_eq!(last.events[0].data["compensations"], json!(["KeepTouchedRepository", "DiscardRendering"]));
}

#[tokio::test]
async fn where_nothing_was_made_there_is_nothing_to_remove() {
    let world = World::new().await;
    let id = world.create_project(&alice(), "Shop", "tiny").await;
    let saga = Saga::new(&world, Arc::new(BundleStore::new(Arc::new(MemoryBlobs::default()))), &id);
    saga.step("FailProject", Saga::failure("BeginProvisioning", "Retryable", "no answer")).await.unwrap();
    assert_eq!(saga.step("DiscardRepository", json!({})).await.unwrap(), json!({ "discarded": "absent" }));
    assert_eq!(world.commits(AggregateKind::Repository, &id), Vec::<Commit>::new());
}

#[tokio::test]
async fn a_failed_project_keeps_no_working_files_and_says_why() {
    let subject = Subject::new().await;
    let bundle = subject.left["rendering"]["bundleKey"].as_str().unwrap();
    assert!(subject.world.blobs.get(bundle).await.unwrap().is_some());
    let failure = Saga::failure("ConfigureProject", "Rejected", "it was not to be");
    subject.saga.undo(&failure).await;
    let commits = subject.world.store.all_commits().len();
    subject.saga.undo(&failure).await;
    assert_eq!(subject.world.store.all_commits().len(), commits, "twice is safe");
    assert_eq!(subject.world.blobs.get(bundle).await.unwrap(), None);

    let mut commits = subject.world.commits(AggregateKind::Project, &subject.id);
    let (last, failed) = (commits.pop().unwrap(), commits.pop().unwrap());
    assert_eq!(
        (types(&failed), types(&last)),
        (vec!["ProjectCreationFailed"], vec!["ProjectCreationCompensated"])
    );
    assert_eq!(
        failed.events[0].data,
        json!({
            "attempt": 1,
            "failedStep": "ConfigureProject",
            "error": { "code": "Rejected", "message": "it was not to be" }
        })
    );
    assert_eq!(last.events[0].data["compensations"], json!(["DiscardRepository", "DiscardRendering"]));
}

#[tokio::test]
async fn the_name_of_a_failed_project_is_free_again_once_nothing_is_left() {
    let subject = Subject::new().await;
    let bob = bob();
    let again = || subject.world.send(&bob, "project", "CreateProject", project("shop", "tiny"));
    again().await.refused(409, "NAME_TAKEN");
    subject.fail().await;
    subject.discard().await;
    again().await.refused(409, "NAME_TAKEN");
    subject.compensate().await;
    assert_eq!(again().await.status, 202);
    subject.compensate().await;
    again().await.refused(409, "NAME_TAKEN");
}

#[tokio::test]
async fn what_comes_late_of_a_closed_attempt_is_refused() {
    let subject = Subject::new().await;
    subject.fail().await;
    for step in ["RenderTemplate", "CreateRepository", "ConfigureRepository", "ConfigureProject"] {
        let error = subject.saga.step(step, subject.left.clone()).await.unwrap_err();
        assert_eq!(error.error_type(), "Rejected", "{step}");
    }
}

#[tokio::test]
async fn nothing_is_removed_while_the_attempt_is_open() {
    let subject = Subject::new().await;
    for step in ["DiscardRepository", "DiscardRendering", "CompensateProject"] {
        let error = subject.saga.step(step, json!({})).await.unwrap_err();
        assert_eq!(error.error_type(), "Rejected", "{step}");
    }
    assert!(subject.repository().is_dir());
}

#[tokio::test]
async fn an_undoing_that_fails_is_told_to_the_project() {
    let subject = Subject::new().await;
    subject.fail().await;
    let failure = Saga::failure("DiscardRepository", "Retryable", "no answer");
    for _ in 0..2 {
        subject.saga.step("ReportStuck", failure.clone()).await.unwrap();
    }
    let last = subject.world.commits(AggregateKind::Project, &subject.id).pop().unwrap();
    assert_eq!(types(&last), ["ProjectCreationStuck"]);
    assert_eq!(last.events[0].data["failedStep"], "DiscardRepository");
}

#[tokio::test]
async fn an_attempt_the_project_has_left_behind_is_nobodys_to_undo() {
    let mut subject = Subject::new().await;
    subject.saga.input["attempt"] = json!(2);
    assert_eq!(subject.fail().await, json!({ "outcome": "superseded" }));
    let error = subject.saga.step("DiscardRepository", json!({})).await.unwrap_err();
    assert_eq!(error.error_type(), "Rejected");
    assert!(subject.repository().is_dir());
}

#[tokio::test]
async fn the_view_shows_the_failure() {
    let subject = Subject::new().await;
    subject.fail().await;
    subject.discard().await;
    let views = Arc::new(MemoryViewStore::default());
    let projections = Projections::new(feed("project", subject.world.store.clone(), views.clone()).unwrap());
    let commits = subject.world.commits(AggregateKind::Project, &subject.id);
    let bodies: Vec<_> = commits.iter().flat_map(Commit::envelopes).map(|it| bus_event(&it)).collect();
    assert_eq!(projections.handle(messages(&bodies)).await.batch_item_failures.len(), 0);
    let keys = Keys::new(&acme(), ProjectView::NAME, FIRST_GENERATION);
    let partition = keys.aggregate(&commits[0].stream);
    let row = views.get(&RowKey { partition, sort: ROW.to_owned() }, Consistency::Strong).await.unwrap();
    let row: ProjectRow = serde_json::from_value(row.unwrap().content.unwrap()).unwrap();
    assert_eq!(serde_json::to_value(row.status).unwrap(), "failed");
    let failure = row.failure.unwrap();
    assert_eq!((failure.code.as_str(), failure.message.as_str()), ("Rejected", "it was not to be"));
    assert_eq!(row.repository, None);
}

#[tokio::test]
async fn a_project_that_is_ready_is_not_undone() {
    let subject = Subject::new().await;
    subject.saga.step("ConfigureProject", subject.left.clone()).await.unwrap();
    assert_eq!(subject.fail().await, json!({ "outcome": "ready" }), "only the answer was lost");
    let error = subject.saga.step("DiscardRepository", json!({})).await.unwrap_err();
    assert_eq!(error.error_type(), "Rejected");
    assert!(subject.repository().is_dir());
}

#[tokio::test]
async fn a_project_deleted_while_it_is_made_is_undone() {
    let subject = Subject::new().await;
    subject.delete().await;
    let error = subject.saga.step("ConfigureProject", subject.left.clone()).await.unwrap_err();
    assert_eq!(error.error_type(), "Rejected");
    subject.saga.undo(&Saga::failure("ConfigureProject", "Rejected", "deleted")).await;
    assert!(!subject.repository().is_dir());
}

#[tokio::test]
async fn a_failed_project_that_is_deleted_while_it_is_undone_leaves_nothing_either() {
    let subject = Subject::new().await;
    subject.fail().await;
    subject.delete().await;
    assert_eq!(subject.discard().await, json!({ "discarded": "removed" }));
    assert!(!subject.repository().is_dir());
}

#[tokio::test]
async fn a_cause_that_is_no_error_object_or_very_long_is_kept_as_far_as_it_goes() {
    for (cause, kept) in [("it timed out".to_owned(), 12), ("é".repeat(5000), 2000)] {
        let subject = Subject::new().await;
        let failure = json!({ "step": "CreateRepository", "error": "States.Timeout", "cause": cause });
        subject.saga.step("FailProject", json!({ "failure": failure })).await.unwrap();
        let last = subject.world.commits(AggregateKind::Project, &subject.id).pop().unwrap();
        let error = &last.events[0].data["error"];
        assert_eq!(error["code"], "States.Timeout");
        assert_eq!(error["message"].as_str().unwrap().chars().count(), kept);
    }
}
