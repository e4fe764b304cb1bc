//! What an operator may rely on who looks at dead letters and sends them back.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use serde_json::Value;
use skafu_events::Timestamp;
use skafu_functions::Clock as FunctionClock;
use skafu_functions::projections::{Projections, feed};
use skafu_store::{MemoryEventStore, MemoryViewStore};
use tokio::sync::watch;

use super::*;
use crate::cloud_db::tests::TestFile;
use crate::invoke::{FunctionFailure, Invoke};

fn configs(dead_letter_queue: &str, max_receive_count: u32) -> Vec<QueueConfig> {
    let queue = |name: &str, redrive| {
        let (visibility_timeout, delay) = (Duration::from_secs(30), Duration::ZERO);
        QueueConfig { name: name.into(), visibility_timeout, delay, redrive }
    };
    let redrive = Redrive { dead_letter_queue: dead_letter_queue.into(), max_receive_count };
    vec![queue("work", Some(redrive)), queue(dead_letter_queue, None)]
}

fn clock() -> Clock {
    Clock::starting_at(DateTime::from_timestamp(1_700_000_000, 0).unwrap())
}

/// Receives everything so often, without handling it.
fn fail(queues: &Queues, times: u32) {
    for _ in 0..times {
        for message in queues.receive("work", 10).unwrap() {
            queues.release(&message.receipt, Duration::ZERO).unwrap();
        }
    }
}

#[tokio::test(start_paused = true)]
async fn looking_at_messages_takes_nothing_and_tells_where_they_come_from() {
    let queues = Queues::open(CloudDb::in_memory().unwrap(), clock(), configs("dead", 2)).unwrap();
    let sent_at = queues.0.clock.now();
    let id = queues.send("work", "poison").unwrap();
    fail(&queues, 2);
    tokio::time::sleep(Duration::from_secs(5)).await;
    fail(&queues, 1);
    queues.send("dead", "by hand").unwrap();

    let letters = queues.peek("dead", 10).unwrap();
    let given_up_at = Some(sent_at + Duration::from_secs(5));
    let body = "poison".to_owned();
    assert_eq!(letters[0], Letter { id, body, sent_at, from: Some("work".into()), given_up_at, receives: 2 });
    let direct = &letters[1];
    assert_eq!((direct.body.as_str(), &direct.from, direct.given_up_at), ("by hand", &None, None));
    assert_eq!(queues.peek("dead", 1).unwrap(), letters[..1], "the oldest first");
    assert_eq!(queues.depth("dead").unwrap(), Depth { visible: 2, in_flight: 0 });
}

#[tokio::test(start_paused = true)]
async fn only_what_came_from_a_queue_that_still_is_there_goes_back() {
    let file = TestFile::new();
    let queues = Queues::open(file.open(), clock(), configs("dead", 1)).unwrap();
    queues.send("work", "poison").unwrap();
    fail(&queues, 2);
    queues.send("dead", "by hand").unwrap();
    drop(queues);

    let mut others = configs("dead", 1);
    others[0].name = "renamed".into();
    let queues = Queues::open(file.open(), clock(), others).unwrap();
    assert_eq!(queues.redrive("dead").unwrap(), 0);
    assert_eq!(queues.depth("dead").unwrap().visible, 2, "nothing is lost to a queue nobody reads");
    drop(queues);

    let queues = Queues::open(file.open(), clock(), configs("dead", 1)).unwrap();
    assert_eq!(queues.redrive("dead").unwrap(), 1);
    assert_eq!(queues.peek("dead", 10).unwrap()[0].body, "by hand");
    assert_eq!(queues.peek("work", 10).unwrap()[0].receives, 0, "as if new");
}

#[test]
fn a_file_of_an_earlier_version_gets_what_it_lacks() {
    let file = TestFile::new();
    let old = |tx: &rusqlite::Transaction<'_>| {
        tx.execute_batch(
            "INSERT INTO message (queue, id, body, sent_at, visible_at, source_queue)
             VALUES ('dead', 'a', 'old', 0, 0, 'work')",
        )
    };
    file.open().transaction(|tx| old(tx).map_err(CloudDbError::from)).unwrap();
    for _ in 0..2 {
        let queues = Queues::open(file.open(), Clock::system(), configs("dead", 5)).unwrap();
        let letter = queues.peek("dead", 10).unwrap().remove(0);
        assert_eq!((letter.from.as_deref(), letter.given_up_at, letter.receives), (Some("work"), None, 0));
    }
}

/// A view's handler, over stores in memory.
struct View(Projections);

#[async_trait::async_trait]
impl Invoke for View {
    async fn invoke(&self, payload: Value) -> Result<Value, FunctionFailure> {
        let batch = serde_json::from_value(payload).unwrap();
        Ok(serde_json::to_value(self.0.handle(batch).await).unwrap())
    }
}

struct Epoch;

impl FunctionClock for Epoch {
    fn now(&self) -> Timestamp {
        DateTime::UNIX_EPOCH.into()
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_event_ends_in_a_view_s_dead_letters_after_five_receives_and_comes_back_on_demand() {
    let queues = Queues::open(CloudDb::in_memory().unwrap(), clock(), configs("dead", 5)).unwrap();
    let (events, rows) = (Arc::new(MemoryEventStore::default()), Arc::new(MemoryViewStore::default()));
    let view = Projections::new(feed("project", events, rows).unwrap()).with_clock(Arc::new(Epoch));
    let view = Arc::new(View(view));
    let (_stop, stopped) = watch::channel(false);
    let mapping = Mapping { report_item_failures: true, ..Mapping::new("work") };
    let polling = tokio::spawn(poll(queues.clone(), mapping, view.clone(), stopped));

    queues.send("work", "not an event").unwrap();
    // 1, 2, 4, 8 and 16 seconds after each receive.
    for (seconds, undecodable, dead) in [(14, 4, 0), (16, 5, 0), (2, 5, 1)] {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        assert_eq!(view.0.tally().undecodable, undecodable);
        assert_eq!(queues.peek("dead", 10).unwrap().len(), dead);
    }
    assert_eq!(queues.peek("dead", 1).unwrap()[0].receives, 5);

    assert_eq!(queues.redrive("dead").unwrap(), 1);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(view.0.tally().undecodable, 6, "the poller woke up and called the function again");
    assert_eq!(queues.peek("work", 1).unwrap()[0].receives, 1);
    polling.abort();
}
