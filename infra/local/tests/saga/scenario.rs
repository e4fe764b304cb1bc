//! One creation, with what goes wrong in it.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::machine::{Definition, Task};
use crate::outcome::{Came, Found};
use crate::script::{Calls, Fate, Heard};
use crate::world::{MACHINE, World};

/// The project's name.
pub const NAME: &str = "Shop";

/// Which way a creation takes through the machine.
#[derive(Clone)]
pub struct Route {
    pub name: &'static str,
    pub options: Value,
    analysis: Option<&'static str>,
    faults: Vec<(&'static str, Calls, Fate)>,
    /// How often the provider wants to be left alone.
    busy: usize,
}

impl Route {
    pub fn plain() -> Self {
        Self { name: "plain", options: json!({}), analysis: None, faults: Vec::new(), busy: 0 }
    }

    /// Fails late, when everything that is to be undone is there.
    pub fn undone() -> Self {
        let fault = ("ConfigureProject", Calls::All, Fate::Dies(0, Heard::Error("Rejected")));
        Self { name: "undone", faults: vec![fault], ..Self::plain() }
    }

    fn stuck() -> Self {
        let mut route = Self { name: "stuck", ..Self::undone() };
        route.faults.push(("DiscardRepository", Calls::All, Fate::Dies(0, Heard::Error("Rejected"))));
        route
    }

    fn analysed(wanted: &str) -> Self {
        let options = json!({ "aiAnalysis": wanted });
        Self { name: "analysed", options, analysis: Some("somebody"), ..Self::plain() }
    }

    fn leaving_files() -> Self {
        let fault = ("Complete", Calls::All, Fate::Dies(0, Heard::Error("Rejected")));
        Self { name: "leaving files", faults: vec![fault], ..Self::plain() }
    }

    /// Nobody knows what became of the step that failed.
    fn uncertain() -> Self {
        let fault = ("CreateRepository", Calls::All, Fate::Dies(0, Heard::Error("Runtime.ExitError")));
        Self { name: "uncertain", faults: vec![fault], ..Self::plain() }
    }

    fn busy(times: usize) -> Self {
        Self { name: "busy", busy: times, ..Self::plain() }
    }

    /// Enough ways to come to every state; those first on which least goes wrong.
    pub fn all() -> Vec<Self> {
        let more = [Self::analysed("auto"), Self::busy(2), Self::undone(), Self::stuck(), Self::uncertain()];
        let rare =
            [Self::analysed("required"), Self::leaving_files(), Self::busy(99), Self::undone().keeping()];
        [Self::plain()].into_iter().chain(more).chain(rare).collect()
    }

    /// The same, but what fails is kept for another attempt.
    pub fn keeping(mut self) -> Self {
        self.options["onFailure"] = json!("keepForRetry");
        self
    }

    /// Whether it is on this way that the step fails.
    pub fn breaks(&self, step: &str) -> bool {
        self.faults.iter().any(|(broken, _, _)| *broken == step)
    }

    /// A world in which the project was asked for, and nothing has happened yet.
    pub async fn asked(&self) -> (Arc<World>, String) {
        let world = World::new(self.analysis).await;
        world.provider_is_busy(self.busy);
        let id = world.create(NAME, self.options.clone()).await.unwrap();
        (world, id)
    }

    /// What goes wrong on this way, after everything that was told to go wrong before.
    pub fn script(&self, world: &World) {
        for (step, calls, fate) in &self.faults {
            world.script.add(step, *calls, fate.clone());
        }
    }

    /// Takes the way to its end.
    pub async fn run(&self) -> (Arc<World>, Found) {
        self.run_with(&[]).await
    }

    /// The same with more that goes wrong.
    pub async fn run_with(&self, faults: &[(&str, Calls, Fate)]) -> (Arc<World>, Found) {
        let (world, id) = self.asked().await;
        for (step, calls, fate) in faults {
            world.script.add(step, *calls, fate.clone());
        }
        self.script(&world);
        world.settle().await;
        let found = Found::of(&world, &id).await;
        (world, found)
    }
}

/// A task, the way that leads to it, and what it does on that way.
pub struct Subject {
    pub task: Task,
    pub route: Route,
    /// Its calls of ports, and its end.
    pub points: Vec<(usize, String)>,
    /// Where that way ends if nothing else goes wrong.
    pub came: Came,
}

impl Subject {
    /// One for each task of the machine.
    ///
    /// # Panics
    /// If no way leads to one of them: then there must be another way.
    pub async fn all() -> Vec<Self> {
        let mut subjects = Vec::new();
        let mut missing = Definition::named(MACHINE).tasks();
        for route in Route::all() {
            let (world, found) = route.run().await;
            let (reached, others) =
                missing.into_iter().partition(|task: &Task| !world.script.points(&task.step).is_empty());
            let reached: Vec<Task> = reached;
            missing = others;
            subjects.extend(reached.into_iter().map(|task| {
                let points = world.script.points(&task.step);
                Self { task, route: route.clone(), points, came: found.end.came }
            }));
        }
        assert!(missing.is_empty(), "no route leads to {missing:?}");
        subjects
    }

    /// Whether the creation is stuck once it fails for good.
    pub fn is_compensating(&self) -> bool {
        self.task.on_error.as_deref() == Some("ReportStuck")
    }
}
