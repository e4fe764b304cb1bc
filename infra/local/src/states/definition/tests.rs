//! What a definition must be, and what its author is told otherwise.

use serde_json::{Value, json};

use super::Machine;

fn findings(definition: Value) -> Vec<String> {
    match Machine::load(&definition) {
        Ok(_) => Vec::new(),
        Err(invalid) => invalid.findings.iter().map(ToString::to_string).collect(),
    }
}

/// A machine that starts at `A`.
fn of_states(states: Value) -> Value {
    json!({ "QueryLanguage": "JSONata", "StartAt": "A", "States": states })
}

fn task(extra: Value) -> Value {
    let mut task = json!({
        "Type": "Task",
        "Resource": "arn:aws:states:::lambda:invoke",
        "Arguments": { "FunctionName": "f", "Payload": "{% $states.input %}" },
        "End": true,
    });
    for (name, value) in extra.as_object().unwrap() {
        task[name] = value.clone();
    }
    task
}

#[test]
fn a_definition_with_everything_is_accepted() {
    let inner = |name: &str| json!({ "StartAt": name, "States": { name: { "Type": "Pass", "End": true } } });
    let definition = json!({
        "Comment": "all of it", "Version": "1.0", "QueryLanguage": "JSONata", "TimeoutSeconds": 900, "StartAt": "Work",
        "States": {
            "Work": {
                "Type": "Task", "Comment": "work", "QueryLanguage": "JSONata",
                "Resource": "arn:aws:states:::lambda:invoke", "TimeoutSeconds": "{% $states.input.limit %}",
                "Arguments": { "FunctionName": "f", "Payload": { "x": "{% $states.input.x %}" } },
                "Retry": [
                    { "ErrorEquals": ["Throttled"], "IntervalSeconds": 2, "MaxAttempts": 0, "BackoffRate": 1.5,
                      "MaxDelaySeconds": 30, "JitterStrategy": "FULL" },
                    { "ErrorEquals": ["States.ALL"] },
                ],
                "Catch": [{ "ErrorEquals": ["States.ALL"], "Assign": { "why": "{% $states.errorOutput.Cause %}" },
                            "Output": {}, "Next": "Bad" }],
                "Assign": { "result_1": "{% $states.result %}" }, "Output": "{% $states.input %}", "Next": "Which",
            },
            "Which": {
                "Type": "Choice", "Default": "Pause",
                "Choices": [{ "Condition": "{% $states.input.n > 1 %}", "Next": "Both", "Output": {}, "Assign": {} }],
            },
            "Pause": { "Type": "Wait", "Seconds": 5, "Next": "Until" },
            "Until": { "Type": "Wait", "Timestamp": "2026-01-01T00:00:00Z", "Next": "Good" },
            "Both": { "Type": "Parallel", "Arguments": {}, "Branches": [inner("B1"), inner("B2")], "Next": "Each" },
            "Each": {
                "Type": "Map", "Items": "{% $states.input %}", "ItemSelector": {}, "MaxConcurrency": 2,
                "ItemProcessor": { "ProcessorConfig": { "Mode": "INLINE" }, "StartAt": "E",
                                   "States": { "E": { "Type": "Succeed", "Output": 1 } } },
                "End": true,
            },
            "Good": { "Type": "Succeed" },
            "Bad": { "Type": "Fail", "Error": "Bad", "Cause": "{% $why %}" },
        },
    });
    assert_eq!(findings(definition), Vec::<String>::new());
}

#[test]
fn everything_wrong_is_told_at_once() {
    let definition = json!({
        "StartAt": "Nowhere", "TimeoutSeconds": 0, "Owner": "me",
        "States": {
            "A": task(json!({ "Next": "B", "ResultPath": "$.x", "TimeoutSeconds": 1.5 })),
            "B": { "Type": "Magic" },
            "C": { "Type": "Wait" },
        },
    });
    let expected = [
        "QueryLanguage: is missing",
        "QueryLanguage: must be `JSONata`",
        "TimeoutSeconds: must be a whole number from 1 to 99999999",
        "state `A`, TimeoutSeconds: must be a whole number from 1 to 99999999",
        "state `A`, End: cannot stand beside `Next`",
        "state `A`, ResultPath: is not supported here",
        "state `B`, Type: `Magic` is no known type",
        "state `C`, Seconds: exactly one of `Seconds` and `Timestamp` is needed",
        "state `C`, Next: is missing, and so is `End`",
        "StartAt: there is no state `Nowhere` here",
        "Owner: is not supported here",
    ];
    assert_eq!(findings(definition), expected);
}

#[test]
fn every_way_must_lead_to_a_state() {
    let definition = of_states(json!({
        "A": task(json!({ "Catch": [{ "ErrorEquals": ["X"], "Next": "Gone" }], "End": null, "Next": "B" })),
        "B": {
            "Type": "Choice", "Default": "Lost",
            "Choices": [{ "Condition": "{% true %}", "Next": "C" }, { "Condition": "{% true %}", "Next": "Away" }],
        },
        "C": { "Type": "Pass", "Next": "Out" },
    }));
    let found = findings(definition);
    let expected = [
        "state `A`, Catch[0].Next: there is no state `Gone` here",
        "state `B`, Choices[1].Next: there is no state `Away` here",
        "state `B`, Default: there is no state `Lost` here",
        "state `C`, Next: there is no state `Out` here",
    ];
    assert!(expected.iter().all(|finding| found.iter().any(|f| f == finding)), "{found:#?}");
}

#[test]
fn every_state_must_be_reachable_and_have_a_name_of_its_own() {
    let pass = json!({ "Type": "Pass", "End": true });
    let island = of_states(json!({ "A": pass, "B": pass }));
    assert_eq!(findings(island), ["state `B`, Type: nothing leads to this state"]);
    let branch = json!({ "StartAt": "A", "States": { "A": pass } });
    let twins = of_states(json!({ "A": { "Type": "Parallel", "Branches": [branch], "End": true } }));
    assert_eq!(findings(twins), ["state `A`, Type: another state has the same name"]);
}

#[test]
fn an_inner_graph_is_a_world_of_its_own() {
    let branch = json!({ "StartAt": "I", "States": { "I": { "Type": "Pass", "Next": "A" } } });
    let definition = of_states(json!({ "A": { "Type": "Parallel", "Branches": [branch], "End": true } }));
    assert_eq!(findings(definition), ["state `I`, Next: there is no state `A` here"]);
}

#[test]
fn a_variable_has_one_graph() {
    let set = |extra: Value| {
        let mut state = json!({ "Type": "Pass", "End": true });
        extra.as_object().unwrap().iter().for_each(|(name, value)| state[name] = value.clone());
        state
    };
    let catch = json!([{ "ErrorEquals": ["X"], "Assign": { "x": 1 }, "Next": "C" }]);
    let deep = json!({ "StartAt": "D", "States": {
        "D": set(json!({ "Assign": { "y": 1, "own": 1 } })) } });
    let branch = json!({ "StartAt": "B", "States": {
        "B": { "Type": "Map", "ItemProcessor": deep, "Catch": catch, "Assign": { "y": 1 }, "Next": "C" },
        "C": set(json!({})),
    } });
    let apart = json!({ "ProcessorConfig": { "Mode": "DISTRIBUTED" }, "StartAt": "E", "States": {
        "E": set(json!({ "Assign": { "x": 1 } })) } });
    let twin = json!({ "StartAt": "T", "States": { "T": set(json!({ "Assign": { "y": 1 } })) } });
    let rule = json!({ "Condition": "{% true %}", "Assign": { "x": 1 }, "Next": "P" });
    let definition = of_states(json!({
        "A": { "Type": "Choice", "Choices": [rule], "Default": "P" },
        "P": { "Type": "Parallel", "Branches": [branch, twin], "Assign": { "x": 2 }, "Next": "M" },
        "M": { "Type": "Map", "ItemProcessor": apart, "End": true },
    }));
    let problem = "a graph around this one assigns a variable of the same name";
    let expected =
        [format!("state `B`, Catch[0].Assign.x: {problem}"), format!("state `D`, Assign.y: {problem}")];
    assert_eq!(findings(definition), expected);
}

#[test]
fn expressions_are_parsed_at_once() {
    let found = findings(of_states(json!({
        "A": task(json!({ "Output": { "a": ["{% 1 + %}"] }, "Assign": { "x": "{% open" } })),
    })));
    assert!(found[0].starts_with("state `A`, Output.a[0]: is not JSONata"), "{found:?}");
    assert_eq!(found[1], "state `A`, Assign.x: an expression must end with `%}`");
}

#[test]
fn values_must_be_of_the_right_kind() {
    let cases = [
        (json!({ "Resource": "arn:aws:states:::sqs:sendMessage" }), "Resource"),
        (json!({ "Arguments": { "Payload": {} } }), "Arguments.FunctionName"),
        (json!({ "Assign": { "states": 1 } }), "Assign.states"),
        (json!({ "Assign": { "not-a-name": 1 } }), "Assign.not-a-name"),
        (json!({ "Assign": 1 }), "Assign"),
        (json!({ "Retry": {} }), "Retry"),
        (json!({ "Retry": [{ "ErrorEquals": [] }] }), "Retry[0].ErrorEquals"),
        (json!({ "Retry": [{ "ErrorEquals": ["States.ALL", "X"] }] }), "Retry[0].ErrorEquals"),
        (json!({ "Retry": [{ "ErrorEquals": ["X"], "MaxAttempts": -1 }] }), "Retry[0].MaxAttempts"),
        (json!({ "Retry": [{ "ErrorEquals": ["X"], "IntervalSeconds": 0 }] }), "Retry[0].IntervalSeconds"),
        (json!({ "Retry": [{ "ErrorEquals": ["X"], "BackoffRate": 0.5 }] }), "Retry[0].BackoffRate"),
        (json!({ "Retry": [{ "ErrorEquals": ["X"], "MaxDelaySeconds": 1 }] }), "Retry[0].MaxDelaySeconds"),
        (json!({ "Retry": [{ "ErrorEquals": ["X"], "JitterStrategy": "SOME" }] }), "Retry[0].JitterStrategy"),
        (json!({ "Retry": [{ "ErrorEquals": ["X"], "Delay": 1 }] }), "Retry[0].Delay"),
        (json!({ "Catch": [{ "ErrorEquals": ["X"] }] }), "Catch[0].Next"),
        (json!({ "End": false }), "End"),
        (json!({ "HeartbeatSeconds": 0 }), "HeartbeatSeconds"),
        (json!({ "HeartbeatSeconds": 1.5 }), "HeartbeatSeconds"),
        (json!({ "HeartbeatSeconds": "10" }), "HeartbeatSeconds"),
        (json!({ "HeartbeatSeconds": 10, "TimeoutSeconds": 10 }), "HeartbeatSeconds"),
        (json!({ "HeartbeatSeconds": 11, "TimeoutSeconds": 10 }), "HeartbeatSeconds"),
        (json!({ "HeartbeatSeconds": "{% 1 + %}" }), "HeartbeatSeconds"),
        (json!({ "HeartbeatSecondsPath": "$.x" }), "HeartbeatSecondsPath"),
        (json!({ "Resource": "arn:aws:states:::lambda:invoke.sync" }), "Resource"),
        (json!({ "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken" }), "Resource"),
        (
            json!({ "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
                    "Arguments": { "FunctionName": "f", "Payload": { "list": ["no token"] } } }),
            "Arguments",
        ),
    ];
    for (extra, field) in cases {
        let found = findings(of_states(json!({ "A": task(extra) })));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with(&format!("state `A`, {field}: ")), "{found:?}");
    }
}

#[test]
fn what_a_task_may_say_about_tokens_and_silence() {
    let cases = [
        json!({ "HeartbeatSeconds": 9, "TimeoutSeconds": 10 }),
        json!({ "HeartbeatSeconds": 9 }),
        json!({ "HeartbeatSeconds": "{% $states.input.often %}", "TimeoutSeconds": 10 }),
        json!({ "HeartbeatSeconds": 90, "TimeoutSeconds": "{% $states.input.long %}" }),
        json!({ "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
                "Arguments": { "FunctionName": "f", "Payload": { "deep": ["{% $states.context.Task.Token %}"] } } }),
        json!({ "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
                "Arguments": "{% $merge([$states.input, { 'Payload': $states.context.Task.Token }]) %}" }),
    ];
    for extra in cases {
        assert_eq!(findings(of_states(json!({ "A": task(extra.clone()) }))), Vec::<String>::new(), "{extra}");
    }
}

#[test]
fn each_problem_with_tokens_and_silence_is_told_once_in_clear_words() {
    let states = json!({
        "A": task(json!({ "End": null, "Next": "B", "HeartbeatSeconds": 0 })),
        "B": task(json!({ "End": null, "Next": "C", "HeartbeatSeconds": 60, "TimeoutSeconds": 60 })),
        "C": task(json!({ "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
                          "Arguments": { "FunctionName": "f" } })),
        "D": { "Type": "Pass", "HeartbeatSeconds": 5, "End": true },
    });
    let mut definition = of_states(states);
    for state in ["A", "B"] {
        definition["States"][state].as_object_mut().unwrap().remove("End");
    }
    let expected = [
        "state `A`, HeartbeatSeconds: must be a whole number from 1 to 99999999",
        "state `B`, HeartbeatSeconds: must be less than `TimeoutSeconds`",
        "state `C`, Arguments: nothing in it can be the token, `{% $states.context.Task.Token %}`",
        "state `D`, HeartbeatSeconds: is not supported here",
    ];
    assert_eq!(findings(definition), expected);
}
