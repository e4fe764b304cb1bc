//! Tasks that wait for their token, and how long they may be silent.

use super::*;
use crate::cloud_db::tests::TestFile;

/// A task whose function receives the token, and whose result is whatever is sent back.
pub(super) fn ask(function: &str, extra: Value) -> Value {
    let payload = json!({ "token": "{% $states.context.Task.Token %}" });
    let mut state = call(function, payload, json!({ "Output": "{% $states.result %}", "End": true }));
    state["Resource"] = json!("arn:aws:states:::lambda:invoke.waitForTaskToken");
    extra.as_object().unwrap().iter().for_each(|(name, value)| state[name] = value.clone());
    state
}

/// Catches everything, and shows the error.
fn caught(state: Value) -> Value {
    let mut state = state;
    state["Catch"] =
        json!([{ "ErrorEquals": ["States.ALL"], "Output": "{% $states.errorOutput %}", "Next": "End" }]);
    machine("Ask", json!({ "Ask": state, "End": { "Type": "Succeed" } }))
}

fn only(state: Value) -> Value {
    machine("Ask", json!({ "Ask": state }))
}

struct Asked {
    executions: Executions,
    functions: Arc<Functions>,
    began: tokio::time::Instant,
}

impl Asked {
    /// An execution that has called its function.
    async fn new(definition: Value) -> Self {
        Self::on(definition, Arc::new(MemoryJournal::default())).await
    }

    async fn on(definition: Value, journal: Arc<dyn Journal>) -> Self {
        let functions = Arc::<Functions>::default();
        let executions = executions(definition, &functions, journal, start_of_time());
        executions.start("test", "x", json!({ "n": 1 })).unwrap();
        let began = tokio::time::Instant::now();
        tokio::task::yield_now().await;
        Self { executions, functions, began }
    }

    /// The tokens the functions received, in order.
    fn tokens(&self) -> Vec<String> {
        tokens(&self.functions)
    }

    async fn at(&self, seconds: u64) {
        tokio::time::sleep_until(self.began + Duration::from_secs(seconds)).await;
    }

    fn succeed(&self, token: &str, output: Value) -> Result<(), CallbackError> {
        self.executions.send_task_success(token, output)
    }

    /// How it ended, and after how many seconds.
    async fn end(&self) -> (Result<Value, String>, u64) {
        let ended = end_of(&self.executions).await;
        (ended.output.ok_or_else(|| ended.error.unwrap_or_default()), self.began.elapsed().as_secs())
    }
}

pub(super) fn tokens(functions: &Functions) -> Vec<String> {
    let token = |call: String| {
        let (_, payload) = call.split_once(' ').unwrap();
        serde_json::from_str::<Value>(payload).unwrap()["token"].as_str().unwrap().to_owned()
    };
    functions.calls().into_iter().map(token).collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_back_is_the_result_on_each_journal() {
    let file = TestFile::new();
    let journals: [Arc<dyn Journal>; 2] =
        [Arc::new(MemoryJournal::default()), Arc::new(SqliteJournal::new(file.open()))];
    for journal in journals {
        let asked = Asked::on(only(ask("echo", json!({}))), journal).await;
        asked.at(40).await;
        assert_eq!(asked.executions.describe("x").unwrap().unwrap().status, Status::Running);
        asked.succeed(&asked.tokens()[0], json!({ "answer": 42 })).unwrap();
        assert_eq!(asked.end().await, (Ok(json!({ "answer": 42 })), 40));
        let history = asked.executions.history("x", 0).unwrap();
        let kinds: Vec<_> = history.iter().map(|event| event.kind).collect();
        let expected = [
            EventKind::ExecutionStarted,
            EventKind::StateEntered,
            EventKind::TaskStarted,
            EventKind::TaskAnswered,
            EventKind::TaskSucceeded,
            EventKind::StateExited,
            EventKind::ExecutionSucceeded,
        ];
        assert_eq!(kinds, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_sent_back_is_the_tasks() {
    let asked = Asked::new(caught(ask("echo", json!({})))).await;
    let failure = Failure::new("Refused", "not today");
    asked.executions.send_task_failure(&asked.tokens()[0], failure).unwrap();
    assert_eq!(asked.end().await.0, Ok(json!({ "Error": "Refused", "Cause": "not today" })));
}

#[tokio::test(start_paused = true)]
async fn a_function_that_fails_fails_the_task_and_each_attempt_has_its_own_token() {
    let retry = json!({ "Retry": [{ "ErrorEquals": ["Declined"], "MaxAttempts": 1, "IntervalSeconds": 5 }] });
    let asked = Asked::new(caught(ask("declined", retry))).await;
    let (end, seconds) = asked.end().await;
    assert_eq!((end.unwrap()["Error"].clone(), seconds), (json!("Declined"), 5));
    let tokens = asked.tokens();
    assert_eq!(tokens.len(), 2);
    assert_ne!(tokens[0], tokens[1]);
    for token in tokens {
        assert!(matches!(asked.succeed(&token, json!(1)), Err(CallbackError::TaskTimedOut)));
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_may_come_before_the_function_has_returned() {
    let asked = Asked::new(only(ask("slow", json!({})))).await;
    asked.at(10).await;
    asked.succeed(&asked.tokens()[0], json!("early")).unwrap();
    assert_eq!(asked.end().await, (Ok(json!("early")), 100), "the function is let to its end");
}

#[tokio::test(start_paused = true)]
async fn a_task_waits_no_longer_than_its_timeout() {
    let asked =
        Asked::new(only(ask("echo", json!({ "TimeoutSeconds": "{% $states.input.n * 30 %}" })))).await;
    asked.at(20).await;
    asked.executions.send_task_heartbeat(&asked.tokens()[0]).unwrap();
    assert_eq!(asked.end().await, (Err("States.Timeout".into()), 30));
    assert!(matches!(asked.succeed(&asked.tokens()[0], json!(1)), Err(CallbackError::TaskTimedOut)));
}

#[tokio::test(start_paused = true)]
async fn a_task_may_not_be_silent_for_longer_than_its_heartbeat() {
    for covering in ["States.HeartbeatTimeout", "States.Timeout", "States.TaskFailed", "States.ALL"] {
        let limits = json!({ "TimeoutSeconds": 60, "HeartbeatSeconds": "{% $states.input.n * 10 %}" });
        let mut definition = caught(ask("echo", limits));
        definition["States"]["Ask"]["Catch"][0]["ErrorEquals"] = json!([covering]);
        let asked = Asked::new(definition).await;
        for seconds in [8, 16] {
            asked.at(seconds).await;
            asked.executions.send_task_heartbeat(&asked.tokens()[0]).unwrap();
        }
        let (end, seconds) = asked.end().await;
        assert_eq!((&end.unwrap()["Error"], seconds), (&json!("States.HeartbeatTimeout"), 26), "{covering}");
        let late = asked.executions.send_task_heartbeat(&asked.tokens()[0]);
        assert!(matches!(late, Err(CallbackError::TaskTimedOut)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_function_without_token_must_answer_within_the_heartbeat() {
    let limits = |heartbeat| {
        let limits = json!({ "TimeoutSeconds": "{% 60 %}", "HeartbeatSeconds": heartbeat, "End": true });
        machine("S", json!({ "S": call("slow", json!(1), limits) }))
    };
    let silent = run(limits(50), json!({})).await;
    assert_eq!((silent.result.unwrap_err().0.as_str(), silent.seconds), ("States.HeartbeatTimeout", 50));
    let slow = run(limits(70), json!({})).await;
    assert_eq!((slow.result.unwrap_err().0.as_str(), slow.seconds), ("States.Timeout", 60));
}

#[tokio::test(start_paused = true)]
async fn limits_must_be_whole_seconds_and_at_least_one() {
    for field in ["TimeoutSeconds", "HeartbeatSeconds"] {
        for limit in ["{% 0 %}", "{% -1 %}", "{% 1.5 %}", "{% 'soon' %}"] {
            let extra = json!({ field: limit, "End": true });
            let went = run(machine("S", json!({ "S": call("echo", json!(1), extra) })), json!({})).await;
            assert_eq!(went.result.unwrap_err().0, "States.QueryEvaluationError", "{field} {limit}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_is_taken_once_and_no_other_is_taken() {
    let asked = Asked::new(only(ask("echo", json!({})))).await;
    let token = asked.tokens()[0].clone();
    let other = format!("{}.x", uuid::Uuid::new_v4());
    assert!(matches!(asked.succeed(&other, json!(1)), Err(CallbackError::TaskTimedOut)));
    for invalid in ["", "x", ".x", token.trim_end_matches('x'), &token.replace(".x", ".nobody")] {
        let sent = [
            asked.succeed(invalid, json!(1)),
            asked.executions.send_task_failure(invalid, Failure::new("E", "")),
            asked.executions.send_task_heartbeat(invalid),
        ];
        for answer in sent {
            assert!(matches!(answer, Err(CallbackError::InvalidToken)), "{invalid}: {answer:?}");
        }
    }
    let large = asked.succeed(&token, json!("x".repeat(300_000)));
    assert!(matches!(large, Err(CallbackError::InvalidOutput(300_002))));
    asked.succeed(&token, json!("first")).unwrap();
    assert!(matches!(asked.succeed(&token, json!("second")), Err(CallbackError::TaskTimedOut)));
    assert!(matches!(asked.executions.send_task_heartbeat(&token), Err(CallbackError::TaskTimedOut)));
    assert_eq!(asked.end().await.0, Ok(json!("first")));
}

#[tokio::test(start_paused = true)]
async fn each_item_of_a_map_waits_for_a_token_of_its_own() {
    let definition = machine(
        "Each",
        json!({ "Each": {
            "Type": "Map", "Items": [1, 2], "End": true,
            "ItemProcessor": { "StartAt": "Ask", "States": { "Ask": ask("echo", json!({})) } },
        } }),
    );
    let asked = Asked::new(definition).await;
    let tokens = asked.tokens();
    asked.succeed(&tokens[1], json!("b")).unwrap();
    asked.at(5).await;
    asked.succeed(&tokens[0], json!("a")).unwrap();
    assert_eq!(asked.end().await, (Ok(json!(["a", "b"])), 5));
}

#[tokio::test(start_paused = true)]
async fn the_end_of_an_execution_ends_its_tokens() {
    let mut definition = only(ask("echo", json!({})));
    definition["TimeoutSeconds"] = json!(30);
    let asked = Asked::new(definition).await;
    assert_eq!(asked.end().await, (Err("States.Timeout".into()), 30));
    assert!(matches!(asked.succeed(&asked.tokens()[0], json!(1)), Err(CallbackError::TaskTimedOut)));
}
