//! The `saga` function: one execution per project, and steps that run twice safely.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::support::{Faults, Saga, World, acme, alice, bus_event, messages, types};
use async_trait::async_trait;
use serde_json::{Value, json};
use skafu_events::{AggregateKind, Commit};
use skafu_forge::blobs::BlobStore;
use skafu_forge::git;
use skafu_forge::repositories::BundleStore;
use skafu_functions::saga::{MemoryWorkflows, SagaStart, Started, StepError, WorkflowError, Workflows};

/// A world with a project of the built-in template, and its saga.
async fn begun() -> (World, Saga, String) {
    let world = World::empty();
    world.publish_builtin("sam-python-api").await;
    let id = world.create_project(&alice(), "My Shop", "sam-python-api").await;
    let saga = Saga::new(&world, Arc::new(BundleStore::new(world.blobs.clone())), &id);
    (world, saga, id)
}

fn history(world: &World, id: &str) -> Vec<String> {
    let commits = world.commits(AggregateKind::Project, id);
    commits.iter().flat_map(types).map(str::to_owned).collect()
}

#[tokio::test]
async fn one_execution_is_started_per_project_however_often_it_is_announced() {
    let (world, _, id) = begun().await;
    let created = world.commits(AggregateKind::Project, &id)[0].clone();
    let body = bus_event(&created.envelopes().next().unwrap());
    let workflows = Arc::new(MemoryWorkflows::default());
    let start = SagaStart::new(workflows.clone());
    for _ in 0..2 {
        let answer = start.handle(messages(&[body.clone(), body.clone()])).await;
        assert_eq!(answer.batch_item_failures.len(), 0);
    }
    let started: Vec<_> = workflows.started().into_iter().collect();
    let input = json!({
        "tenantId": "acme", "projectId": id, "correlationId": created.correlation_id, "attempt": 1
    });
    assert_eq!(started, [(format!("prj-{id}-1"), input)]);
}

#[tokio::test]
async fn an_execution_is_started_though_the_payload_was_too_large_for_the_bus() {
    let (world, _, id) = begun().await;
    let mut created = world.commits(AggregateKind::Project, &id)[0].envelopes().next().unwrap();
    created.data = Value::Null;
    let workflows = Arc::new(MemoryWorkflows::default());
    let answer = SagaStart::new(workflows.clone()).handle(messages(&[bus_event(&created)])).await;
    assert_eq!(answer.batch_item_failures.len(), 0);
    assert_eq!(workflows.started().into_keys().collect::<Vec<_>>(), [format!("prj-{id}-1")]);
}

/// A state machine that cannot be reached.
struct Unreachable;

#[async_trait]
impl Workflows for Unreachable {
    async fn start(&self, _: &str, _: Value) -> Result<Started, WorkflowError> {
        Err(WorkflowError("injected".into()))
    }
}

#[tokio::test]
async fn an_announcement_that_starts_nothing_is_delivered_again() {
    let (world, _, id) = begun().await;
    let created = world.commits(AggregateKind::Project, &id)[0].clone();
    let bodies = ["{}".to_owned(), bus_event(&created.envelopes().next().unwrap())];
    let failed = |answer: aws_lambda_events::sqs::SqsBatchResponse| -> Vec<String> {
        answer.batch_item_failures.into_iter().map(|it| it.item_identifier).collect()
    };
    let reachable = SagaStart::new(Arc::new(MemoryWorkflows::default()));
    assert_eq!(failed(reachable.handle(messages(&bodies)).await), ["m0"]);
    let unreachable = SagaStart::new(Arc::new(Unreachable));
    assert_eq!(failed(unreachable.handle(messages(&bodies)).await), ["m0", "m1"]);
}

#[tokio::test]
async fn every_step_in_turn_makes_a_repository_and_a_project_that_is_ready() {
    let (world, saga, id) = begun().await;
    let left = saga.whole().await;
    assert_eq!(
        history(&world, &id),
        [
            "ProjectCreated",
            "ProjectCreationStarted",
            "TemplateSelected",
            "TemplateRendered",
            "ProjectConfigured"
        ]
    );
    let repository = &left["repository"];
    assert_eq!(repository["name"], "my-shop");
    assert_eq!(repository["defaultBranch"], "main");
    let commits = world.commits(AggregateKind::Repository, &id);
    let recorded: Vec<_> = commits.iter().flat_map(types).collect();
    assert_eq!(recorded, ["RepositoryCreated", "RepositoryConfigured"]);
    let bundle = world.blobs.get(repository["location"].as_str().unwrap()).await.unwrap().unwrap();
    let heads = git::bundle_heads(&bundle).unwrap();
    assert!(heads.iter().all(|(_, commit)| repository["initialCommitId"] == commit.as_str()));
    let bundle = left["rendering"]["bundleKey"].as_str().unwrap();
    assert_eq!(world.blobs.get(bundle).await.unwrap(), None, "working files are gone");
}

#[tokio::test]
async fn what_a_step_records_is_recorded_as_the_saga_under_the_requests_correlation() {
    let (world, saga, id) = begun().await;
    saga.whole().await;
    for commit in &world.commits(AggregateKind::Project, &id)[1..] {
        assert_eq!((commit.user_id.as_str(), commit.stream.tenant()), ("system:saga", &acme()));
        assert_eq!(saga.input["correlationId"], json!(commit.correlation_id));
    }
}

/// Every step with what it needs from those before it, in order.
async fn each_step(mut run: impl AsyncFnMut(&str, Value) -> Value) {
    let mut left = json!({});
    for (step, output) in [
        ("BeginProvisioning", "plan"),
        ("SelectTemplate", "selection"),
        ("RenderTemplate", "rendering"),
        ("CreateRepository", "repository"),
        ("ConfigureRepository", "policies"),
        ("ConfigureProject", "configured"),
        ("Complete", "completed"),
    ] {
        left[output] = run(step, left.clone()).await;
    }
}

#[tokio::test]
async fn every_step_run_twice_says_the_same_and_nothing_more_happens() {
    let (world, saga, _) = begun().await;
    each_step(async |step, left| {
        let first = saga.step(step, left.clone()).await.unwrap();
        let commits = world.store.all_commits().len();
        assert_eq!(saga.step(step, left).await.unwrap(), first, "{step}");
        assert_eq!(world.store.all_commits().len(), commits, "{step}");
        first
    })
    .await;
}

#[tokio::test]
async fn once_the_project_is_ready_no_step_changes_anything_however_late_it_comes() {
    let (world, saga, _) = begun().await;
    let left = saga.whole().await;
    let commits = world.store.all_commits().len();
    for step in ["BeginProvisioning", "ConfigureProject", "Complete"] {
        saga.step(step, left.clone()).await.unwrap();
    }
    for step in ["SelectTemplate", "RenderTemplate", "CreateRepository"] {
        let error = saga.step(step, left.clone()).await.unwrap_err();
        assert_eq!(error.error_type(), "Rejected", "{step}");
    }
    assert_eq!(world.store.all_commits().len(), commits);
}

#[tokio::test]
async fn a_step_whose_commands_answer_is_lost_is_retried_to_the_same_end() {
    let (world, saga, id) = begun().await;
    each_step(async |step, left| {
        saga.lost.store(1, Ordering::SeqCst);
        match saga.step(step, left.clone()).await {
            Err(error) => assert_eq!(error.error_type(), "Retryable", "{step}"),
            Ok(_) => assert_eq!(step, "Complete", "it sends no command"),
        }
        saga.step(step, left).await.unwrap()
    })
    .await;
    assert_eq!(history(&world, &id).len(), 5);
    assert_eq!(world.commits(AggregateKind::Repository, &id).len(), 2);
}

#[tokio::test]
async fn a_step_whose_commit_is_not_acknowledged_is_retried_to_the_same_end() {
    let (world, saga, id) = begun().await;
    each_step(async |step, left| {
        world.store.suffer(Faults { lost_acks: 1, lag: 2, ..Faults::default() });
        if let Err(error) = saga.step(step, left.clone()).await {
            assert_eq!(error.error_type(), "Retryable", "{step}");
        }
        saga.step(step, left).await.unwrap()
    })
    .await;
    assert_eq!(history(&world, &id).len(), 5);
}

#[tokio::test]
async fn a_template_published_meanwhile_changes_nothing_of_what_was_pinned() {
    let world = World::new().await;
    let id = world.create_project(&alice(), "Shop", "tiny").await;
    let saga = Saga::new(&world, Arc::new(BundleStore::new(world.blobs.clone())), &id);
    let selection = saga.begun().await;
    let rendering = saga.step("RenderTemplate", json!({})).await.unwrap();
    let files = crate::support::text_files(&[("README.md.j2", "Something else entirely")]);
    let upload = json!({ "templateId": "tiny", "files": files });
    world.send(&alice(), "template", "UploadTemplateFiles", upload).await;
    let published =
        world.send(&alice(), "template", "PublishTemplate", json!({ "templateId": "tiny" })).await;
    assert_eq!(published.body["version"], 5);
    assert_eq!(saga.step("SelectTemplate", json!({})).await.unwrap(), selection);
    assert_eq!(saga.step("RenderTemplate", json!({})).await.unwrap(), rendering);
}

/// The error of a step as the state machine receives it.
fn diagnostic(error: StepError) -> (String, String) {
    let diagnostic = lambda_runtime::Diagnostic::from(error);
    (diagnostic.error_type, diagnostic.error_message)
}

#[tokio::test]
async fn a_bundle_that_is_gone_or_damaged_is_final() {
    let (world, saga, _) = begun().await;
    let selection = saga.begun().await;
    let rendering = saga.step("RenderTemplate", json!({ "selection": selection })).await.unwrap();
    let key = rendering["bundleKey"].as_str().unwrap();
    let create = || saga.step("CreateRepository", json!({ "rendering": rendering }));
    world.blobs.put(key, b"something else".to_vec()).await.unwrap();
    let damaged = diagnostic(create().await.unwrap_err());
    assert_eq!(damaged, ("Rejected".to_owned(), "the rendered bundle is damaged".to_owned()));
    world.blobs.delete(key).await.unwrap();
    let gone = diagnostic(create().await.unwrap_err());
    assert_eq!(gone, ("Rejected".to_owned(), "the rendered bundle is gone".to_owned()));
}

#[tokio::test]
async fn errors_are_told_apart_by_what_the_state_machine_can_do() {
    let (world, saga, _) = begun().await;
    world.store.suffer(Faults { outages: 1, ..Faults::default() });
    let error = saga.step("SelectTemplate", json!({})).await.unwrap_err();
    assert_eq!(diagnostic(error).0, "Retryable");
    for (step, left) in [
        ("RenderTemplate", json!({})),
        ("CreateRepository", json!({})),
        ("Explode", json!({})),
        ("ConfigureProject", json!({ "repository": {} })),
    ] {
        let error = saga.step(step, left).await.unwrap_err();
        assert_eq!(diagnostic(error).0, "Rejected", "{step}");
    }
    let nobody = Saga::new(&world, Arc::new(BundleStore::new(world.blobs.clone())), "nobody");
    let error = nobody.step("SelectTemplate", json!({})).await.unwrap_err();
    assert_eq!(diagnostic(error), ("Rejected".to_owned(), "the project does not exist".to_owned()));
}

#[tokio::test]
async fn files_that_cannot_stand_together_are_refused_before_there_is_a_repository() {
    let world = World::empty();
    let files = [("template.json", r#"{"name": "T"}"#), ("a.j2", ""), ("b", "file"), ("b/c", "below it")];
    world.publish(&alice(), "odd", &files).await;
    let id = world.create_project(&alice(), "Shop", "odd").await;
    let saga = Saga::new(&world, Arc::new(BundleStore::new(world.blobs.clone())), &id);
    saga.begun().await;
    let rendering = saga.step("RenderTemplate", json!({})).await;
    let error = match rendering {
        Ok(rendering) => saga.step("CreateRepository", json!({ "rendering": rendering })).await.unwrap_err(),
        Err(error) => error,
    };
    assert_eq!(error.error_type(), "Rejected");
    assert_eq!(world.commits(AggregateKind::Repository, &id), Vec::<Commit>::new());
}
