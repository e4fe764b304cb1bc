use std::collections::BTreeMap;

use serde_json::json;
use skafu_functions::gateway::{InternalAnswer, InternalCommand};
use skafu_store::EventStore;
use skafu_store::faults::Faults;
use uuid::Uuid;

use super::checks::holders;
use super::{Arena, NAMES, Outcome, Recorded};

/// Whatever happened, happened: sent again at the end, each command gets the answer it got.
pub async fn check_retries<S: EventStore + 'static>(
    arena: &Arena<S>,
    outcomes: &[Outcome],
    projects: &BTreeMap<String, Recorded>,
) {
    // Reads lag as they did, but every request is answered.
    arena.store.suffer(Faults { lag: 3, lag_varies: true, ..Faults::default() });
    for outcome in outcomes {
        let mut all = projects.values().flat_map(|project| &project.commits);
        let written = all.find(|commit| outcome.led_to(commit));
        let Some(commit) = written else { continue };
        match arena.commands.handle_internal(&outcome.sent).await {
            InternalAnswer::Accepted(answer) => {
                assert_eq!(answer.version, commit.last_version(), "{outcome:?}");
                assert_eq!(answer.aggregate_id, commit.stream.id(), "{outcome:?}");
            }
            InternalAnswer::Refused(problem) => panic!("refused at the end: {problem:?} {outcome:?}"),
        }
        let mut other = outcome.sent.clone();
        let reason = if outcome.sent.command.contains("Create") { "description" } else { "reason" };
        let reason = if outcome.sent.command == "UpdateProject" { "description" } else { reason };
        other.body["data"][reason] = json!("something else");
        match arena.commands.handle_internal(&other).await {
            InternalAnswer::Refused(problem) => assert_eq!(problem.code, "IDEMPOTENCY_MISMATCH"),
            InternalAnswer::Accepted(answer) => panic!("another body was accepted: {answer:?} {other:?}"),
        }
    }
    let ids = outcomes.iter().map(|outcome| outcome.project.clone());
    let now = arena.projects(ids).await;
    let the_same = now.iter().all(|(id, commits)| *commits == projects[id].commits);
    assert!(the_same, "sending it again wrote something");
}

/// A name is free if nobody has it, and only then.
pub async fn check_names<S: EventStore + 'static>(arena: &Arena<S>, projects: &BTreeMap<String, Recorded>) {
    arena.store.suffer(Faults::default());
    let held = holders(projects);
    for (at, name) in NAMES.iter().enumerate() {
        let command_id = Uuid::from_u128((u128::from(arena.seed) << 64) | (1 << 50) | at as u128);
        let sent = InternalCommand {
            principal: arena.caller(0),
            context: "project".to_owned(),
            command: "CreateProject".to_owned(),
            body: json!({ "commandId": command_id, "data": { "name": name, "templateId": "tiny" } }),
            tokens: None,
        };
        let holder = held.iter().find(|(held, _)| *held == name.to_ascii_lowercase());
        match (arena.commands.handle_internal(&sent).await, holder) {
            (InternalAnswer::Accepted(_), None) => {}
            (InternalAnswer::Refused(problem), Some(_)) => assert_eq!(problem.code, "NAME_TAKEN"),
            (answer, holder) => panic!("{name} is held by {holder:?}, yet: {answer:?}"),
        }
    }
}
