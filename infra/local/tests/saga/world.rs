//! The saga with everything it works on, in this process and in virtual time.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use skafu::states::{Executions, Failure, Machine, MemoryJournal, Status};
use skafu_domain::{Principal, Role};
use skafu_events::{Commit, Tenant, Timestamp};
use skafu_forge::repositories::BundleStore;
use skafu_functions::commands::Commands;
use skafu_functions::gateway::{CommandAnswer, CommandGateway, DirectGateway, GatewayError, InternalCommand};
use skafu_functions::rendering::Renderers;
use skafu_functions::saga::{SagaStart, SagaTask, Started, calls_for_saga};
use skafu_store::MemoryEventStore;
use uuid::Uuid;

use crate::bus::{Bus, Machines, announcement, batch};
use crate::machine::{Definition, time_limit};
use crate::ports::{Gateway, Provider, Read, Shelf};
use crate::script::Script;

pub const MACHINE: &str = "project-creation";
pub const FUNCTION: &str = "SagaTaskFunction";

/// What projects are called once they are renamed.
pub const NEW_NAME: &str = "Better Shop";

const TINY: [(&str, &str); 2] = [
    (
        "template.json",
        r#"{"name": "Tiny", "parameters": [{"name": "port", "type": "integer", "default": 80}]}"#,
    ),
    ("README.md.j2", "# {{ project_name }}\n\nListens on {{ port }}.\n"),
];

/// Tokio's time, as `commands` reads it.
struct VirtualClock(tokio::time::Instant);

impl skafu_functions::Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        (start_of_time() + TimeDelta::from_std(self.0.elapsed()).unwrap()).into()
    }
}

fn start_of_time() -> DateTime<Utc> {
    DateTime::from_timestamp(1_700_000_000, 0).unwrap()
}

pub fn acme() -> Tenant {
    Tenant::new("acme").unwrap()
}

/// Where the projects are asked for.
fn ada() -> Principal {
    Principal::person(acme(), "ada", [Role::Admin, Role::Developer]).unwrap()
}

pub struct World {
    pub store: Arc<MemoryEventStore>,
    pub shelf: Arc<Shelf>,
    pub script: Arc<Script>,
    pub executions: Executions,
    commands: DirectGateway,
    start: SagaStart,
    workflows: Machines,
    bus: Arc<Bus>,
    announced: Mutex<HashSet<Uuid>>,
    busy: Arc<AtomicUsize>,
}

impl World {
    /// A tenant with a published template; where architectures are analysed, by that provider.
    pub async fn new(analysis: Option<&str>) -> Arc<Self> {
        Self::of(Definition::named(MACHINE).machine(), analysis).await
    }

    /// The same with another machine.
    pub async fn of(machine: Machine, analysis: Option<&str>) -> Arc<Self> {
        let (store, shelf) = (Arc::new(MemoryEventStore::default()), Arc::new(Shelf::default()));
        let clock = Arc::new(VirtualClock(tokio::time::Instant::now()));
        let commands = Commands::new(store.clone(), shelf.clone(), clock, Renderers::trusting());
        let commands = DirectGateway(Arc::new(commands));
        let busy = Arc::<AtomicUsize>::default();
        let provider = Provider { bundles: BundleStore::new(shelf.clone()), busy: busy.clone() };
        let (read, gateway) = (Arc::new(Read(store.clone())), Arc::new(Gateway(commands.clone())));
        let task = SagaTask::new(read, shelf.clone(), Arc::new(provider), gateway, Renderers::trusting())
            .analysing_with(analysis.map(str::to_owned));
        let task = Arc::new(task);
        let function = move |payload| {
            let task = task.clone();
            let step = async move { task.handle(payload).await };
            Box::pin(
                async move { step.await.map_err(|error| (error.error_type().to_owned(), error.to_string())) },
            ) as futures::future::BoxFuture<'static, _>
        };
        let script = Arc::new(Script::new(Arc::new(function), time_limit(FUNCTION)));
        let bus = Arc::<Bus>::default();
        let executions = Executions::with_observer(
            HashMap::from([(MACHINE.to_owned(), machine)]),
            script.clone(),
            Arc::new(MemoryJournal::default()),
            skafu::cloud_db::Clock::starting_at(start_of_time()),
            Some(bus.clone()),
        );
        let workflows = Machines(executions.clone());
        let start = SagaStart::new(Arc::new(workflows.clone()));
        let announced = Mutex::default();
        let world =
            Self { store, shelf, script, executions, commands, start, workflows, bus, announced, busy };
        world.publish("tiny").await;
        Arc::new(world)
    }

    async fn publish(&self, id: &str) {
        let files = TINY.map(|(path, text)| json!({ "path": path, "text": text }));
        let steps = [
            ("CreateTemplate", json!({ "templateId": id, "name": id })),
            ("UploadTemplateFiles", json!({ "templateId": id, "files": files })),
            ("PublishTemplate", json!({ "templateId": id })),
        ];
        for (command, data) in steps {
            self.send(ada(), "template", command, Uuid::now_v7(), data).await.unwrap();
        }
    }

    async fn send(
        &self,
        principal: Principal,
        context: &str,
        command: &str,
        id: Uuid,
        data: Value,
    ) -> Result<CommandAnswer, GatewayError> {
        let (context, command) = (context.to_owned(), command.to_owned());
        let body = json!({ "commandId": id, "data": data });
        self.commands.send(InternalCommand { principal, context, command, body, tokens: None }).await
    }

    /// Asks for a project. The same name leads to the same id in every world.
    pub async fn create(&self, name: &str, options: Value) -> Result<String, GatewayError> {
        let data = json!({ "name": name, "templateId": "tiny", "options": options });
        let id = Uuid::from_u128(name.bytes().fold(7, |sum, byte| sum * 131 + u128::from(byte)));
        Ok(self.send(ada(), "project", "CreateProject", id, data).await?.aggregate_id)
    }

    /// A command of the owner.
    pub async fn order(&self, command: &str, project: &str) -> Result<CommandAnswer, GatewayError> {
        let mut data = json!({ "projectId": project });
        match command {
            "DeleteProject" => data["reason"] = json!("not wanted any more"),
            "UpdateProject" => data["name"] = json!(NEW_NAME),
            _ => {}
        }
        let answer = self.send(ada(), "project", command, Uuid::now_v7(), data).await;
        self.announce().await;
        answer
    }

    /// Asks for a project of a name that somebody else may have; none if somebody has it.
    pub async fn claim(&self, name: &str) -> Option<String> {
        let data = json!({ "name": name, "templateId": "tiny" });
        match self.send(ada(), "project", "CreateProject", Uuid::now_v7(), data).await {
            Ok(answer) => Some(answer.aggregate_id),
            Err(GatewayError::Refused(problem)) if problem.code == "NAME_TAKEN" => None,
            Err(error) => panic!("{error:?}"),
        }
    }

    /// Tells the starter of sagas what has happened since it was last told; all of it twice, as queues may.
    pub async fn announce(&self) -> usize {
        let mut events = self.bus.take();
        for envelope in self.store.all_commits().iter().flat_map(Commit::envelopes) {
            if calls_for_saga(&envelope.event_type)
                && self.announced.lock().unwrap().insert(envelope.event_id)
            {
                events.push(announcement(&envelope));
            }
        }
        let bodies: Vec<Value> = events.iter().chain(&events).cloned().collect();
        let answer = self.start.handle(batch(&bodies)).await;
        assert!(answer.batch_item_failures.is_empty(), "{events:?}");
        events.len()
    }

    /// Waits until every execution has ended, every event was announced, and no function is left that runs late.
    pub async fn settle(&self) {
        loop {
            self.quiet().await;
            tokio::time::sleep(time_limit(FUNCTION) * 2).await;
            if self.announce().await == 0 {
                return;
            }
        }
    }

    /// Waits until every execution has ended, and every event was announced.
    pub async fn quiet(&self) {
        loop {
            let told = self.announce().await;
            let all = self.executions.list(usize::MAX / 2).unwrap();
            let Some(running) = all.into_iter().find(|it| it.status == Status::Running) else {
                if told == 0 { return } else { continue }
            };
            let end = self.executions.wait_for_more(&running.name, u64::MAX);
            let _still_running = tokio::time::timeout(Duration::from_secs(30), end).await;
        }
    }

    /// Starts what projects wait for, as the sweep does; how many executions that was.
    pub async fn sweep(&self, inputs: impl IntoIterator<Item = skafu_functions::saga::SagaInput>) -> usize {
        let mut started = 0;
        for input in inputs {
            let begun = skafu_functions::saga::begin(&self.workflows, &input).await.unwrap();
            started += usize::from(begun == Started::Now);
        }
        started
    }

    /// The provider of repositories wants to be left alone that often.
    pub fn provider_is_busy(&self, times: usize) {
        self.busy.store(times, Ordering::SeqCst);
    }

    /// Whether an execution said that it left working files behind.
    pub fn leftovers(&self) -> bool {
        let all = self.executions.list(usize::MAX / 2).unwrap();
        all.iter().filter_map(|it| it.output.as_ref()).any(|output| output["leftovers"] == true)
    }

    pub fn stop(&self, execution: &str) {
        self.executions.stop(execution, Failure::new("Stopped", "by hand")).unwrap();
    }

    /// How each execution ended: `SUCCEEDED`, or its error.
    pub fn ends(&self) -> BTreeMap<String, String> {
        let all = self.executions.list(usize::MAX / 2).unwrap().into_iter();
        all.map(|it| (it.name, it.error.unwrap_or_else(|| format!("{:?}", it.status)))).collect()
    }
}
