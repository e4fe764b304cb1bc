//! What each type of state does when all goes well.

use super::*;

fn saga() -> Value {
    let one = |name: &str, state: Value| json!({ "StartAt": name, "States": { name: state } });
    let release = call("release", json!({ "reservation": "{% $reservation %}" }), json!({ "End": true }));
    let refund = call("refund", json!({ "why": "{% $why %}" }), json!({ "End": true }));
    machine(
        "Reserve",
        json!({
            "Reserve": call("reserve", json!({ "order": "{% $states.input.id %}" }), json!({
                "Assign": { "reservation": "{% $states.result.Payload.reservation %}" },
                "Output": "{% $merge([$states.input, $states.result.Payload]) %}",
                "Next": "IsLarge",
            })),
            "IsLarge": {
                "Type": "Choice",
                "Choices": [{ "Condition": "{% $states.input.total > 100 %}", "Next": "Pay" }],
                "Default": "Done",
            },
            "Pay": call("throttledTwice", json!(1), json!({
                "Retry": [{ "ErrorEquals": ["Throttled"], "IntervalSeconds": 2, "MaxAttempts": 5 }],
                "Next": "Ship",
            })),
            "Ship": call("declined", json!(1), json!({
                "Catch": [{
                    "ErrorEquals": ["Declined"],
                    "Assign": { "why": "{% $states.errorOutput.Cause %}" },
                    "Output": "{% $states.input %}",
                    "Next": "Undo",
                }],
                "Next": "Done",
            })),
            "Undo": { "Type": "Parallel", "Branches": [one("Release", release), one("Refund", refund)], "Next": "Failed" },
            "Failed": { "Type": "Fail", "Error": "OrderFailed", "Cause": "{% $why %}" },
            "Done": { "Type": "Succeed", "Output": { "ok": true, "id": "{% $states.input.id %}" } },
        }),
    )
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_needs_little_ends_well() {
    let went = run(saga(), json!({ "id": "o1", "total": 5 })).await;
    assert_eq!(went.result, Ok(json!({ "ok": true, "id": "o1" })));
    let expected = [
        "ExecutionStarted",
        "StateEntered Reserve",
        "TaskStarted Reserve",
        "TaskSucceeded Reserve",
        "StateExited Reserve",
        "StateEntered IsLarge",
        "StateExited IsLarge",
        "StateEntered Done",
        "StateExited Done",
        "ExecutionSucceeded",
    ];
    assert_eq!(went.steps(), expected);
    assert!(went.history.iter().zip(1..).all(|(event, id)| event.id == id));
}

#[tokio::test(start_paused = true)]
async fn a_saga_that_fails_late_is_compensated() {
    let went = run(saga(), json!({ "id": "o1", "total": 500 })).await;
    assert_eq!(went.result, Err(("OrderFailed".into(), "no funds".into())));
    assert_eq!((went.status, went.seconds), (Status::Failed, 2 + 4));
    let expected = [
        r#"reserve {"order":"o1"}"#,
        "throttledTwice 1",
        "throttledTwice 1",
        "throttledTwice 1",
        "declined 1",
        r#"release {"reservation":"r1"}"#,
        r#"refund {"why":"no funds"}"#,
    ];
    assert_eq!(went.calls, expected);
}

#[tokio::test(start_paused = true)]
async fn a_map_runs_its_processor_for_each_item_in_order() {
    let definition = machine(
        "M",
        json!({ "M": {
        "Type": "Map",
        "Items": "{% $states.input.numbers %}",
        "ItemSelector": {
            "n": "{% $states.context.Map.Item.Value %}",
            "i": "{% $states.context.Map.Item.Index %}",
            "of": "{% $states.input.name %}",
        },
        "MaxConcurrency": 2,
        "ItemProcessor": {
            "StartAt": "Rest",
            "States": {
                "Rest": { "Type": "Wait", "Seconds": 10, "Next": "Double" },
                "Double": call("double", json!("{% $states.input %}"), json!({ "End": true })),
            },
        },
        "End": true,
    } }),
    );
    let went = run(definition, json!({ "name": "x", "numbers": [1, 2, 3] })).await;
    assert_eq!(went.result, Ok(json!([2, 4, 6])));
    assert_eq!(went.seconds, 20, "two at a time");
    assert_eq!(went.calls[0], r#"double {"n":1,"i":0,"of":"x"}"#);
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_after_seconds_or_at_a_time() {
    let definition = machine(
        "For",
        json!({
            "For": { "Type": "Wait", "Seconds": "{% $states.input.s * 2 %}", "Next": "Until" },
            "Until": { "Type": "Wait", "Timestamp": "{% $states.input.until %}", "Next": "Past" },
            "Past": { "Type": "Wait", "Timestamp": "2001-01-01T00:00:00+02:00", "End": true },
        }),
    );
    let until = start_of_time() + Duration::from_secs(50);
    let went = run(definition, json!({ "s": 10, "until": until })).await;
    assert_eq!((went.result.is_ok(), went.seconds), (true, 50));
}

#[tokio::test(start_paused = true)]
async fn variables_are_assigned_together_and_stay_inside_a_branch() {
    let branch = json!({ "StartAt": "In", "States": {
        "In": { "Type": "Pass", "Assign": { "inner": 1 }, "Output": "{% $a + $b %}", "End": true },
    } });
    let definition = machine(
        "Set",
        json!({
            "Set": { "Type": "Pass", "Assign": { "a": 1, "b": 2 }, "Next": "Swap" },
            "Swap": { "Type": "Pass", "Assign": { "a": "{% $b %}", "b": "{% $a %}" }, "Output": "{% [$a, $b] %}", "Next": "Split" },
            "Split": {
                "Type": "Parallel", "Branches": [branch],
                "Output": { "sum": "{% $states.result[0] %}", "a": "{% $a %}", "b": "{% $b %}", "was": "{% $states.input %}",
                            "leaked": "{% $exists($inner) %}" },
                "End": true,
            },
        }),
    );
    let went = run(definition, json!({})).await;
    assert_eq!(went.result, Ok(json!({ "sum": 3, "a": 2, "b": 1, "was": [1, 2], "leaked": false })));
}

#[tokio::test(start_paused = true)]
async fn the_context_tells_where_the_execution_stands() {
    let definition = machine(
        "Where",
        json!({ "Where": { "Type": "Pass", "Output": "{% $states.context %}", "End": true } }),
    );
    let went = run(definition, json!({ "n": 1 })).await;
    let expected = json!({
        "Execution": {
            "Id": "arn:aws:states:local:000000000000:execution:test:x", "Input": { "n": 1 }, "Name": "x",
            "StartTime": "2023-11-14T22:13:20Z",
        },
        "State": { "EnteredTime": "2023-11-14T22:13:20Z", "Name": "Where", "RetryCount": 0 },
        "StateMachine": { "Id": "arn:aws:states:local:000000000000:stateMachine:test", "Name": "test" },
    });
    assert_eq!(went.result, Ok(expected));
}

#[tokio::test(start_paused = true)]
async fn a_machine_known_by_its_arn_has_a_name_all_the_same() {
    let arn = "arn:aws:states:local:000000000000:stateMachine:orders";
    let ids = "{% [$states.context.Execution.Id, $states.context.StateMachine.Id, $states.context.StateMachine.Name] %}";
    let definition = machine("Who", json!({ "Who": { "Type": "Pass", "Output": ids, "End": true } }));
    let machines = HashMap::from([(arn.to_owned(), Machine::load(&definition).unwrap())]);
    let (tasks, journal) = (Arc::<Functions>::default(), Arc::new(MemoryJournal::default()));
    let executions = Executions::new(machines, tasks, journal, Clock::starting_at(start_of_time()));
    executions.start(arn, "x", json!({})).unwrap();
    let execution = "arn:aws:states:local:000000000000:execution:orders:x";
    assert_eq!(end_of(&executions).await.output, Some(json!([execution, arn, "orders"])));
}

#[tokio::test(start_paused = true)]
async fn a_choice_takes_the_first_rule_that_holds() {
    let definition = machine(
        "C",
        json!({
            "C": {
                "Type": "Choice",
                "Choices": [
                    { "Condition": "{% $states.input.n > 10 %}", "Next": "End", "Output": "large" },
                    { "Condition": "{% $states.input.n > 5 %}", "Next": "End", "Assign": { "size": "medium" } },
                ],
                "Output": "small",
                "Default": "End",
            },
            "End": { "Type": "Pass", "Output": "{% $exists($size) ? $size : $states.input %}", "End": true },
        }),
    );
    for (n, size) in [(11, "large"), (6, "medium"), (1, "small")] {
        assert_eq!(run(definition.clone(), json!({ "n": n })).await.result, Ok(json!(size)));
    }
}
