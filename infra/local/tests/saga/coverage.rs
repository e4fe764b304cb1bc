//! That nothing of any machine is left out of the proofs.

use std::collections::BTreeSet;

use skafu::states::EventKind;

use crate::machine::{Definition, time_limit};
use crate::scenario::{Route, Subject};
use crate::world::{FUNCTION, MACHINE};

/// Machines whose proofs are here.
const PROVED: [&str; 2] = [MACHINE, crate::rebuild::MACHINE];

/// States no route comes to, and why.
const EXCEPTED: [(&str, &str); 1] = [(
    "ProjectCreationSuperseded",
    "an attempt whose project is at the next one: see `stopped.rs`, which comes to it",
)];

#[test]
fn every_machine_is_proved() {
    let machines: Vec<&String> = Definition::all().keys().collect();
    assert_eq!(machines, PROVED, "a machine without proofs");
}

#[tokio::test(start_paused = true)]
async fn every_state_is_come_to() {
    let mut entered = BTreeSet::new();
    for route in Route::all() {
        let (world, _) = route.run().await;
        for execution in world.executions.list(99).unwrap() {
            let history = world.executions.history(&execution.name, 0).unwrap();
            let states = history.into_iter().filter(|event| event.kind == EventKind::StateEntered);
            entered.extend(states.filter_map(|event| event.state));
        }
    }
    let all: BTreeSet<String> =
        Definition::named(MACHINE).states().into_iter().map(|(name, _)| name).collect();
    let missing: Vec<_> = all.difference(&entered).map(String::as_str).collect();
    assert_eq!(missing, EXCEPTED.map(|(state, _)| state), "states that no route leads to");
}

#[tokio::test(start_paused = true)]
async fn every_task_has_points_to_fail_at() {
    for subject in Subject::all().await {
        let points: Vec<_> = subject.points.iter().map(|(_, point)| point.as_str()).collect();
        assert!(points.last().is_some_and(|it| it.ends_with(":end")), "{}", subject.task.state);
        println!("{:<20} on the way `{}`: {points:?}", subject.task.state, subject.route.name);
    }
}

/// What is undone after that wait is undone after the last function that began before the failure.
#[test]
fn the_wait_for_late_effects_is_longer_than_a_function_can_run() {
    let states = Definition::named(MACHINE).states();
    let (_, wait) = states.into_iter().find(|(name, _)| name == "AwaitLateEffects").unwrap();
    assert!(wait["Seconds"].as_u64() > Some(time_limit(FUNCTION).as_secs()), "{wait}");
}
