//! What survives the death of the process: everything but the attempt under way.

use tokio::runtime::{Builder, Runtime};

use super::*;
use crate::cloud_db::tests::TestFile;

pub(super) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_time().start_paused(true).build().unwrap()
}

pub(super) async fn sleep(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

/// A process that dies `life` seconds after it started the execution, and another that takes over when
/// `dead` more have passed. Returns how the execution ended, the functions, and the history.
fn killed(definition: &Value, life: u64, dead: u64) -> (Execution, Vec<String>, Vec<HistoryEvent>) {
    let (file, functions) = (TestFile::new(), Arc::<Functions>::default());
    let first = runtime();
    first.block_on(async {
        let journal = Arc::new(SqliteJournal::new(file.open()));
        let executions = executions(definition.clone(), &functions, journal, start_of_time());
        executions.start("test", "x", json!({ "id": "o1" })).unwrap();
        sleep(life).await;
        assert_eq!(executions.describe("x").unwrap().unwrap().status, Status::Running);
    });
    drop(first);
    runtime().block_on(async {
        let journal = Arc::new(SqliteJournal::new(file.open()));
        let now = start_of_time() + Duration::from_secs(life + dead);
        let executions = executions(definition.clone(), &functions, journal, now);
        assert_eq!(executions.resume_all().unwrap().resumed, ["x"]);
        let ended = end_of(&executions).await;
        (ended, functions.calls(), executions.history("x", 0).unwrap())
    })
}

pub(super) fn seconds(execution: &Execution) -> i64 {
    (execution.stopped_at.unwrap() - execution.started_at).num_seconds()
}

#[test]
fn a_task_under_way_is_called_again_with_all_that_was_known() {
    let definition = machine(
        "Before",
        json!({
            "Before": call("echo", json!(1), json!({ "Assign": { "id": "{% $states.input.id %}" }, "Next": "Slow" })),
            "Slow": call("slow", json!("{% [$states.input, $id] %}"), json!({ "Next": "After" })),
            "After": { "Type": "Pass", "Output": "{% [$id, $states.input] %}", "End": true },
        }),
    );
    let (ended, calls, history) = killed(&definition, 10, 20);
    assert_eq!(ended.output, Some(json!(["o1", "done"])));
    assert_eq!(calls, ["echo 1", r#"slow [1,"o1"]"#, r#"slow [1,"o1"]"#]);
    assert_eq!(seconds(&ended), 10 + 20 + 100);
    assert!(history.iter().any(|event| event.kind == EventKind::ExecutionResumed));
    assert!(history.iter().zip(1..).all(|(event, id)| event.id == id));
}

#[test]
fn a_retry_is_due_at_its_original_time_and_counts_those_before() {
    let retry = json!([{ "ErrorEquals": ["Declined"], "IntervalSeconds": 60, "MaxAttempts": 1 }]);
    let catch = json!([{ "ErrorEquals": ["States.ALL"], "Next": "Caught" }]);
    let definition = machine(
        "Pay",
        json!({
            "Pay": call("declined", json!(1), json!({ "Retry": retry, "Catch": catch, "End": true })),
            "Caught": { "Type": "Succeed" },
        }),
    );
    let (ended, calls, _) = killed(&definition, 10, 20);
    assert_eq!((ended.status, seconds(&ended), calls.len()), (Status::Succeeded, 60, 2));
    let (late, calls, _) = killed(&definition, 10, 500);
    assert_eq!((seconds(&late), calls.len()), (510, 2), "due while nobody ran: at once");
}

#[test]
fn a_wait_ends_at_its_original_time() {
    let definition = machine("W", json!({ "W": { "Type": "Wait", "Seconds": 100, "End": true } }));
    assert_eq!(seconds(&killed(&definition, 10, 30).0), 100);
    assert_eq!(seconds(&killed(&definition, 10, 300).0), 310);
}

#[test]
fn the_time_of_an_execution_counts_from_its_start() {
    let mut definition = machine("Slow", json!({ "Slow": call("slow", json!(1), json!({ "End": true })) }));
    definition["TimeoutSeconds"] = json!(50);
    let (ended, _, _) = killed(&definition, 10, 30);
    assert_eq!((ended.status, seconds(&ended)), (Status::TimedOut, 50));
}

#[test]
fn a_parallel_state_is_run_again_as_a_whole() {
    let branch = |name: &str, function| json!({ "StartAt": name, "States": { name: call(function, json!(1), json!({ "End": true })) } });
    let definition = machine(
        "P",
        json!({
            "P": { "Type": "Parallel", "Branches": [branch("A", "echo"), branch("B", "slow")], "End": true },
        }),
    );
    let (ended, mut calls, _) = killed(&definition, 10, 0);
    calls.sort();
    assert_eq!(ended.output, Some(json!([1, "done"])));
    assert_eq!(calls, ["echo 1", "echo 1", "slow 1", "slow 1"]);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_lets_tasks_end_but_begins_nothing_more() {
    let definition = machine(
        "Slow",
        json!({
            "Slow": call("slow", json!(1), json!({ "Next": "Then" })),
            "Then": call("echo", json!("{% $states.input %}"), json!({ "End": true })),
        }),
    );
    for (grace, calls_of_slow) in [(200, 1), (5, 2)] {
        let (journal, functions) = (Arc::new(MemoryJournal::default()), Arc::<Functions>::default());
        let before = executions(definition.clone(), &functions, journal.clone(), start_of_time());
        before.start("test", "x", json!(1)).unwrap();
        sleep(1).await;
        before.shutdown(Duration::from_secs(grace)).await;
        assert!(matches!(before.start("test", "y", json!(1)), Err(StartError::ShuttingDown)));
        assert_eq!(
            (functions.calls().len(), before.describe("x").unwrap().unwrap().status),
            (1, Status::Running)
        );

        let after = executions(definition.clone(), &functions, journal, start_of_time());
        after.resume_all().unwrap();
        assert_eq!(end_of(&after).await.output, Some(json!("done")));
        assert_eq!(functions.calls().len(), calls_of_slow + 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_does_not_wait_for_those_who_sleep() {
    let definition = machine("W", json!({ "W": { "Type": "Wait", "Seconds": 100, "End": true } }));
    let (journal, functions) = (Arc::new(MemoryJournal::default()), Arc::<Functions>::default());
    let executions = executions(definition, &functions, journal, start_of_time());
    executions.start("test", "x", json!(1)).unwrap();
    sleep(1).await;
    let began = tokio::time::Instant::now();
    executions.shutdown(Duration::from_secs(60)).await;
    assert_eq!(began.elapsed().as_secs(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_execution_without_its_machine_or_state_is_not_lost_silently() {
    let (journal, functions) = (Arc::new(MemoryJournal::default()), Arc::<Functions>::default());
    let wait = |name: &str| machine(name, json!({ name: { "Type": "Wait", "Seconds": 100, "End": true } }));
    let before = executions(wait("Old"), &functions, journal.clone(), start_of_time());
    before.start("test", "x", json!(1)).unwrap();
    before.shutdown(Duration::ZERO).await;

    let clock = Clock::starting_at(start_of_time());
    let without = Executions::new(HashMap::new(), functions.clone(), journal.clone(), clock);
    assert_eq!(without.resume_all().unwrap().orphaned, ["x"]);

    let renamed = executions(wait("New"), &functions, journal, start_of_time());
    renamed.resume_all().unwrap();
    assert_eq!(end_of(&renamed).await.error.as_deref(), Some("States.Runtime"));
}
