//! Starting, watching, stopping.

use super::*;

fn waiting() -> Value {
    machine(
        "W",
        json!({
            "W": { "Type": "Wait", "Seconds": 10, "Next": "Work" },
            "Work": call("echo", json!("{% $states.input %}"), json!({ "End": true })),
        }),
    )
}

fn service(definition: Value) -> (Executions, Arc<Functions>) {
    let functions = Arc::<Functions>::default();
    let journal = Arc::new(MemoryJournal::default());
    (executions(definition, &functions, journal, start_of_time()), functions)
}

#[tokio::test(start_paused = true)]
async fn a_second_start_does_not_run_the_execution_twice() {
    let (executions, functions) = service(waiting());
    let first = executions.start("test", "x", json!(1)).unwrap();
    assert_eq!(executions.start("test", "x", json!(1)).unwrap(), first, "the same, while it runs");
    assert!(matches!(executions.start("test", "x", json!(2)), Err(StartError::AlreadyExists)));
    end_of(&executions).await;
    assert!(matches!(executions.start("test", "x", json!(1)), Err(StartError::AlreadyExists)));
    assert_eq!(functions.calls(), ["echo 1"]);
}

#[tokio::test(start_paused = true)]
async fn a_start_must_be_sound() {
    let (executions, _) = service(waiting());
    assert!(matches!(executions.start("other", "x", json!(1)), Err(StartError::UnknownMachine(_))));
    let long = "x".repeat(81);
    for name in ["", "a b", "a/b", "a*", long.as_str()] {
        assert!(
            matches!(executions.start("test", name, json!(1)), Err(StartError::InvalidName(_))),
            "{name}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_watcher_is_told_of_each_event_and_of_the_end() {
    let (executions, _) = service(waiting());
    executions.start("test", "x", json!(1)).unwrap();
    let began = tokio::time::Instant::now();
    let (mut after, mut seen) = (0, Vec::new());
    while executions.describe("x").unwrap().unwrap().status == Status::Running {
        executions.wait_for_more("x", after).await.unwrap();
        for event in executions.history("x", after).unwrap() {
            after = event.id;
            seen.push((event.kind, began.elapsed().as_secs()));
        }
    }
    assert_eq!(seen.first(), Some(&(EventKind::ExecutionStarted, 0)));
    assert!(seen.contains(&(EventKind::WaitStarted, 0)));
    assert_eq!(seen.last(), Some(&(EventKind::ExecutionSucceeded, 10)));
    executions.wait_for_more("x", after).await.unwrap();
    assert!(matches!(executions.wait_for_more("nobody", 0).await, Err(WaitError::NotFound(_))));
}

#[tokio::test(start_paused = true)]
async fn a_stopped_execution_is_aborted_in_the_midst() {
    let (executions, functions) = service(waiting());
    executions.start("test", "x", json!(1)).unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    executions.stop("x", Failure::new("Cancelled", "by the user")).unwrap();
    let ended = end_of(&executions).await;
    assert_eq!((ended.status, ended.error.as_deref()), (Status::Aborted, Some("Cancelled")));
    assert_eq!(ended.stopped_at, Some(start_of_time() + Duration::from_secs(3)));
    assert!(functions.calls().is_empty());
    assert!(matches!(executions.stop("x", Failure::new("", "")), Err(WaitError::NotFound(_))));
}

#[tokio::test(start_paused = true)]
async fn the_list_shows_the_newest_first() {
    let (executions, _) = service(waiting());
    for name in ["a", "b", "c"] {
        executions.start("test", name, json!(1)).unwrap();
    }
    let names: Vec<_> = executions.list(2).unwrap().into_iter().map(|e| e.name).collect();
    assert_eq!(names, ["c", "b"]);
}
