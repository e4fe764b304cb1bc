//! Tokens and the death of the process.

use super::callbacks::{ask, tokens};
use super::durability::{runtime, seconds, sleep};
use super::*;
use crate::cloud_db::tests::TestFile;

type Step = fn(&Executions, &[String]);

/// What happens to an execution whose process is killed.
struct Lives {
    /// After so many seconds it is killed.
    life: u64,
    /// And for so many nobody runs it.
    dead: u64,
    /// Right before the kill.
    before: Step,
    /// In the next process, before it resumes anything.
    at_rest: Step,
    /// A second after it has.
    after: Step,
}

impl Default for Lives {
    fn default() -> Self {
        Self { life: 10, dead: 20, before: |_, _| {}, at_rest: |_, _| {}, after: |_, _| {} }
    }
}

fn succeed(executions: &Executions, tokens: &[String]) {
    executions.send_task_success(&tokens[0], json!("answer")).unwrap();
}

impl Lives {
    /// How it ended, and the tokens its functions were called with.
    fn run(&self, definition: &Value) -> (Execution, Vec<String>) {
        let (file, functions) = (TestFile::new(), Arc::<Functions>::default());
        let first = runtime();
        first.block_on(async {
            let journal = Arc::new(SqliteJournal::new(file.open()));
            let executions = executions(definition.clone(), &functions, journal, start_of_time());
            executions.start("test", "x", json!({ "n": 1 })).unwrap();
            sleep(self.life).await;
            (self.before)(&executions, &tokens(&functions));
        });
        drop(first);
        runtime().block_on(async {
            let journal = Arc::new(SqliteJournal::new(file.open()));
            let now = start_of_time() + Duration::from_secs(self.life + self.dead);
            let executions = executions(definition.clone(), &functions, journal, now);
            (self.at_rest)(&executions, &tokens(&functions));
            assert_eq!(executions.resume_all().unwrap().resumed, ["x"]);
            sleep(1).await;
            (self.after)(&executions, &tokens(&functions));
            (end_of(&executions).await, tokens(&functions))
        })
    }
}

fn only(state: Value) -> Value {
    machine("Ask", json!({ "Ask": state }))
}

#[test]
fn a_resumed_task_waits_for_the_same_token_and_does_not_call_again() {
    let lives = Lives { after: succeed, ..Lives::default() };
    let (ended, tokens) = lives.run(&only(ask("echo", json!({}))));
    assert_eq!((ended.output, tokens.len()), (Some(json!("answer")), 1));
}

#[test]
fn a_function_that_had_not_returned_is_called_again_with_the_same_token() {
    let lives = Lives { after: succeed, ..Lives::default() };
    let (ended, tokens) = lives.run(&only(ask("slow", json!({}))));
    assert_eq!((ended.output.clone(), seconds(&ended)), (Some(json!("answer")), 10 + 20 + 100));
    assert_eq!((tokens.len(), &tokens[0]), (2, &tokens[1]));
}

#[test]
fn an_answer_that_was_taken_is_not_lost() {
    let taken = Lives { before: succeed, ..Lives::default() };
    let (ended, tokens) = taken.run(&only(ask("slow", json!({}))));
    assert_eq!((ended.output, tokens.len()), (Some(json!("answer")), 1), "while its function ran");

    let failed = Lives {
        before: |executions, tokens| {
            executions.send_task_failure(&tokens[0], Failure::new("Refused", "no")).unwrap();
        },
        ..Lives::default()
    };
    let (ended, _) = failed.run(&only(ask("slow", json!({}))));
    assert_eq!((ended.error.as_deref(), ended.cause.as_deref()), (Some("Refused"), Some("no")));
}

#[test]
fn an_answer_is_taken_before_the_execution_is_resumed() {
    let lives = Lives {
        at_rest: |executions, tokens| {
            executions.send_task_heartbeat(&tokens[0]).unwrap();
            succeed(executions, tokens);
            let again = executions.send_task_success(&tokens[0], json!("again"));
            assert!(matches!(again, Err(CallbackError::TaskTimedOut)));
        },
        ..Lives::default()
    };
    let (ended, tokens) = lives.run(&only(ask("echo", json!({}))));
    assert_eq!((ended.output, tokens.len()), (Some(json!("answer")), 1));
}

#[test]
fn the_timeout_counts_from_the_first_process_and_the_heartbeat_from_the_second() {
    let definition = only(ask("echo", json!({ "TimeoutSeconds": 50 })));
    let (ended, _) = Lives::default().run(&definition);
    assert_eq!((ended.error.as_deref(), seconds(&ended)), (Some("States.Timeout"), 50));
    let (late, _) = Lives { dead: 500, ..Lives::default() }.run(&definition);
    assert_eq!((late.error.as_deref(), seconds(&late)), (Some("States.Timeout"), 510));

    let definition = only(ask("echo", json!({ "HeartbeatSeconds": 15 })));
    let (silent, _) = Lives::default().run(&definition);
    assert_eq!((silent.error.as_deref(), seconds(&silent)), (Some("States.HeartbeatTimeout"), 10 + 20 + 15));
}

#[test]
fn a_retry_under_way_asks_for_a_new_token() {
    let retry = json!({ "TimeoutSeconds": 5,
                        "Retry": [{ "ErrorEquals": ["States.Timeout"], "IntervalSeconds": 60, "MaxAttempts": 1 }] });
    let lives = Lives {
        at_rest: |executions, tokens| {
            let late = executions.send_task_success(&tokens[0], json!(1));
            assert!(matches!(late, Err(CallbackError::TaskTimedOut)));
        },
        ..Lives::default()
    };
    let (ended, tokens) = lives.run(&only(ask("echo", retry)));
    assert_eq!((tokens.len(), seconds(&ended)), (2, 5 + 60 + 5));
    assert_ne!(tokens[0], tokens[1]);
}

#[test]
fn a_token_inside_a_parallel_state_dies_with_its_process() {
    let branch = json!({ "StartAt": "Ask", "States": { "Ask": ask("echo", json!({})) } });
    let definition = machine("P", json!({ "P": { "Type": "Parallel", "Branches": [branch], "End": true } }));
    let lives = Lives {
        after: |executions, tokens| {
            let old = executions.send_task_success(&tokens[0], json!("old"));
            assert!(matches!(old, Err(CallbackError::TaskTimedOut)));
            executions.send_task_success(&tokens[1], json!("new")).unwrap();
        },
        ..Lives::default()
    };
    let (ended, tokens) = lives.run(&definition);
    assert_eq!((ended.output, tokens.len()), (Some(json!(["new"])), 2));
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_for_tokens_and_the_twin_in_memory_keeps_them_too() {
    let definition = only(ask("echo", json!({})));
    let (journal, functions) = (Arc::new(MemoryJournal::default()), Arc::<Functions>::default());
    let before = executions(definition.clone(), &functions, journal.clone(), start_of_time());
    before.start("test", "x", json!({})).unwrap();
    sleep(1).await;
    let began = tokio::time::Instant::now();
    before.shutdown(Duration::from_secs(60)).await;
    assert_eq!(began.elapsed().as_secs(), 0);
    succeed(&before, &tokens(&functions));

    let after = executions(definition, &functions, journal, start_of_time());
    after.resume_all().unwrap();
    assert_eq!((end_of(&after).await.output, functions.calls().len()), (Some(json!("answer")), 1));
}
