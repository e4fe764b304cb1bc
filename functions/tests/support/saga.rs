use std::sync::Arc;
use std::sync::atomic::AtomicUsize;

use serde_json::{Value, json};
use skafu_forge::repositories::RepositoryProvider;
use skafu_functions::gateway::DirectGateway;
use skafu_functions::rendering::Renderers;
use skafu_functions::saga::{SagaTask, StepError};

use super::{LosingGateway, World};

/// The saga of one project, step by step, as the state machine would ask for them.
pub struct Saga {
    pub task: SagaTask,
    pub input: Value,
    /// How many of the next commands' answers get lost.
    pub lost: Arc<AtomicUsize>,
}

impl Saga {
    /// The first attempt of a project of tenant `acme`.
    pub fn new(world: &World, repositories: Arc<dyn RepositoryProvider>, project_id: &str) -> Self {
        let lost = Arc::new(AtomicUsize::new(0));
        let gateway = LosingGateway { inner: DirectGateway(world.commands.clone()), lost: lost.clone() };
        let task = SagaTask::new(
            world.store.clone(),
            world.blobs.clone(),
            repositories,
            Arc::new(gateway),
            Renderers::trusting(),
        );
        let correlation = "0194783e-0000-7000-8000-00000000c0de";
        let input = json!({
            "tenantId": "acme", "projectId": project_id, "correlationId": correlation, "attempt": 1
        });
        Self { task, input, lost }
    }

    /// One step, with what earlier steps left.
    pub async fn step(&self, step: &str, left: Value) -> Result<Value, StepError> {
        let mut event = left;
        event["step"] = json!(step);
        event["saga"] = self.input.clone();
        self.task.handle(event).await
    }

    /// Begins the attempt and settles its template.
    pub async fn begun(&self) -> Value {
        self.step("BeginProvisioning", json!({})).await.unwrap();
        self.step("SelectTemplate", json!({})).await.unwrap()
    }

    /// Every step up to and including `CreateRepository`; what they left.
    pub async fn until_repository(&self) -> Value {
        self.step("BeginProvisioning", json!({})).await.unwrap();
        let selection = self.step("SelectTemplate", json!({})).await.unwrap();
        let rendering = self.step("RenderTemplate", json!({ "selection": selection })).await.unwrap();
        let left = json!({ "selection": selection, "rendering": rendering });
        let repository = self.step("CreateRepository", left.clone()).await.unwrap();
        json!({ "selection": selection, "rendering": left["rendering"], "repository": repository })
    }

    /// Every step.
    pub async fn whole(&self) -> Value {
        let left = self.until_repository().await;
        self.step("ConfigureRepository", left.clone()).await.unwrap();
        self.step("ConfigureProject", left.clone()).await.unwrap();
        self.step("Complete", left.clone()).await.unwrap();
        left
    }

    /// The attempt fails, and all that is left of it is undone.
    pub async fn undo(&self, failure: &Value) {
        let failed = self.step("FailProject", failure.clone()).await.unwrap();
        assert_eq!(failed, json!({ "outcome": "undo" }));
        for step in ["DiscardRepository", "DiscardRendering", "CompensateProject"] {
            self.step(step, json!({})).await.unwrap();
        }
    }

    /// What `FailProject` is told when a Lambda task failed.
    pub fn failure(step: &str, error: &str, message: &str) -> Value {
        let cause = json!({ "errorType": error, "errorMessage": message }).to_string();
        json!({ "failure": { "step": step, "error": error, "cause": cause } })
    }
}
