//! The saga's definition, as far as a reader of its text can promise.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::*;

fn definition() -> Value {
    let text = include_str!("../../../../project-creation.asl.yaml");
    parse_definition(text, |name| (name == "SagaTaskFunctionArn").then_some("arn:task")).unwrap()
}

fn states(definition: &Value) -> &Map<String, Value> {
    definition["States"].as_object().unwrap()
}

#[test]
fn every_state_is_reached_and_every_way_leads_to_a_state() {
    let definition = definition();
    let states = states(&definition);
    let mut reached = BTreeSet::from([definition["StartAt"].as_str().unwrap()]);
    for state in states.values() {
        reached.extend(state["Next"].as_str());
        reached.extend(
            state["Catch"].as_array().into_iter().flatten().filter_map(|catch| catch["Next"].as_str()),
        );
        let ends = state["End"] == true || ["Succeed", "Fail"].iter().any(|end| state["Type"] == *end);
        assert_ne!(ends, state["Next"].is_string(), "{state}");
    }
    assert_eq!(reached, states.keys().map(String::as_str).collect());
}

#[test]
fn every_task_is_a_bounded_step_of_the_saga_function_under_its_own_name() {
    let definition = definition();
    let tasks = states(&definition).iter().filter(|(_, state)| state["Type"] == "Task");
    for (name, task) in tasks {
        assert_eq!(task["Resource"], "arn:aws:states:::lambda:invoke", "{name}");
        assert_eq!(task["Arguments"]["FunctionName"], "arn:task", "{name}");
        assert_eq!(task["Arguments"]["Payload"]["step"], *name);
        assert_eq!(task["Arguments"]["Payload"]["saga"], "{% $states.context.Execution.Input %}");
        assert!(task["TimeoutSeconds"].is_u64() && task["Retry"].is_array(), "{name}");
        assert_eq!(task["Catch"][0]["ErrorEquals"][0], "States.ALL", "{name}");
    }
}

#[test]
fn on_the_way_forward_all_but_a_rejection_is_tried_again_the_death_of_a_process_too() {
    let definition = definition();
    for name in ["SelectTemplate", "RenderTemplate", "CreateRepository", "ConfigureProject", "Complete"] {
        let retry = &definition["States"][name]["Retry"];
        assert_eq!(retry[0], json!({ "ErrorEquals": ["Rejected"], "MaxAttempts": 0 }), "{name}");
        assert_eq!(retry[1]["ErrorEquals"], json!(["States.ALL"]), "{name}");
        assert!(retry[1]["MaxAttempts"].as_u64() > Some(1), "{name}");
    }
}

#[test]
fn a_failure_is_undone_in_reverse_but_a_ready_project_is_kept() {
    let definition = definition();
    let caught = |name: &str| definition["States"][name]["Catch"][0]["Next"].as_str().unwrap().to_owned();
    assert_eq!([caught("SelectTemplate"), caught("RenderTemplate")], ["FailProject", "FailProject"]);
    assert_eq!(
        [caught("CreateRepository"), caught("ConfigureProject")],
        ["DiscardRepository", "DiscardRepository"]
    );
    assert_eq!(
        [caught("DiscardRepository"), caught("FailProject")],
        ["ProjectCreationStuck", "ProjectCreationStuck"]
    );
    assert_eq!(caught("Complete"), "CompleteWithLeftovers");
    assert_eq!(definition["States"]["CompleteWithLeftovers"]["Type"], "Succeed");
}
