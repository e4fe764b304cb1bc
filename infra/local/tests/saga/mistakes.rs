//! That the proofs can fail: each of these mistakes in the definition is noticed by the case that is made for it.

use serde_json::{Value, json};

use crate::machine::Definition;
use crate::outcome::{Came, Found};
use crate::scenario::NAME;
use crate::script::{Calls, Fate, Heard};
use crate::world::{MACHINE, World};

/// A mistake, what goes wrong in the case that shows it, and where the case ends without the mistake.
struct Mistake {
    what: &'static str,
    mistake: fn(&mut Value),
    faults: Vec<(&'static str, Calls, Fate)>,
    came: Came,
}

const REJECTED: Heard = Heard::Error("Rejected");
const LOST: Heard = Heard::Error("Lambda.Unknown");
/// Where `CreateRepository` puts the repository into its place.
const PUT: usize = 3;

/// The creation fails when everything is there that is to be undone.
fn late_failure() -> (&'static str, Calls, Fate) {
    ("ConfigureProject", Calls::All, Fate::Dies(0, REJECTED))
}

/// A way to the state that nobody ever takes: without any, the definition would not be one.
fn never(states: &mut Value, state: &str) {
    let rules = states["AfterFailure"]["Choices"].as_array_mut().unwrap();
    rules.push(json!({ "Condition": "{% false %}", "Next": state }));
}

fn mistakes() -> Vec<Mistake> {
    let undone = |what, mistake| {
        let faults = vec![late_failure()];
        Mistake { what, mistake, faults, came: Came::Compensated }
    };
    vec![
        undone("the repository is not removed", |states| {
            states["AfterFailure"]["Choices"][3]["Next"] = json!("DiscardRendering");
        }),
        undone("what was rendered is not removed", |states| {
            states["DiscardRepository"]["Next"] = json!("CompensateProject");
            never(states, "DiscardRendering");
        }),
        undone("the name is not given back", |states| {
            states["DiscardRendering"]["Next"] = json!("ProjectCreationFailed");
            never(states, "CompensateProject");
        }),
        undone("it is undone before it has failed", |states| {
            states["ConfigureProject"]["Catch"][0]["Next"] = json!("DiscardRepository");
        }),
        Mistake {
            what: "nobody waits for a call that was never heard of",
            mistake: |states| states["AwaitLateEffects"]["Seconds"] = json!(1),
            faults: vec![("CreateRepository", Calls::All, Fate::Late(PUT, LOST))],
            came: Came::Compensated,
        },
        Mistake {
            what: "a call that was tried again is forgotten",
            mistake: |states| states["CreateRepository"]["Catch"][0]["Assign"]["unheard"] = json!(0),
            faults: vec![
                ("CreateRepository", Calls::First, Fate::Late(PUT, LOST)),
                ("CreateRepository", Calls::All, Fate::Dies(0, REJECTED)),
            ],
            came: Came::Compensated,
        },
        Mistake {
            what: "an undoing that failed passes for one that succeeded",
            mistake: |states| {
                states["DiscardRepository"]["Catch"][0]["Next"] = json!("ProjectCreationFailed")
            },
            faults: vec![late_failure(), ("DiscardRepository", Calls::All, Fate::Dies(0, REJECTED))],
            came: Came::Stuck,
        },
        Mistake {
            what: "a failure that passes is not tried again",
            mistake: |states| states["RenderTemplate"]["Retry"][1]["MaxAttempts"] = json!(0),
            faults: vec![("RenderTemplate", Calls::First, Fate::Dies(0, LOST))],
            came: Came::Ready,
        },
        Mistake {
            what: "a ready project is taken for a failed one",
            mistake: |states| {
                states["Complete"]["Catch"][0]["Next"] = json!("ReportStuck");
                states["Complete"]["Catch"][0]["Assign"]["stuck"] =
                    json!({ "step": "", "error": "", "cause": "" });
                never(states, "CompleteWithLeftovers");
            },
            faults: vec![("Complete", Calls::All, Fate::Dies(0, REJECTED))],
            came: Came::Ready,
        },
    ]
}

/// What the proofs say of the case.
async fn noticed(machine: skafu::states::Machine, case: &Mistake) -> Vec<String> {
    let world = World::of(machine, None).await;
    let id = world.create(NAME, json!({})).await.unwrap();
    for (step, calls, fate) in &case.faults {
        world.script.add(step, *calls, fate.clone());
    }
    world.settle().await;
    let found = Found::of(&world, &id).await;
    let mut problems = found.problems(&world, NAME).await;
    if found.end.came != case.came {
        problems.push(format!("{:?}", found.end.came));
    }
    problems
}

#[tokio::test(start_paused = true)]
async fn every_mistake_in_the_definition_is_noticed() {
    for case in mistakes() {
        let definition = Definition::named(MACHINE);
        assert_eq!(noticed(definition.machine(), &case).await, [""; 0], "without: {}", case.what);
        let problems = noticed(definition.mistaken(case.mistake), &case).await;
        println!("{}: {problems:?}", case.what);
        assert!(!problems.is_empty(), "nobody notices: {}", case.what);
    }
}
