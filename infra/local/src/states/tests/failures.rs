//! What happens when something goes wrong: retries, catches, timeouts, and errors of the definition's own.

use super::*;

fn only(state: Value) -> Value {
    machine("S", json!({ "S": state }))
}

fn error(went: &Went) -> &str {
    &went.result.as_ref().unwrap_err().0
}

/// The delays, in whole seconds, between the attempts of a task that always fails.
async fn delays(retry: Value) -> Vec<i64> {
    let went = run(only(call("declined", json!(1), json!({ "Retry": retry, "End": true }))), json!({})).await;
    assert_eq!(error(&went), "Declined");
    let starts: Vec<_> = went.history.iter().filter(|e| e.kind == EventKind::TaskStarted).collect();
    starts.windows(2).map(|pair| (pair[1].timestamp - pair[0].timestamp).num_seconds()).collect()
}

#[tokio::test(start_paused = true)]
async fn retries_wait_longer_each_time_up_to_the_longest_delay() {
    assert_eq!(delays(json!([{ "ErrorEquals": ["Declined"] }])).await, [1, 2, 4]);
    let rate =
        json!([{ "ErrorEquals": ["States.ALL"], "IntervalSeconds": 10, "BackoffRate": 1, "MaxAttempts": 2 }]);
    assert_eq!(delays(rate).await, [10, 10]);
    let limited = json!([{ "ErrorEquals": ["States.TaskFailed"], "IntervalSeconds": 3, "MaxDelaySeconds": 10,
                           "MaxAttempts": 4 }]);
    assert_eq!(delays(limited).await, [3, 6, 10, 10]);
    assert!(delays(json!([{ "ErrorEquals": ["Other"] }])).await.is_empty());
    assert!(
        delays(json!([{ "ErrorEquals": ["Declined"], "MaxAttempts": 0 }, { "ErrorEquals": ["States.ALL"] }]))
            .await
            .is_empty()
    );
}

#[tokio::test(start_paused = true)]
async fn full_jitter_never_waits_longer_than_without() {
    let retry = json!([{ "ErrorEquals": ["Declined"], "IntervalSeconds": 100, "MaxAttempts": 8, "BackoffRate": 1,
                         "JitterStrategy": "FULL" }]);
    let delays = delays(retry).await;
    assert_eq!(delays.len(), 8);
    assert!(delays.iter().all(|delay| (0..=100).contains(delay)), "{delays:?}");
    assert!(delays.iter().any(|delay| *delay != delays[0]), "{delays:?}");
}

#[tokio::test(start_paused = true)]
async fn the_retry_count_is_told_to_the_attempt() {
    let payload = json!("{% $states.context.State.RetryCount %}");
    let retry = json!({ "Retry": [{ "ErrorEquals": ["Throttled"] }], "End": true });
    let went = run(only(call("throttledTwice", payload, retry)), json!({})).await;
    assert_eq!(went.calls, ["throttledTwice 0", "throttledTwice 1", "throttledTwice 2"]);
    assert_eq!(went.result, Ok(json!(2)));
    let expected = ["StateFailed S", "RetryScheduled S", "TaskStarted S"];
    assert_eq!(went.steps()[3..6], expected);
}

#[tokio::test(start_paused = true)]
async fn the_first_matching_catch_decides_and_sees_the_error() {
    let catch = json!([
        { "ErrorEquals": ["Other"], "Next": "Wrong" },
        { "ErrorEquals": ["Declined"], "Assign": { "name": "{% $states.errorOutput.Error %}" }, "Next": "Right" },
        { "ErrorEquals": ["States.ALL"], "Next": "Wrong" },
    ]);
    let definition = machine(
        "S",
        json!({
            "S": call("declined", json!(1), json!({ "Catch": catch, "Next": "Wrong" })),
            "Right": { "Type": "Pass", "Output": "{% [$name, $states.input] %}", "End": true },
            "Wrong": { "Type": "Fail" },
        }),
    );
    let went = run(definition, json!({})).await;
    assert_eq!(went.result, Ok(json!(["Declined", { "Error": "Declined", "Cause": "no funds" }])));
}

#[tokio::test(start_paused = true)]
async fn a_task_that_takes_too_long_fails_with_a_timeout() {
    let extra = |name: &str| {
        json!({
            "TimeoutSeconds": "{% $states.input.limit %}",
            "Catch": [{ "ErrorEquals": [name], "Next": "Caught" }],
            "End": true,
        })
    };
    let definition = |name| {
        machine(
            "S",
            json!({
                "S": call("slow", json!(1), extra(name)),
                "Caught": { "Type": "Pass", "Output": "{% $states.input.Error %}", "End": true },
            }),
        )
    };
    let went = run(definition("States.Timeout"), json!({ "limit": 5 })).await;
    assert_eq!((went.result, went.seconds), (Ok(json!("States.Timeout")), 5));
    assert_eq!(run(definition("States.Timeout"), json!({ "limit": 200 })).await.result, Ok(json!("done")));
    let uncaught = run(definition("States.TaskFailed"), json!({ "limit": 5 })).await;
    assert_eq!((error(&uncaught), uncaught.status), ("States.Timeout", Status::Failed));
}

#[tokio::test(start_paused = true)]
async fn an_execution_that_takes_too_long_times_out_whatever_it_catches() {
    let catch = json!({ "Catch": [{ "ErrorEquals": ["States.ALL"], "Next": "End" }], "Next": "End" });
    let mut definition =
        machine("S", json!({ "S": call("slow", json!(1), catch), "End": { "Type": "Succeed" } }));
    definition["TimeoutSeconds"] = json!(30);
    let went = run(definition, json!({})).await;
    assert_eq!((error(&went), went.status, went.seconds), ("States.Timeout", Status::TimedOut, 30));
    assert_eq!(went.steps().last().unwrap(), "ExecutionTimedOut");
}

#[tokio::test(start_paused = true)]
async fn a_failed_branch_fails_the_parallel_state_with_its_own_error() {
    let branch = |name: &str, state: Value| json!({ "StartAt": name, "States": { name: state } });
    let branches = [
        branch("Slow", call("slow", json!(1), json!({ "End": true }))),
        branch("Fails", json!({ "Type": "Fail", "Error": "Inner", "Cause": "c" })),
    ];
    let definition = machine(
        "S",
        json!({
            "S": {
                "Type": "Parallel", "Branches": branches,
                "Retry": [{ "ErrorEquals": ["Inner"], "MaxAttempts": 1 }],
                "Catch": [{ "ErrorEquals": ["Inner"], "Next": "Caught" }], "End": true,
            },
            "Caught": { "Type": "Pass", "Output": "{% $states.input.Cause %}", "End": true },
        }),
    );
    let went = run(definition, json!({})).await;
    assert_eq!((went.result, went.seconds, went.calls.len()), (Ok(json!("c")), 1, 2));
}

#[tokio::test(start_paused = true)]
async fn errors_of_the_definition_have_names_of_their_own() {
    let cases = [
        (
            json!({ "Type": "Pass", "Output": "{% $states.input.no.such %}", "End": true }),
            "States.QueryEvaluationError",
        ),
        (json!({ "Type": "Wait", "Seconds": "{% 'soon' %}", "End": true }), "States.QueryEvaluationError"),
        (json!({ "Type": "Wait", "Timestamp": "{% 'soon' %}", "End": true }), "States.QueryEvaluationError"),
        (
            json!({ "Type": "Pass", "Output": "{% $pad('', 300000, 'x') %}", "End": true }),
            "States.DataLimitExceeded",
        ),
        (json!({ "Type": "Fail", "Error": "{% 1 %}" }), "States.QueryEvaluationError"),
        (json!({ "Type": "Fail" }), ""),
    ];
    for (state, expected) in cases {
        assert_eq!(error(&run(only(state.clone()), json!({})).await), expected, "{state}");
    }
    let choice = |condition: &str| {
        machine(
            "S",
            json!({
                "S": { "Type": "Choice", "Choices": [{ "Condition": condition, "Next": "End" }] },
                "End": { "Type": "Succeed" },
            }),
        )
    };
    assert_eq!(error(&run(choice("{% false %}"), json!({})).await), "States.NoChoiceMatched");
    assert_eq!(error(&run(choice("{% 1 %}"), json!({})).await), "States.QueryEvaluationError");
}

#[tokio::test(start_paused = true)]
async fn a_failing_output_can_be_caught() {
    let extra = json!({
        "Output": "{% $states.result.no.such %}",
        "Catch": [{ "ErrorEquals": ["States.QueryEvaluationError"], "Output": 7, "Next": "End" }],
        "Next": "End",
    });
    let definition =
        machine("S", json!({ "S": call("echo", json!(1), extra), "End": { "Type": "Succeed" } }));
    let went = run(definition, json!({})).await;
    assert_eq!(went.result, Ok(json!(7)));
    assert_eq!(went.steps()[2..6], ["TaskStarted S", "TaskSucceeded S", "StateFailed S", "FailureCaught S"]);
}
