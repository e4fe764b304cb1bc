//! Who is told that an execution has ended, and in which words.

use tokio::sync::Notify;

use super::*;

/// Notes each end, and how the journal saw the execution then; may keep the execution waiting for ever.
struct Witness {
    journal: Arc<dyn Journal>,
    ends: Mutex<Vec<(Execution, Status)>>,
    is_stuck: bool,
    told: Notify,
}

#[async_trait]
impl EndObserver for Witness {
    async fn ended(&self, execution: &Execution) {
        let recorded = self.journal.describe(&execution.name).unwrap().unwrap().status;
        self.ends.lock().unwrap().push((execution.clone(), recorded));
        self.told.notify_one();
        if self.is_stuck {
            std::future::pending::<()>().await;
        }
    }
}

fn witnessed(definition: Value, journal: &Arc<MemoryJournal>, is_stuck: bool) -> (Executions, Arc<Witness>) {
    let machines = HashMap::from([("test".to_owned(), Machine::load(&definition).unwrap())]);
    let witness =
        Arc::new(Witness { journal: journal.clone(), ends: Mutex::default(), is_stuck, told: Notify::new() });
    let (tasks, clock) = (Arc::<Functions>::default(), Clock::starting_at(start_of_time()));
    let observer: Arc<dyn EndObserver> = witness.clone();
    let executions = Executions::with_observer(machines, tasks, journal.clone(), clock, Some(observer));
    (executions, witness)
}

fn slow(limit: u64) -> Value {
    let mut slow = machine("S", json!({ "S": call("slow", json!(1), json!({ "End": true })) }));
    slow["TimeoutSeconds"] = json!(limit);
    slow
}

#[tokio::test(start_paused = true)]
async fn each_kind_of_end_is_told_before_it_is_recorded_and_as_it_is_recorded() {
    let failing = machine("F", json!({ "F": { "Type": "Fail", "Error": "E", "Cause": "c" } }));
    let cases = [
        (slow(500), false, Status::Succeeded),
        (failing, false, Status::Failed),
        (slow(50), false, Status::TimedOut),
        (slow(500), true, Status::Aborted),
    ];
    for (definition, is_stopped, status) in cases {
        let journal = Arc::new(MemoryJournal::default());
        let (executions, witness) = witnessed(definition, &journal, false);
        executions.start("test", "x", json!({ "n": 1 })).unwrap();
        if is_stopped {
            executions.stop("x", Failure::new("Cancelled", "by the user")).unwrap();
        }
        let ended = end_of(&executions).await;
        assert_eq!(ended.status, status);
        assert_eq!(*witness.ends.lock().unwrap(), [(ended, Status::Running)]);
    }
}

#[tokio::test(start_paused = true)]
async fn an_end_that_could_not_be_recorded_is_told_again() {
    let journal = Arc::new(MemoryJournal::default());
    let (first, stuck) = witnessed(slow(500), &journal, true);
    first.start("test", "x", json!({})).unwrap();
    stuck.told.notified().await;
    first.shutdown(Duration::ZERO).await;
    assert_eq!(first.describe("x").unwrap().unwrap().status, Status::Running);

    let (second, witness) = witnessed(slow(500), &journal, false);
    second.resume_all().unwrap();
    assert_eq!(end_of(&second).await.status, Status::Succeeded);
    let (before, after) = (stuck.ends.lock().unwrap(), witness.ends.lock().unwrap());
    assert_eq!((before.len(), after.len()), (1, 1));
    assert_eq!((&before[0].0.name, &before[0].0.output), (&after[0].0.name, &after[0].0.output));
}

fn ended(outcome: &Outcome) -> Execution {
    let execution = Execution {
        name: "x".into(),
        machine: "arn:aws:states:local:000000000000:stateMachine:orders".into(),
        input: json!({ "id": "o1" }),
        status: Status::Running,
        output: None,
        error: None,
        cause: None,
        started_at: start_of_time(),
        stopped_at: None,
    };
    execution.ended(outcome, start_of_time() + Duration::from_millis(2_500))
}

#[test]
fn the_event_is_the_one_event_bridge_sends() {
    let entry = status_change(&ended(&Outcome::Succeeded(json!({ "ok": true }))));
    assert_eq!((entry.bus.as_str(), entry.source.as_str()), ("default", "aws.states"));
    assert_eq!(entry.detail_type, "Step Functions Execution Status Change");
    assert_eq!(entry.time, Some(start_of_time() + Duration::from_millis(2_500)));
    let expected = json!({
        "executionArn": "arn:aws:states:local:000000000000:execution:orders:x",
        "stateMachineArn": "arn:aws:states:local:000000000000:stateMachine:orders",
        "stateMachineVersionArn": null,
        "stateMachineAliasArn": null,
        "name": "x",
        "status": "SUCCEEDED",
        "startDate": 1_700_000_000_000_u64,
        "stopDate": 1_700_000_002_500_u64,
        "input": "{\"id\":\"o1\"}",
        "inputDetails": { "included": true },
        "output": "{\"ok\":true}",
        "outputDetails": { "included": true },
        "error": null,
        "cause": null,
        "redriveCount": 0,
        "redriveDate": null,
        "redriveStatus": "NOT_REDRIVABLE",
    });
    assert_eq!(entry.detail, expected);
}

#[test]
fn a_failure_has_its_error_and_no_output() {
    let failure = Failure::new("Declined", "no funds");
    let cases = [
        (Outcome::Failed(failure.clone()), "FAILED"),
        (Outcome::TimedOut(failure.clone()), "TIMED_OUT"),
        (Outcome::Aborted(failure), "ABORTED"),
    ];
    for (outcome, status) in cases {
        let detail = status_change(&ended(&outcome)).detail;
        assert_eq!((&detail["status"], &detail["redriveStatus"]), (&json!(status), &json!("REDRIVABLE")));
        assert_eq!((&detail["error"], &detail["cause"]), (&json!("Declined"), &json!("no funds")));
        assert_eq!((&detail["output"], &detail["outputDetails"]), (&Value::Null, &Value::Null));
    }
}

#[test]
fn what_is_too_large_for_an_event_is_left_out() {
    let text = |kilobytes: usize| json!("x".repeat(kilobytes * 1024));
    let included = |input: Value, output: Value| {
        let mut execution = ended(&Outcome::Succeeded(output));
        execution.input = input;
        let detail = status_change(&execution).detail;
        for part in ["input", "output"] {
            assert_eq!(detail[part].is_string(), detail[format!("{part}Details")]["included"], "{part}");
        }
        (detail["input"].is_string(), detail["output"].is_string())
    };
    assert_eq!(included(text(100), text(100)), (true, true));
    assert_eq!(included(text(130), text(130)), (false, true));
    assert_eq!(included(text(1), text(250)), (false, false));
    assert_eq!(included(json!("\"".repeat(70 * 1024)), json!(1)), (false, true), "escaped twice");
}
