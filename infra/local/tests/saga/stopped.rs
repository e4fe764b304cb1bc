//! Executions that are stopped from outside: another one undoes what they left.

use std::sync::Arc;

use skafu_functions::saga::{Failure, SagaInput, Undo};

use crate::failures::helped;
use crate::outcome::{Came, Found};
use crate::report::Report;
use crate::scenario::{NAME, Route, Subject};
use crate::script::{Calls, Fate, Heard};
use crate::world::acme;

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
                    }) as futures::future::BoxFuture<'static, ()>
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

/// An execution that takes too long is ended by the service: nothing catches that.
#[tokio::test(start_paused = true)]
async fn an_execution_that_runs_out_of_time_is_undone_by_another() {
    let (world, id) = Route::plain().asked().await;
    world.provider_is_busy(3);
    // Never an answer, and retries of an hour.
    world.announce().await;
    let name = format!("prj-{id}-1");
    tokio::time::sleep(std::time::Duration::from_secs(30)).await;
    world.stop(&name);
    world.settle().await;
    let found = Found::of(&world, &id).await;
    assert_eq!(found.problems(&world, NAME).await, Vec::<String>::new());
    assert_eq!(found.end.came, Came::Compensated);
    let ends: Vec<_> = found.end.executions.values().map(String::as_str).collect();
    assert_eq!(ends, ["Stopped", "ProjectCreationFailed"]);
}

/// What is told of an attempt when the project is at the next one leads to nothing.
#[tokio::test(start_paused = true)]
async fn an_undoing_of_a_superseded_attempt_leaves_the_next_one_alone() {
    let route = Route::plain().keeping();
    let fault = ("ConfigureProject", Calls::All, Fate::Dies(0, Heard::Error("Rejected")));
    let (world, kept) = route.run_with(&[fault]).await;
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
