//! What senders and subscribers of a queue may rely on.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use chrono::DateTime;
use serde_json::{Value, json};
use tokio::{sync::watch, task::JoinHandle};

use super::*;
use crate::{
    cloud_db::tests::TestFile,
    invoke::{FunctionFailure, Invoke},
};

fn configs() -> Vec<QueueConfig> {
    let redrive = Redrive { dead_letter_queue: "dead".into(), max_receive_count: 2 };
    let (visibility_timeout, delay) = (Duration::from_secs(30), Duration::ZERO);
    vec![
        QueueConfig { name: "work".into(), visibility_timeout, delay, redrive: Some(redrive) },
        QueueConfig { name: "dead".into(), visibility_timeout, delay, redrive: None },
    ]
}

fn clock() -> Clock {
    Clock::starting_at(DateTime::from_timestamp(1_700_000_000, 0).unwrap())
}

fn queues() -> Queues {
    Queues::open(CloudDb::in_memory().unwrap(), clock(), configs()).unwrap()
}

fn bodies(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|m| m.body.as_str()).collect()
}

async fn sleep(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn a_queue_with_a_delay_holds_back_what_is_sent_to_it() {
    let config = QueueConfig { delay: Duration::from_secs(60), redrive: None, ..configs().swap_remove(0) };
    let queues = Queues::open(CloudDb::in_memory().unwrap(), clock(), vec![config]).unwrap();
    queues.send("work", "later").unwrap();
    sleep(59).await;
    assert_eq!(queues.receive("work", 10).unwrap(), []);
    sleep(1).await;
    assert_eq!(bodies(&queues.receive("work", 10).unwrap()), ["later"]);
}

#[tokio::test(start_paused = true)]
async fn a_received_message_is_hidden_until_its_visibility_timeout() {
    let queues = queues();
    for body in ["a", "b", "c"] {
        queues.send("work", body).unwrap();
    }
    let first = queues.receive("work", 2).unwrap();
    assert_eq!(bodies(&first), ["a", "b"]);
    assert_eq!(bodies(&queues.receive("work", 10).unwrap()), ["c"]);
    assert_eq!(queues.depth("work").unwrap(), Depth { visible: 0, in_flight: 3 });
    assert!(queues.delete(&first[0].receipt).unwrap());
    sleep(30).await;
    let again = queues.receive("work", 10).unwrap();
    assert_eq!(bodies(&again), ["b", "c"]);
    assert_eq!((&again[0].id, again[0].receive_count), (&first[1].id, 2));
    assert!(!queues.delete(&first[1].receipt).unwrap(), "an old receipt deletes nothing");
}

#[tokio::test(start_paused = true)]
async fn a_released_message_comes_back_after_the_delay() {
    let queues = queues();
    queues.send("work", "a").unwrap();
    let received = queues.receive("work", 1).unwrap();
    assert!(queues.release(&received[0].receipt, Duration::from_secs(3)).unwrap());
    assert!(!queues.release(&received[0].receipt, Duration::ZERO).unwrap());
    sleep(2).await;
    assert!(queues.receive("work", 1).unwrap().is_empty());
    sleep(1).await;
    assert_eq!(queues.receive("work", 1).unwrap()[0].receive_count, 2);
}

#[tokio::test(start_paused = true)]
async fn a_message_received_too_often_moves_to_the_dead_letter_queue_and_back_on_demand() {
    let queues = queues();
    let id = queues.send("work", "poison").unwrap();
    for _ in 0..2 {
        assert_eq!(queues.receive("work", 1).unwrap().len(), 1);
        sleep(30).await;
    }
    assert!(queues.receive("work", 1).unwrap().is_empty());
    assert_eq!(queues.depth("work").unwrap(), Depth { visible: 0, in_flight: 0 });
    let dead = queues.receive("dead", 1).unwrap();
    assert_eq!((&dead[0].id, dead[0].receive_count), (&id, 1));

    assert_eq!(queues.redrive("dead").unwrap(), 1);
    assert_eq!(queues.receive("work", 1).unwrap()[0].receive_count, 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_if_one_of_the_queues_is_unknown() {
    let queues = queues();
    let to = |queue: &str| Outgoing { queue: queue.into(), body: "x".into() };
    assert!(matches!(queues.send_all(vec![to("work"), to("nowhere")]), Err(QueueError::Unknown(_))));
    assert_eq!(queues.depth("work").unwrap().visible, 0);
    assert!(matches!(queues.receive("nowhere", 1), Err(QueueError::Unknown(_))));
}

#[tokio::test(start_paused = true)]
async fn messages_in_flight_at_a_kill_are_visible_after_reopening_with_their_counts() {
    let file = TestFile::new();
    let open = || Queues::open(file.open(), clock(), configs()).unwrap();
    let queues = open();
    queues.send("work", "a").unwrap();
    queues.receive("work", 1).unwrap();
    drop(queues);
    assert_eq!(open().receive("work", 1).unwrap()[0].receive_count, 2);
}

#[test]
fn a_queue_set_must_be_consistent() {
    let open = |configs| Queues::open(CloudDb::in_memory().unwrap(), Clock::system(), configs);
    assert!(matches!(open(vec![configs().remove(0)]), Err(QueueError::Unknown(name)) if name == "dead"));
    let twice = [configs(), configs()].concat();
    assert!(matches!(open(twice), Err(QueueError::Duplicate(_))));
}

/// Answers each call with the next scripted answer (then with `null`) and notes when it was called with what.
#[derive(Default)]
struct Scripted {
    answers: Mutex<VecDeque<Result<Value, FunctionFailure>>>,
    calls: Mutex<Vec<String>>,
    takes: Duration,
}

#[async_trait]
impl Invoke for Scripted {
    async fn invoke(&self, payload: Value) -> Result<Value, FunctionFailure> {
        let bodies: Vec<_> =
            payload["Records"].as_array().unwrap().iter().map(|r| r["body"].as_str().unwrap()).collect();
        self.calls.lock().unwrap().push(bodies.concat());
        tokio::time::sleep(self.takes).await;
        let answer = self.answers.lock().unwrap().pop_front();
        match answer {
            // `$b` stands for the id of the message with body `b`.
            Some(Ok(answer)) => {
                let mut text = answer.to_string();
                for record in payload["Records"].as_array().unwrap() {
                    let body = format!("${}", record["body"].as_str().unwrap());
                    text = text.replace(&body, record["messageId"].as_str().unwrap());
                }
                Ok(serde_json::from_str(&text).unwrap())
            }
            Some(Err(failure)) => Err(failure),
            None => Ok(Value::Null),
        }
    }
}

impl Scripted {
    fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }
}

fn subscribe(
    queues: &Queues,
    function: &Arc<Scripted>,
    concurrency: usize,
) -> (watch::Sender<bool>, JoinHandle<()>) {
    let (stop, stopped) = watch::channel(false);
    let mapping = Mapping {
        queue: "work".into(),
        batch_size: 2,
        concurrency,
        report_item_failures: true,
        retry_after: Some(RetryAfter { first: Duration::from_secs(1), max: Duration::from_secs(10) }),
    };
    let poller = poll(queues.clone(), mapping, function.clone(), stopped);
    (stop, tokio::spawn(async move { poller.await.unwrap() }))
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_gets_waiting_and_new_messages_in_batches() {
    let (queues, function) = (queues(), Arc::<Scripted>::default());
    ["a", "b", "c"].iter().for_each(|body| drop(queues.send("work", *body).unwrap()));
    let (stop, poller) = subscribe(&queues, &function, 1);
    sleep(1).await;
    queues.send("work", "d").unwrap();
    sleep(1).await;
    assert_eq!(function.calls(), ["ab", "c", "d"]);
    assert_eq!(queues.depth("work").unwrap(), Depth { visible: 0, in_flight: 0 });
    stop.send(true).unwrap();
    poller.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn failed_messages_come_back_alone_and_finally_go_to_the_dead_letter_queue() {
    let (queues, function) = (queues(), Arc::<Scripted>::default());
    let b_failed = || Ok(json!({ "batchItemFailures": [{ "itemIdentifier": "$b" }] }));
    function.answers.lock().unwrap().extend([b_failed(), Err(FunctionFailure::new("Broken", "no"))]);
    queues.send("work", "a").unwrap();
    queues.send("work", "b").unwrap();
    let (_stop, _poller) = subscribe(&queues, &function, 1);
    tokio::time::sleep(Duration::from_millis(900)).await;
    assert_eq!(function.calls(), ["ab"]);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(function.calls(), ["ab", "b"], "after the first delay of 1 s");
    sleep(3).await;
    assert_eq!(function.calls(), ["ab", "b"]);
    assert_eq!(queues.depth("dead").unwrap().visible, 1);
}

#[tokio::test(start_paused = true)]
async fn calls_run_one_at_a_time_unless_more_are_allowed() {
    for (concurrency, after_first_call) in [(1, 1), (2, 2)] {
        let queues = queues();
        let function = Arc::new(Scripted { takes: Duration::from_secs(5), ..Scripted::default() });
        ["a", "b", "c", "d", "e", "f"].iter().for_each(|body| drop(queues.send("work", *body).unwrap()));
        let (_stop, _poller) = subscribe(&queues, &function, concurrency);
        sleep(1).await;
        assert_eq!(function.calls().len(), after_first_call);
        sleep(15).await;
        assert_eq!(function.calls().len(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stopped_subscriber_finishes_its_call_and_takes_no_more() {
    let queues = queues();
    let function = Arc::new(Scripted { takes: Duration::from_secs(5), ..Scripted::default() });
    let (stop, poller) = subscribe(&queues, &function, 1);
    queues.send("work", "a").unwrap();
    sleep(1).await;
    stop.send(true).unwrap();
    queues.send("work", "b").unwrap();
    poller.await.unwrap();
    assert_eq!(function.calls(), ["a"]);
    assert_eq!(queues.depth("work").unwrap(), Depth { visible: 1, in_flight: 0 });
}
