//! The state machine that rebuilds a view, with the function it calls, over the twins.

use skafu_events::{AggregateKind, StreamId, Tenant};
use skafu_functions::projections::{feed, feeds};
use skafu_functions::rebuild::RebuildTask;
use skafu_store::generations::Registry;
use skafu_store::{Consistency, Draft, EventStore, MemoryEventStore, MemoryViewStore, NewEvent, ViewStore};
use uuid::Uuid;

use super::*;
use crate::invoke::{FunctionFailure, Invoke};
use crate::stack::parse_definition;

struct Rebuilds(RebuildTask);

#[async_trait]
impl Invoke for Rebuilds {
    async fn invoke(&self, payload: Value) -> Result<Value, FunctionFailure> {
        let done = self.0.handle(payload, Duration::from_secs(900)).await;
        done.map_err(|error| FunctionFailure::new(error.error_type(), error.to_string()))
    }
}

struct Stack {
    events: Arc<dyn EventStore>,
    rows: Arc<dyn ViewStore>,
    executions: Executions,
}

impl Stack {
    fn new() -> Self {
        let events: Arc<dyn EventStore> = Arc::new(MemoryEventStore::default());
        let rows: Arc<dyn ViewStore> = Arc::new(MemoryViewStore::default());
        let task = RebuildTask::new(feeds(&events, &rows), events.clone(), rows.clone(), Duration::ZERO);
        let function: Arc<dyn Invoke> = Arc::new(Rebuilds(task));
        let text = include_str!("../../../../view-rebuild.asl.yaml");
        let definition =
            parse_definition(text, |name| (name == "RebuildFunctionArn").then_some("rebuild")).unwrap();
        let machines = HashMap::from([("test".to_owned(), Machine::load(&definition).unwrap())]);
        let tasks = Arc::new(LambdaTasks::new(HashMap::from([("rebuild".to_owned(), function)])));
        let clock = Clock::starting_at(start_of_time());
        let executions = Executions::new(machines, tasks, Arc::new(MemoryJournal::default()), clock);
        Self { events, rows, executions }
    }

    async fn append(&self, id: &str, event_type: &str, data: Value) {
        let stream = StreamId::new(Tenant::new("acme").unwrap(), AggregateKind::Project, id).unwrap();
        let history = self.events.load(&stream, Consistency::Strong).await.unwrap();
        let draft = Draft {
            events: vec![NewEvent { event_type: event_type.to_owned(), event_version: 1, data }],
            command_id: Uuid::now_v7(),
            body_hash: String::new(),
            correlation_id: Uuid::now_v7(),
            user_id: "alice".to_owned(),
            timestamp: start_of_time().into(),
            metadata: serde_json::Map::new(),
        };
        self.events.append(&history, draft, &[]).await.unwrap();
    }

    async fn run(&self, input: Value) -> Execution {
        self.executions.start("test", "x", input).unwrap();
        end_of(&self.executions).await
    }

    async fn active(&self) -> u32 {
        let registry = Registry::new(self.rows.clone());
        let found = registry.read("project", Consistency::Strong).await.unwrap();
        found.map_or(1, |it| it.active().number)
    }
}

#[tokio::test(start_paused = true)]
async fn a_view_is_rebuilt_in_segments_checked_and_shown() {
    let stack = Stack::new();
    for id in ["a", "b", "c"] {
        let data = json!({ "name": id, "ownerId": "alice", "templateId": "tiny" });
        stack.append(id, "ProjectCreated", data).await;
    }
    let ended = stack.run(json!({ "view": "project", "segments": 3, "keepSeconds": 60 })).await;
    assert_eq!(ended.status, Status::Succeeded, "{ended:?}");
    let output = ended.output.unwrap();
    assert_eq!((&output["active"], &output["view"], stack.active().await), (&json!(2), &json!("project"), 2));
    let sample = output["checked"]["sample"].as_array().unwrap();
    assert!(!sample.is_empty() && sample.iter().all(|it| it["same"] == true), "{sample:?}");
    let projector = feed("project", stack.events.clone(), stack.rows.clone()).unwrap().of(2);
    let streams: Vec<StreamId> =
        ["a", "b", "c"].iter().map(|id| format!("acme/PROJECT#{id}").parse().unwrap()).collect();
    let rows = projector.gates(&streams, Consistency::Strong).await.unwrap();
    assert!(rows.iter().all(|row| row.as_ref().is_some_and(|row| row.version == 1)), "{rows:?}");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_folded_ends_the_rebuild_and_changes_nothing_that_is_shown() {
    let stack = Stack::new();
    stack.append("a", "NobodyKnowsThis", json!({})).await;
    let ended = stack.run(json!({ "view": "project" })).await;
    assert_eq!((ended.status, ended.error.as_deref()), (Status::Failed, Some("RebuildFailed")));
    let cause = ended.cause.unwrap();
    assert!(cause.contains("Check: Rejected") && cause.contains("acme/PROJECT#a"), "{cause}");
    assert_eq!(stack.active().await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_view_that_does_not_exist_is_refused() {
    let ended = Stack::new().run(json!({ "view": "projects" })).await;
    assert_eq!(ended.error.as_deref(), Some("RebuildFailed"));
    assert!(ended.cause.unwrap().contains("there is no view named projects"));
}
