//! Executions that are stopped from outside: another one undoes what they left.

use std::sync::Arc;

use futures::future::BoxFuture;
use serde_json::json;
use skafu_functions::saga::{Failure, SagaInput, Undo};

use crate::failures::helped;
use crate::machine::Definition;
use crate::outcome::{Came, Found};
use crate::report::Report;
use crate::scenario::{NAME, Route, Subject};
use crate::script::{Calls, Fate, Heard};
use crate::world::{MACHINE, World, acme};

#[tokio::test(start_paused = true)]
async fn an_execution_stopped_at_any_point_is_undone_by_another() {
    let mut report = Report::default();
    for subject in Subject::all().await {
        for route in [subject.route.clone(), subject.route.clone().keeping()] {
            let (world, _) = route.run().await;
            let points = world.script.points(&subject.task.step);
            // The function goes on: at once, or as late as it can.
            for ((at, point), late) in points.iter().flat_map(|at| [(at, false), (at, true)]) {
                let (world, id) = route.asked().await;
                let (inner, name) = (world.clone(), format!("prj-{id}-1"));
                let stop = Arc::new(move || {
                    let (world, name) = (inner.clone(), name.clone());
                    Box::pin(async move {
                        world.stop(&name);
                        if late {
                            tokio::time::sleep(std::time::Duration::from_millis(84_900)).await;
                        }
                    }) as BoxFuture<'static, ()>
                });
                world.script.add(&subject.task.step, Calls::First, Fate::Meanwhile(*at, stop));
                route.script(&world);
                world.settle().await;
                let found = Found::of(&world, &id).await;
                let mut problems = found.problems(&world, NAME).await;
                let came = found.end.came;
                problems.extend(helped(&world, found).await);
                let how = if late { "goes on late" } else { "goes on" };
                let case = format!(
                    "stopped in {} at {at} ({}), {how}, {}",
                    subject.task.state, point, route.options
                );
                report.case(case, came, problems);
            }
        }
    }
    report.conclude("stopped at each point");
}

/// An execution that takes too long is ended by the service: no state catches that.
#[tokio::test(start_paused = true)]
async fn an_execution_that_runs_out_of_time_is_undone_by_another() {
    let world = World::of(Definition::named(MACHINE).within(300), None).await;
    // Everything is made by then but for the last word.
    world.provider_is_busy(4);
    world.script.add("ConfigureRepository", Calls::First, Fate::Late(0, Heard::Nothing));
    world.script.add("ConfigureProject", Calls::All, Fate::Dies(0, Heard::Nothing));
    let id = world.create(NAME, json!({})).await.unwrap();
    world.settle().await;
    let found = Found::of(&world, &id).await;
    assert_eq!(found.problems(&world, NAME).await, [""; 0]);
    assert_eq!(found.end.came, Came::Compensated);
    let ends: Vec<_> = found.end.executions.values().map(String::as_str).collect();
    assert_eq!(ends, ["States.Timeout", "ProjectCreationFailed"]);
}

/// Nobody undoes after an undoing that was stopped, but an operator's order does.
#[tokio::test(start_paused = true)]
async fn an_undoing_by_order_that_is_stopped_is_ordered_once_more() {
    let mut report = Report::default();
    let route = Route::undone();
    let (plain, _) = route.run().await;
    for task in Definition::named(MACHINE).tasks_leading_to("ReportStuck") {
        for (at, point) in plain.script.points(&task.step) {
            let (world, stuck) = route.run_with(&[broken("DiscardRepository")]).await;
            assert_eq!(stuck.end.came, Came::Stuck);
            let id = stuck.project_id();
            world.script.heal();
            let (inner, name) = (world.clone(), format!("prj-{id}-1-undo-asked-1"));
            let stop = Arc::new(move || {
                inner.stop(&name);
                Box::pin(std::future::ready(())) as BoxFuture<'static, ()>
            });
            world.script.add(&task.step, Calls::First, Fate::Meanwhile(at, stop));
            world.order("RetryCompensation", &id).await.unwrap();
            world.settle().await;
            // All was done by then, if the last step was only stopped after its command.
            let _refused = world.order("RetryCompensation", &id).await;
            world.settle().await;
            let found = Found::of(&world, &id).await;
            let mut problems = found.problems(&world, NAME).await;
            if found.end.came != Came::Compensated {
                problems.push("it is not undone".to_owned());
            }
            report.case(format!("stopped in {} at {point}", task.state), found.end.came, problems);
        }
    }
    report.conclude("an ordered undoing stopped");
}

fn broken(step: &'static str) -> (&'static str, Calls, Fate) {
    (step, Calls::All, Fate::Dies(0, Heard::Error("Rejected")))
}

/// What is told of an attempt when the project is at the next one leads to nothing.
#[tokio::test(start_paused = true)]
async fn an_undoing_of_a_superseded_attempt_leaves_the_next_one_alone() {
    let route = Route::plain().keeping();
    let (world, kept) = route.run_with(&[broken("ConfigureProject")]).await;
    assert_eq!(kept.end.came, Came::Kept);
    let id = kept.project_id();
    world.order("RetryProjectCreation", &id).await.unwrap();
    let failure = Failure { step: "ProjectCreation".to_owned(), error: "ABORTED".to_owned(), cause: None };
    let late = SagaInput {
        tenant_id: acme(),
        project_id: id.clone(),
        correlation_id: uuid::Uuid::now_v7(),
        attempt: 1,
        undo: Some(Undo { cause: "stopped".to_owned(), failure }),
    };
    world.sweep([late]).await;
    world.quiet().await;
    let between = Found::of(&world, &id).await;
    assert_eq!(between.end.executions[&format!("prj-{id}-1-undo-stopped")], "ProjectCreationSuperseded");
    world.script.heal();
    world.order("RetryProjectCreation", &id).await.unwrap();
    world.settle().await;
    let found = Found::of(&world, &id).await;
    assert_eq!((found.end.came, found.problems(&world, NAME).await), (Came::Ready, Vec::new()));
}
