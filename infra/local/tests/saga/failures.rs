//! A failure at each point of each state, of every kind, once or for good: everything ends clean.

use crate::outcome::{Came, Found};
use crate::report::Report;
use crate::scenario::{NAME, Subject};
use crate::script::{Calls, Fate, Heard};
use crate::world::World;

/// What a machine can hear of a function that died.
const HEARD: [Heard; 4] = [
    Heard::Error("Retryable"),
    Heard::Error("Rejected"),
    Heard::Error("Runtime.ExitError"),
    // The state's own patience ends, or that of the function.
    Heard::Nothing,
];

#[tokio::test(start_paused = true)]
async fn a_function_that_dies_at_any_point_leaves_nothing_behind() {
    let mut report = Report::default();
    for subject in Subject::all().await {
        for (at, point) in &subject.points {
            for heard in HEARD {
                for calls in [Calls::First, Calls::All] {
                    let fault = (subject.task.step.as_str(), calls, Fate::Dies(*at, heard));
                    let (world, found) = subject.route.run_with(&[fault]).await;
                    let mut problems = found.problems(&world, NAME).await;
                    problems.extend(unexpected(&subject, calls, heard, &found));
                    let came = found.end.came;
                    problems.extend(helped(&world, found).await);
                    let case = format!("{} dies at {point}, {heard:?}, {calls:?}", subject.task.state);
                    report.case(case, came, problems);
                }
            }
        }
    }
    report.conclude("a failure at each point");
}

/// Whether that failure may lead there.
fn unexpected(subject: &Subject, calls: Calls, heard: Heard, found: &Found) -> Option<String> {
    let is_final =
        calls == Calls::All || (heard == Heard::Error("Rejected") && subject.task.rejection_is_final);
    let is_stuck = matches!(found.end.came, Came::Stuck | Came::StuckUnseen);
    if !is_final && found.end.came != subject.came {
        return Some(format!("one failure that passes leads to {:?}", found.end.came));
    }
    if found.end.came == Came::StuckUnseen && subject.task.step != "ReportStuck" {
        return Some("stuck, and the project does not say so".to_owned());
    }
    let may_be_stuck = subject.is_compensating() || subject.came == Came::Stuck;
    (is_stuck && !may_be_stuck).then(|| "stuck, though nothing that undoes has failed".to_owned())
}

/// What is stuck is undone once whatever was broken works again and an operator asks for it.
pub async fn helped(world: &World, found: Found) -> Vec<String> {
    if !matches!(found.end.came, Came::Stuck | Came::StuckUnseen) {
        return Vec::new();
    }
    world.script.heal();
    let id = found.project_id();
    world.order("RetryCompensation", &id).await.unwrap();
    world.settle().await;
    let found = Found::of(world, &id).await;
    let came = found.end.came;
    let mut problems = Vec::new();
    if came != Came::Compensated {
        problems.push(format!("an operator's help leads to {came:?}"));
    }
    // Somebody has asked for the name already, and not got it.
    problems.extend(found.problems(world, NAME).await.into_iter().map(|it| format!("after help, {it}")));
    problems
}
