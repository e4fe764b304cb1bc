//! Projects that are deleted while they are made, kept or undone.

use std::sync::Arc;

use skafu_domain::project::ProjectStatus;

use crate::outcome::{Came, Found};
use crate::probe::Hook;
use crate::report::Report;
use crate::scenario::{NAME, Route, Subject};
use crate::script::{Calls, Fate, Heard};
use crate::world::World;

/// The owner deletes the project.
fn deletion(world: &Arc<World>, id: &str) -> Hook {
    let (world, id) = (world.clone(), id.to_owned());
    Arc::new(move || {
        let (world, id) = (world.clone(), id.clone());
        Box::pin(async move { drop(world.order("DeleteProject", &id).await.unwrap()) })
    })
}

async fn deleted_at(
    route: &Route,
    step: &str,
    at: usize,
    early: Option<(&str, Fate)>,
) -> (Came, Vec<String>) {
    let (world, id) = route.asked().await;
    if let Some((step, fate)) = early {
        world.script.add(step, Calls::First, fate);
    }
    world.script.add(step, Calls::First, Fate::Meanwhile(at, deletion(&world, &id)));
    route.script(&world);
    world.settle().await;
    let mut found = Found::of(&world, &id).await;
    if found.end.came == Came::Stuck {
        world.script.heal();
        world.order("RetryCompensation", &id).await.unwrap();
        world.settle().await;
        found = Found::of(&world, &id).await;
    }
    let mut problems = found.problems(&world, NAME).await;
    if found.end.status != ProjectStatus::Deleted {
        problems.push(format!("it is {:?}, not deleted", found.end.status));
    }
    if !matches!(found.end.came, Came::Ready | Came::Compensated) {
        problems.push(format!("it came to {:?}", found.end.came));
    }
    (found.end.came, problems)
}

#[tokio::test(start_paused = true)]
async fn a_project_deleted_at_any_point_is_undone_or_was_ready() {
    let mut report = Report::default();
    for subject in Subject::all().await {
        for route in [subject.route.clone(), subject.route.clone().keeping()] {
            let (world, _) = route.run().await;
            // What is kept is not undone, so not all steps are come to.
            for (at, point) in world.script.points(&subject.task.step) {
                let (came, problems) = deleted_at(&route, &subject.task.step, at, None).await;
                let case = format!("deleted in {} at {point}, {}", subject.task.state, route.options);
                report.case(case, came, problems);
            }
        }
    }
    report.conclude("deleted at each point");
}

/// A call that nobody waits for any more may go on while the project is deleted and undone.
#[tokio::test(start_paused = true)]
async fn a_project_deleted_while_a_lost_call_goes_on_leaves_nothing_behind() {
    let mut report = Report::default();
    let subjects = Subject::all().await;
    let forward: Vec<_> = subjects.iter().filter(|it| it.route.name == "plain").collect();
    for (index, early) in forward.iter().enumerate() {
        for (at, point) in &early.points {
            for later in &forward[index..] {
                for heard in [Heard::Nothing, Heard::Error("Lambda.Unknown")] {
                    let lost = (early.task.step.as_str(), Fate::Late(*at, heard));
                    let (came, problems) = deleted_at(&early.route, &later.task.step, 0, Some(lost)).await;
                    let (early, later) = (&early.task.state, &later.task.state);
                    let case = format!("{early} late from {point} ({heard:?}), deleted in {later}");
                    report.case(case, came, problems);
                }
            }
        }
    }
    report.conclude("deleted while a lost call goes on");
}

/// A creation that is kept, though a call that was tried again goes on, and deleted at once.
#[tokio::test(start_paused = true)]
async fn a_kept_creation_that_is_deleted_while_a_lost_call_goes_on_leaves_nothing_behind() {
    let mut report = Report::default();
    for subject in Subject::all().await {
        for (at, point) in &subject.points {
            let (world, id) = Route::plain().keeping().asked().await;
            let step = &subject.task.step;
            world.script.add(step, Calls::First, Fate::Late(*at, Heard::Error("Lambda.Unknown")));
            world.script.add(step, Calls::First, Fate::Dies(0, Heard::Error("Rejected")));
            world.quiet().await;
            if Found::of(&world, &id).await.end.came != Came::Kept {
                continue;
            }
            world.order("DeleteProject", &id).await.unwrap();
            world.settle().await;
            let found = Found::of(&world, &id).await;
            let mut problems = found.problems(&world, NAME).await;
            if found.end.came != Came::Compensated {
                problems.push("it is not undone".to_owned());
            }
            report.case(format!("{} late from {point}", subject.task.state), found.end.came, problems);
        }
    }
    report.conclude("kept beside a lost call, then deleted");
}

/// Of a creation that was kept no execution is left: deleting it starts one.
#[tokio::test(start_paused = true)]
async fn a_kept_creation_that_is_deleted_is_undone() {
    let mut report = Report::default();
    for subject in Subject::all().await {
        let route = Route::plain().keeping();
        for (at, point) in &subject.points {
            let fault = (subject.task.step.as_str(), Calls::All, Fate::Dies(*at, Heard::Error("Rejected")));
            let (world, kept) = route.run_with(&[fault]).await;
            if kept.end.came != Came::Kept {
                continue;
            }
            world.script.heal();
            let id = kept.project_id();
            world.order("DeleteProject", &id).await.unwrap();
            world.settle().await;
            let found = Found::of(&world, &id).await;
            let mut problems = found.problems(&world, NAME).await;
            if found.end.came != Came::Compensated {
                problems.push("it is not undone".to_owned());
            }
            report.case(format!("kept in {} at {point}", subject.task.state), found.end.came, problems);
        }
    }
    report.conclude("kept, then deleted");
}
