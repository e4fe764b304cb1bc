//! The custom resource that publishes the built-in templates with a deployment.

use std::sync::Arc;

use serde_json::{Value, json};
use skafu_events::{Commit, Tenant};
use skafu_forge::builtin;
use skafu_functions::SystemClock;
use skafu_functions::catalogue::{CatalogueResource, MemoryOutcomes, Outcome};
use skafu_store::MemoryViewStore;
use skafu_store::keyring::{Keyring, KeysError};
use skafu_store::page_token::{Listing, PageTokens};

use crate::support::{Faults, World};

const URL: &str = "https://bucket.example/answer?signature=s";

struct Deployment {
    world: World,
    rows: Arc<MemoryViewStore>,
    outcomes: Arc<MemoryOutcomes>,
    resource: CatalogueResource,
}

impl Deployment {
    fn new() -> Self {
        let (world, outcomes) = (World::empty(), Arc::new(MemoryOutcomes::default()));
        let rows = Arc::new(MemoryViewStore::default());
        let (events, commands, keyring) =
            (world.store.clone(), world.commands.clone(), Keyring::new(rows.clone()));
        let resource =
            CatalogueResource::new(events, commands, keyring, Arc::new(SystemClock), outcomes.clone());
        Self { world, rows, outcomes, resource }
    }

    /// What CloudFormation is told.
    async fn told(&self, event: Value) -> Outcome {
        self.resource.handle(event).await.unwrap();
        let (url, outcome) = self.outcomes.left().pop().unwrap();
        assert_eq!(url, URL);
        outcome
    }

    /// What all tenants share.
    fn commits(&self) -> Vec<Commit> {
        let mut commits = self.world.store.all_commits();
        commits.retain(|commit| *commit.stream.tenant() == Tenant::shared());
        commits
    }
}

fn request(request_type: &str) -> Value {
    json!({
        "RequestType": request_type,
        "ServiceToken": "arn:aws:lambda:eu-west-1:123456789012:function:catalogue",
        "ResponseURL": URL,
        "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/skafu/1",
        "RequestId": "request-1",
        "LogicalResourceId": "BuiltInTemplates",
        "ResourceType": "Custom::Catalogue",
        "ResourceProperties": { "ServiceToken": "arn", "Catalogue": "1" },
    })
}

#[tokio::test]
async fn a_first_deployment_publishes_every_built_in_template() {
    let deployment = Deployment::new();
    let outcome = deployment.told(request("Create")).await;
    let expected = Outcome {
        status: "SUCCESS".to_owned(),
        reason: String::new(),
        physical_resource_id: "built-in-templates".to_owned(),
        stack_id: "arn:aws:cloudformation:eu-west-1:123456789012:stack/skafu/1".to_owned(),
        request_id: "request-1".to_owned(),
        logical_resource_id: "BuiltInTemplates".to_owned(),
    };
    assert_eq!(outcome, expected);
    let published = |commit: &&Commit| commit.events.iter().any(|it| it.event_type == "TemplatePublished");
    assert_eq!(deployment.commits().iter().filter(published).count(), builtin::all().len());
}

#[tokio::test]
async fn another_deployment_writes_nothing() {
    let deployment = Deployment::new();
    deployment.told(request("Create")).await;
    let commits = deployment.commits();
    let mut update = request("Update");
    update["PhysicalResourceId"] = json!("built-in-templates");
    assert_eq!(deployment.told(update).await.status, "SUCCESS");
    assert_eq!(deployment.commits(), commits);
}

#[tokio::test]
async fn the_end_of_a_stack_takes_nothing_back_and_keeps_the_resource_s_id() {
    let deployment = Deployment::new();
    let mut delete = request("Delete");
    delete["PhysicalResourceId"] = json!("as-it-was-called-once");
    let outcome = deployment.told(delete).await;
    assert_eq!(
        (outcome.status.as_str(), outcome.physical_resource_id.as_str()),
        ("SUCCESS", "as-it-was-called-once")
    );
    assert_eq!(deployment.commits(), []);
}

#[tokio::test(start_paused = true)]
async fn a_trouble_that_passes_fails_no_deployment() {
    let deployment = Deployment::new();
    deployment.world.store.suffer(Faults { outages: 3, ..Faults::default() });
    assert_eq!(deployment.told(request("Create")).await.status, "SUCCESS");
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_told_and_another_try_goes_on() {
    let deployment = Deployment::new();
    deployment.world.store.suffer(Faults { outages_after: Some(0), ..Faults::default() });
    let outcome = deployment.told(request("Create")).await;
    assert_eq!(outcome.status, "FAILED");
    assert!(outcome.reason.contains(builtin::all()[0].id), "{}", outcome.reason);
    deployment.world.store.suffer(Faults::default());
    assert_eq!(deployment.told(request("Create")).await.status, "SUCCESS");
}

#[tokio::test]
async fn what_is_no_request_has_nobody_to_tell() {
    let deployment = Deployment::new();
    assert!(deployment.resource.handle(json!({ "task": "Verify" })).await.is_err());
    assert_eq!(deployment.outcomes.left(), []);
}

#[tokio::test]
async fn a_deployment_makes_the_keys_once_that_pages_are_signed_with() {
    let deployment = Deployment::new();
    let (tenant, now) = (Tenant::new("acme").unwrap(), "2025-01-18T10:30:00Z".parse().unwrap());
    let list = Listing { tenant: &tenant, query: "projects" };
    // As the `graphql` function has them: it may not make any.
    let tokens = || PageTokens::under(Arc::new(Keyring::new(deployment.rows.clone())));
    let before = tokens().issue(list, "here", now).await;
    assert!(matches!(before, Err(KeysError::Missing)), "{before:?}");
    deployment.told(request("Create")).await;
    let token = tokens().issue(list, "here", now).await.unwrap();
    deployment.told(request("Update")).await;
    assert_eq!(tokens().read(list, &token, now).await.unwrap(), "here", "the same keys still");
}
