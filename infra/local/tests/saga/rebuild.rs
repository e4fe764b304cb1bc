//! The machine that rebuilds a view, proved in the same way: every task twice, dying and late at each point.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use skafu::states::{Execution, Executions, MemoryJournal};
use skafu_events::{AggregateKind, StreamId};
use skafu_functions::projections::feeds;
use skafu_functions::rebuild::RebuildTask;
use skafu_store::generations::Registry;
use skafu_store::{
    Consistency, Draft, EventStore, MemoryEventStore, MemoryViewStore, NewEvent, Row, Segment, ViewStore,
};
use uuid::Uuid;

use crate::machine::{Definition, Task, time_limit};
use crate::ports::Read;
use crate::probe::END;
use crate::report::Report;
use crate::rows::Rows;
use crate::script::{Calls, Fate, Heard, Script};
use crate::world::acme;

pub const MACHINE: &str = "view-rebuild";
const VIEW: &str = "project";
/// Four projects, each in the list of where it stands and of its template, too.
const ROWS: usize = 4 * 3;

struct Rebuilt {
    store: Arc<MemoryEventStore>,
    rows: Arc<MemoryViewStore>,
    script: Arc<Script>,
    executions: Executions,
}

impl Rebuilt {
    /// Some projects, and a view that was never rebuilt.
    async fn new() -> Self {
        let (store, rows) = (Arc::new(MemoryEventStore::default()), Arc::new(MemoryViewStore::default()));
        let events: Arc<dyn EventStore> = Arc::new(Read(store.clone()));
        let views: Arc<dyn ViewStore> = Arc::new(Rows(rows.clone()));
        let task = RebuildTask::new(feeds(&events, &views), events, views, Duration::ZERO);
        let (task, limit) = (Arc::new(task), time_limit("RebuildFunction"));
        let function = move |payload| {
            let task = task.clone();
            Box::pin(async move {
                let done = task.handle(payload, limit).await;
                done.map_err(|error| (error.error_type().to_owned(), error.to_string()))
            }) as futures::future::BoxFuture<'static, _>
        };
        let script = Arc::new(Script::new(Arc::new(function), limit));
        let machines = HashMap::from([(MACHINE.to_owned(), Definition::named(MACHINE).machine())]);
        let clock =
            skafu::cloud_db::Clock::starting_at(chrono::DateTime::from_timestamp(1_700_000_000, 0).unwrap());
        let executions = Executions::new(machines, script.clone(), Arc::new(MemoryJournal::default()), clock);
        let rebuilt = Self { store, rows, script, executions };
        for id in ["a", "b", "c", "d"] {
            rebuilt.create(id).await;
        }
        rebuilt
    }

    async fn create(&self, id: &str) {
        let stream = StreamId::new(acme(), AggregateKind::Project, id).unwrap();
        let history = self.store.load(&stream, Consistency::Strong).await.unwrap();
        let data = json!({ "name": id, "ownerId": "alice", "templateId": "tiny" });
        let draft = Draft {
            events: vec![NewEvent { event_type: "ProjectCreated".to_owned(), event_version: 1, data }],
            command_id: Uuid::now_v7(),
            body_hash: String::new(),
            correlation_id: Uuid::now_v7(),
            user_id: "alice".to_owned(),
            timestamp: chrono::DateTime::from_timestamp(1_600_000_000, 0).unwrap().into(),
            metadata: serde_json::Map::new(),
        };
        self.store.append(&history, draft, &[]).await.unwrap();
    }

    async fn run(&self, name: &str) -> Execution {
        self.executions.start(MACHINE, name, json!({ "view": VIEW, "segments": 2 })).unwrap();
        self.executions.wait_for_more(name, u64::MAX).await.unwrap();
        // Until nobody is left who may still write.
        tokio::time::sleep(time_limit("RebuildFunction") * 2).await;
        self.executions.describe(name).unwrap().unwrap()
    }

    async fn active(&self) -> u32 {
        let found = Registry::new(self.rows.clone()).read(VIEW, Consistency::Strong).await.unwrap();
        found.map_or(1, |it| it.active().number)
    }

    /// The rows of the view as it is shown.
    async fn shown(&self) -> BTreeMap<String, (u64, Option<Value>)> {
        let prefix = format!("acme/{VIEW}.{}/", self.active().await);
        let all = self.rows.scan(Segment::WHOLE, None, 9_999).await.unwrap();
        let rows = all.rows.into_iter().filter(|row| row.key.partition.starts_with(&prefix));
        let place = |row: &Row| format!("{} {}", &row.key.partition[prefix.len()..], row.key.sort);
        rows.map(|row| (place(&row), (row.version, row.content))).collect()
    }

    /// What is not as it must be once the rebuild has ended so.
    async fn problems(&self, ended: &Execution) -> Vec<String> {
        let mut problems = Vec::new();
        let active = self.active().await;
        match (&ended.output, ended.error.as_deref(), active) {
            (Some(output), None, 2) if output["active"] == 2 => {}
            // What is shown may be new although the answer that said so was lost.
            (None, Some("RebuildFailed"), 1 | 2) => {}
            _ => problems.push(format!("generation {active} is shown: {ended:?}")),
        }
        if active == 2 && self.shown().await.len() != ROWS {
            problems.push(format!("rows are missing: {:?}", self.shown().await));
        }
        problems
    }

    /// Started again, a rebuild goes on, whatever became of the one before.
    async fn again(&self) -> Vec<String> {
        self.script.heal();
        let before = self.active().await;
        let ended = self.run("again").await;
        let (after, shown) = (self.active().await, self.shown().await);
        let sound = ended.output.is_some() && after == before + 1 && shown.len() == ROWS;
        if sound { Vec::new() } else { vec![format!("again: {before} became {after}, {shown:?}, {ended:?}")] }
    }
}

struct Subject {
    task: Task,
    points: Vec<(usize, String)>,
}

async fn subjects() -> Vec<Subject> {
    let world = Rebuilt::new().await;
    world.run("x").await;
    let subject = |task: Task| {
        let points = world.script.points(&task.step);
        assert!(!points.is_empty(), "no rebuild comes to {}", task.state);
        Subject { task, points }
    };
    Definition::named(MACHINE).tasks().into_iter().map(subject).collect()
}

#[tokio::test(start_paused = true)]
async fn every_task_of_a_rebuild_run_twice_ends_as_once() {
    let once = Rebuilt::new().await;
    let output = once.run("x").await.output;
    let shown = once.shown().await;
    assert_eq!(shown.len(), ROWS);
    let mut report = Report::default();
    for Subject { task, .. } in subjects().await {
        let lost = Fate::Dies(END, Heard::Error("Retryable"));
        let doubled = [
            ("twice", Fate::Twice, Calls::All),
            ("at once", Fate::AtOnce, Calls::All),
            ("lost", lost, Calls::First),
        ];
        for (how, fate, calls) in doubled {
            let world = Rebuilt::new().await;
            world.script.add(&task.step, calls, fate);
            let ended = world.run("x").await;
            let mut problems = world.problems(&ended).await;
            if (&ended.output, &world.shown().await) != (&output, &shown) {
                problems.push(format!("not as once: {ended:?}"));
            }
            report.case(format!("{} {how}", task.state), ended.status, problems);
        }
    }
    report.conclude("every task of a rebuild twice");
}

#[tokio::test(start_paused = true)]
async fn a_failure_at_any_point_of_a_rebuild_shows_the_old_rows_or_the_new_ones_whole() {
    let mut report = Report::default();
    for Subject { task, points } in subjects().await {
        for (at, point) in points {
            let fates = ["Retryable", "Rejected", "Runtime.ExitError"]
                .map(|error| Fate::Dies(at, Heard::Error(error)))
                .into_iter()
                .chain([Fate::Dies(at, Heard::Nothing), Fate::Late(at, Heard::Nothing)])
                .chain([Fate::Late(at, Heard::Error("Lambda.Unknown"))]);
            for (kind, fate) in fates.enumerate() {
                for calls in [Calls::First, Calls::All] {
                    let world = Rebuilt::new().await;
                    world.script.add(&task.step, calls, fate.clone());
                    let ended = world.run("x").await;
                    let mut problems = world.problems(&ended).await;
                    let is_final = calls == Calls::All || kind == 1;
                    if !is_final && ended.output.is_none() {
                        problems.push(format!("one failure that passes ends it: {ended:?}"));
                    }
                    problems.extend(world.again().await);
                    let case = format!("{} at {point}, kind {kind}, {calls:?}", task.state);
                    report.case(case, ended.status, problems);
                }
            }
        }
    }
    report.conclude("a failure at each point of a rebuild");
}
