//! Functions and commands of which the machine hears nothing, or an error, and which take effect all the same: late.

use crate::failures::helped;
use crate::machine::time_limit;
use crate::outcome::Came;
use crate::report::Report;
use crate::scenario::{NAME, Subject};
use crate::script::{Calls, Fate, Heard};

/// What the machine hears when the function goes on without it.
const HEARD: [Heard; 2] = [Heard::Nothing, Heard::Error("Lambda.Unknown")];

#[tokio::test(start_paused = true)]
async fn a_function_that_goes_on_late_from_any_point_leaves_nothing_behind() {
    let mut report = Report::default();
    for subject in Subject::all().await {
        for (at, point) in &subject.points {
            for (heard, calls) in HEARD.iter().flat_map(|heard| [(heard, Calls::First), (heard, Calls::All)])
            {
                let fault = (subject.task.step.as_str(), calls, Fate::Late(*at, *heard));
                let (world, found) = subject.route.run_with(&[fault]).await;
                let mut problems = found.problems(&world, NAME).await;
                let came = found.end.came;
                problems.extend(helped(&world, found).await);
                report.case(
                    format!("{} late from {point}, {heard:?}, {calls:?}", subject.task.state),
                    came,
                    problems,
                );
            }
        }
    }
    report.conclude("late from each point");
}

#[tokio::test(start_paused = true)]
async fn a_command_that_arrives_late_changes_nothing_any_more() {
    let delay = time_limit("CommandsFunction");
    let mut report = Report::default();
    for subject in Subject::all().await {
        let sends = subject.points.iter().filter(|(_, point)| point.ends_with(":send"));
        for (at, calls) in sends.flat_map(|(at, _)| [(*at, Calls::First), (*at, Calls::All)]) {
            let fault = (subject.task.step.as_str(), calls, Fate::LateCommand(at, delay));
            let (world, found) = subject.route.run_with(&[fault]).await;
            let mut problems = found.problems(&world, NAME).await;
            let came = found.end.came;
            problems.extend(helped(&world, found).await);
            report.case(format!("command of {} late, {calls:?}", subject.task.state), came, problems);
        }
    }
    report.conclude("each command late");
}

/// The first call of a step goes on late; meanwhile the machine has tried again, and comes to its end by a failure of
/// this or a later step.
#[tokio::test(start_paused = true)]
async fn a_call_that_was_tried_again_goes_on_late_into_the_undoing() {
    let mut report = Report::default();
    let subjects = Subject::all().await;
    let forward =
        |it: &&Subject| it.route.name == "plain" && it.task.on_error.as_deref() == Some("FailProject");
    let forward: Vec<_> = subjects.iter().filter(forward).collect();
    for (index, early) in forward.iter().enumerate() {
        for (at, point) in &early.points {
            for later in &forward[index..] {
                for (heard, error) in
                    HEARD.iter().flat_map(|heard| [(heard, "Rejected"), (heard, "Retryable")])
                {
                    let faults = [
                        (early.task.step.as_str(), Calls::First, Fate::Late(*at, *heard)),
                        (later.task.step.as_str(), Calls::All, Fate::Dies(0, Heard::Error(error))),
                    ];
                    let (world, found) = early.route.run_with(&faults).await;
                    let mut problems = found.problems(&world, NAME).await;
                    // Ready if the late call was the last one needed, and had done it.
                    if !matches!(found.end.came, Came::Compensated | Came::Ready) {
                        problems.push(format!("{:?}", found.end.came));
                    }
                    let (early, later) = (&early.task.state, &later.task.state);
                    let case = format!("{early} late from {point} ({heard:?}), {later} fails ({error})");
                    report.case(case, found.end.came, problems);
                }
            }
        }
    }
    report.conclude("late into the undoing");
}
