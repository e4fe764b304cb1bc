//! The saga's definition, as far as a reader of its text can promise.

use serde_json::{Map, Value, json};

use super::*;

fn definition() -> Value {
    let text = include_str!("../../../../project-creation.asl.yaml");
    parse_definition(text, |name| (name == "SagaTaskFunctionArn").then_some("arn:task")).unwrap()
}

/// The steps that make a project, in order.
const FORWARD: &[&str] = &[
    "BeginProvisioning",
    "SelectTemplate",
    "RequestAIAnalysis",
    "RenderTemplate",
    "CreateRepository",
    "ConfigureRepository",
    "ConfigureProject",
];

fn states(definition: &Value) -> &Map<String, Value> {
    definition["States"].as_object().unwrap()
}

#[test]
fn every_task_is_a_bounded_step_of_the_saga_function_under_its_own_name() {
    let definition = definition();
    let tasks = states(&definition).iter().filter(|(_, state)| state["Type"] == "Task");
    for (name, task) in tasks {
        let resource = match name.as_str() {
            // Whoever analyses answers later, by the token.
            "RequestAIAnalysis" => "arn:aws:states:::lambda:invoke.waitForTaskToken",
            _ => "arn:aws:states:::lambda:invoke",
        };
        assert_eq!(task["Resource"], resource, "{name}");
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
    for name in FORWARD.iter().chain(&["Complete"]) {
        let retry = &definition["States"][name]["Retry"];
        assert_eq!(retry[0], json!({ "ErrorEquals": ["Rejected"], "MaxAttempts": 0 }), "{name}");
        assert_eq!(retry[1]["ErrorEquals"], json!(["States.ALL"]), "{name}");
        assert!(retry[1]["MaxAttempts"].as_u64() > Some(1), "{name}");
    }
}

#[test]
fn a_failure_closes_the_attempt_and_is_then_undone_in_reverse() {
    let definition = definition();
    let caught = |name: &str| definition["States"][name]["Catch"][0]["Next"].as_str().unwrap().to_owned();
    for name in FORWARD {
        let expected = match *name {
            // They advise, and embellish: no project fails for want of it.
            "RequestAIAnalysis" => "AnalysisIsRequired",
            "ConfigureRepository" => "ConfigureProject",
            _ => "FailProject",
        };
        assert_eq!(caught(name), expected, "{name}");
    }
    let next = |name: &str| definition["States"][name]["Next"].as_str().unwrap().to_owned();
    assert_eq!(next("FailProject"), "AfterFailure");
    let undoing = ["DiscardRepository", "DiscardRendering", "CompensateProject"];
    assert_eq!(undoing.map(next), ["DiscardRendering", "CompensateProject", "ProjectCreationFailed"]);
    for name in undoing.iter().chain(&["FailProject"]) {
        assert_eq!(caught(name), "ReportStuck", "{name}");
        let retry = &definition["States"][name]["Retry"][0];
        assert_eq!((&retry["ErrorEquals"], &retry["MaxAttempts"]), (&json!(["States.ALL"]), &json!(5)));
    }
    assert_eq!(
        [caught("ReportStuck"), next("ReportStuck")],
        ["ProjectCreationStuck", "ProjectCreationStuck"]
    );
    assert_eq!(caught("Complete"), "CompleteWithLeftovers");
}

#[test]
fn what_may_still_run_is_waited_for_longer_than_it_can() {
    let definition = definition();
    let wait = &definition["States"]["AwaitLateEffects"];
    let stack = real();
    let function = stack.function("SagaTaskFunction").unwrap();
    assert!(wait["Seconds"].as_u64().unwrap() > u64::from(function.timeout_seconds));
    assert_eq!(
        (&definition["States"]["AfterFailure"]["Default"], &wait["Next"]),
        (&json!("AwaitLateEffects"), &json!("DiscardRepository"))
    );
}
