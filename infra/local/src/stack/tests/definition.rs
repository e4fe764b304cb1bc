//! The saga's definition, as far as a reader of its text can promise.

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
    let after_all = &definition["States"]["IsReadyAfterAll"];
    assert_eq!(definition["States"]["DiscardRepository"]["Next"], "IsReadyAfterAll");
    assert_eq!([&after_all["Choices"][0]["Next"], &after_all["Default"]], ["Complete", "FailProject"]);
    assert_eq!(caught("Complete"), "CompleteWithLeftovers");
    assert_eq!(definition["States"]["CompleteWithLeftovers"]["Type"], "Succeed");
}
