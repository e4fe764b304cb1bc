//! The world the specifications act in: every port's twin in memory, driven by the events AWS sends.

#![allow(dead_code, unused_imports, reason = "each test binary uses a part")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails where its world does"
)]

mod events;
mod faults;
mod http;
mod picky;
mod questions;
pub mod relayed;
mod saga;
pub mod swept;
mod templates;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use skafu_domain::Principal;
use skafu_events::{AggregateKind, Commit, StreamId, Tenant, Timestamp};
use skafu_forge::blobs::MemoryBlobs;
use skafu_functions::Clock;
use skafu_functions::commands::Commands;
use skafu_functions::gateway::{CommandAnswer, CommandGateway, DirectGateway, GatewayError, InternalCommand};
use skafu_functions::http::CONSISTENCY_TOKEN;
use skafu_functions::rendering::Renderers;
use skafu_store::ViewStore;
use uuid::Uuid;

pub use events::{bus_event, inserted, messages, stream_event};
pub use faults::{LosingGateway, WatchedViews};
pub use http::{Answer, Person, ada, alice, bob, command_event, http_event, vera, zoe};
pub use picky::PickyBus;
pub use questions::{Questions, graphql_event, show_in};
pub use saga::Saga;
pub use skafu_store::faults::{Faults, FaultyStore, Random, Seen};
pub use templates::{TINY_FILES, builtin_files, text_files};

/// The request that commands with tokens belong to.
pub const REQUEST: &str = "0194783e-0000-7000-8000-00000000feed";

/// A clock that moves on by a second whenever it is looked at.
#[derive(Default)]
pub struct TickingClock(AtomicI64);

impl Clock for TickingClock {
    fn now(&self) -> Timestamp {
        let start: DateTime<Utc> = "2025-01-18T10:30:00.123Z".parse().unwrap();
        (start + TimeDelta::seconds(self.0.fetch_add(1, Ordering::SeqCst))).into()
    }
}

/// The `commands` function over twins in memory.
pub struct World {
    pub store: Arc<FaultyStore>,
    pub blobs: Arc<MemoryBlobs>,
    pub commands: Arc<Commands>,
}

impl World {
    /// Nothing has happened yet.
    pub fn empty() -> Self {
        let (store, blobs) = (Arc::new(FaultyStore::default()), Arc::new(MemoryBlobs::default()));
        let clock = Arc::new(TickingClock::default());
        let commands = Arc::new(Commands::new(store.clone(), blobs.clone(), clock, Renderers::trusting()));
        Self { store, blobs, commands }
    }

    /// The same, whose answers have consistency tokens; its keys stand in those rows.
    pub fn with_tokens(views: Arc<dyn ViewStore>) -> Self {
        let world = Self::empty();
        let (store, blobs) = (world.store.clone(), world.blobs.clone());
        let commands = Commands::new(store, blobs, Arc::new(TickingClock::default()), Renderers::trusting())
            .with_tokens(views);
        Self { commands: Arc::new(commands), ..world }
    }

    /// A world whose tenant `acme` has published the template `tiny`.
    pub async fn new() -> Self {
        let world = Self::empty();
        world.publish(&alice(), "tiny", TINY_FILES).await;
        world
    }

    /// Invokes the function with any event.
    pub async fn invoke(&self, event: Value) -> Answer {
        Answer::from(self.commands.handle(event).await.unwrap())
    }

    /// A person sends a whole body.
    pub async fn post(&self, person: &Person, context: &str, command: &str, body: &Value) -> Answer {
        self.invoke(command_event(Some(person), context, command, &body.to_string())).await
    }

    /// A person sends a new command with the token of an earlier one's answer; the new token.
    pub async fn send_after(
        &self,
        token: &mut Option<String>,
        person: &Person,
        command: &str,
        data: Value,
    ) -> Answer {
        let body = json!({ "commandId": Uuid::now_v7(), "correlationId": REQUEST, "data": data });
        let mut event = command_event(Some(person), "project", command, &body.to_string());
        if let Some(token) = &token {
            event["headers"][CONSISTENCY_TOKEN] = json!(token);
        }
        let answer = self.invoke(event).await;
        if answer.status < 300 {
            *token = Some(answer.body["consistencyToken"].as_str().unwrap().to_owned());
        }
        answer
    }

    /// A person sends a new command.
    pub async fn send(&self, person: &Person, context: &str, command: &str, data: Value) -> Answer {
        self.post(person, context, command, &json!({ "commandId": Uuid::now_v7(), "data": data })).await
    }

    /// A system sends a new command.
    pub async fn send_as(
        &self,
        principal: Principal,
        context: &str,
        command: &str,
        data: Value,
    ) -> Result<CommandAnswer, GatewayError> {
        let command = InternalCommand {
            principal,
            context: context.to_owned(),
            command: command.to_owned(),
            body: json!({ "commandId": Uuid::now_v7(), "data": data }),
            tokens: None,
        };
        DirectGateway(self.commands.clone()).send(command).await
    }

    /// A person asks for a project; its id.
    pub async fn create_project(&self, person: &Person, name: &str, template: &str) -> String {
        let answer = self.send(person, "project", "CreateProject", project(name, template)).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        answer.body["aggregateId"].as_str().unwrap().to_owned()
    }

    /// A project of alice's whose first attempt failed and is kept for another one; its id.
    pub async fn keep_failed(&self, name: &str) -> String {
        let mut asked = project(name, "tiny");
        asked["options"] = json!({ "onFailure": "keepForRetry" });
        let answer = self.send(&alice(), "project", "CreateProject", asked).await;
        let id = answer.body["aggregateId"].as_str().unwrap().to_owned();
        let saga = || Principal::saga(acme());
        let begin = json!({ "projectId": id, "attempt": 1 });
        self.send_as(saga(), "project", "BeginProvisioning", begin).await.unwrap();
        let error = json!({ "code": "Rejected", "message": "no" });
        let failed =
            json!({ "projectId": id, "attempt": 1, "failedStep": "CreateRepository", "error": error });
        self.send_as(saga(), "project", "FailProjectCreation", failed).await.unwrap();
        id
    }

    /// A project of alice's whose undoing failed: a commit of one event and a commit of two; its id.
    pub async fn stuck(&self, name: &str) -> String {
        let id = self.create_project(&alice(), name, "tiny").await;
        let error = json!({ "code": "Retryable", "message": "no answer" });
        let report = json!({ "projectId": id, "attempt": 1, "failedStep": "FailProject", "error": error });
        self.send_as(Principal::saga(acme()), "project", "ReportStuckCreation", report).await.unwrap();
        id
    }

    /// The same, undone once more: five events in four commits; its id.
    pub async fn undone(&self, name: &str) -> String {
        let id = self.stuck(name).await;
        self.send(&ada(), "project", "RetryCompensation", json!({ "projectId": id })).await;
        let undone = json!({ "projectId": id, "attempt": 1, "compensations": [] });
        let saga = Principal::saga(acme());
        self.send_as(saga, "project", "CompensateProjectCreation", undone).await.unwrap();
        id
    }

    /// The commits of one aggregate of tenant `acme`.
    pub fn commits(&self, kind: AggregateKind, id: &str) -> Vec<Commit> {
        let stream = StreamId::new(acme(), kind, id).unwrap();
        self.store.all_commits().into_iter().filter(|commit| commit.stream == stream).collect()
    }

    /// The commits one command led to, in any stream.
    pub fn commits_of(&self, command_id: Uuid) -> Vec<Commit> {
        self.store.all_commits().into_iter().filter(|commit| commit.command_id == command_id).collect()
    }
}

/// The tenant most of it happens in.
pub fn acme() -> Tenant {
    Tenant::new("acme").unwrap()
}

/// What `CreateProject` takes.
pub fn project(name: &str, template: &str) -> Value {
    json!({ "name": name, "templateId": template })
}

/// The types of a commit's events.
pub fn types(commit: &Commit) -> Vec<&str> {
    commit.events.iter().map(|event| event.event_type.as_str()).collect()
}
