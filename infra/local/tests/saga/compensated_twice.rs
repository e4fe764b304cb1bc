//! The undoing, by its own execution and by others beside it.

use std::sync::Arc;

use crate::machine::{Definition, Task};
use crate::outcome::{Came, Found};
use crate::probe::Hook;
use crate::report::Report;
use crate::scenario::{NAME, Route};
use crate::script::{Calls, Fate};
use crate::world::{MACHINE, World};

/// The tasks that undo: whatever leaves the creation stuck if it fails for good.
fn undoing() -> Vec<Task> {
    Definition::named(MACHINE).tasks_leading_to("ReportStuck")
}

fn hook(
    world: &Arc<World>,
    act: impl Fn(Arc<World>) -> futures::future::BoxFuture<'static, ()> + Send + Sync + 'static,
) -> Hook {
    let world = world.clone();
    Arc::new(move || act(world.clone()))
}

/// Has the undoing disturbed at each point of each of its tasks.
async fn disturbed(report: &mut Report, how: &str, disturbance: impl Fn(&Arc<World>, &str) -> Hook) {
    let route = Route::undone();
    let (plain, once) = route.run().await;
    for task in undoing() {
        for (at, point) in plain.script.points(&task.step) {
            let (world, id) = route.asked().await;
            let fate = Fate::Meanwhile(at, disturbance(&world, &id));
            world.script.add(&task.step, Calls::First, fate);
            route.script(&world);
            world.settle().await;
            let found = Found::of(&world, &id).await;
            let mut problems = found.problems(&world, NAME).await;
            if found.end.came != Came::Compensated {
                problems.push(format!("it is not undone: {:?}", found.end));
            }
            if found.end.repository_events != once.end.repository_events {
                problems.push(format!("{:?}", found.end.repository_events));
            }
            report.case(format!("{} {how} at {point}", task.state), found.end.came, problems);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_undoing_beside_the_first_changes_nothing() {
    let mut report = Report::default();
    let ask = |world: &Arc<World>, id: &str| {
        let id = id.to_owned();
        hook(world, move |world| {
            let id = id.clone();
            // Refused once everything is undone.
            Box::pin(async move { drop(world.order("RetryCompensation", &id).await) })
        })
    };
    disturbed(&mut report, "with another undoing begun", ask).await;
    // The other one has all the time it needs, while the first stands still.
    let wait = |world: &Arc<World>, id: &str| {
        let id = id.to_owned();
        hook(world, move |world| {
            let id = id.clone();
            Box::pin(async move {
                drop(world.order("RetryCompensation", &id).await);
                tokio::time::sleep(std::time::Duration::from_secs(9)).await;
            })
        })
    };
    disturbed(&mut report, "overtaken by another undoing", wait).await;
    report.conclude("undone by two");
}

#[tokio::test(start_paused = true)]
async fn an_undoing_that_is_stopped_is_finished_by_another() {
    let mut report = Report::default();
    let stop = |world: &Arc<World>, id: &str| {
        let execution = format!("prj-{id}-1");
        hook(world, move |world| {
            world.stop(&execution);
            Box::pin(std::future::ready(()))
        })
    };
    disturbed(&mut report, "stopped", stop).await;
    report.conclude("undoing stopped");
}
