//! `skafu dlq`: what was given up, seen and sent back, with and without a running system.

use std::time::Duration;

use serde_json::{Value, json};
use skafu::cloud_db::{Clock, CloudDb};
use skafu::queue::{QueueConfig, Queues, Redrive};

use crate::support::{ALICE, Home, Person, eventually};

const QUEUE: &str = "skafu-project-view";
const DEAD: &str = "skafu-project-view-dlq";
const RELAY_DEAD: &str = "skafu-relay-dlq";
const OPERATOR: Person = Person { user: "olga", tenant: "acme", role: "admin" };

/// The queues of a data directory that no system runs on.
fn queues(home: &Home) -> Queues {
    let queue = |name: &str, redrive| {
        let (visibility_timeout, delay) = (Duration::from_secs(30), Duration::ZERO);
        QueueConfig { name: name.to_owned(), visibility_timeout, delay, redrive }
    };
    let redrive = Redrive { dead_letter_queue: DEAD.to_owned(), max_receive_count: 5 };
    let configs = vec![queue(QUEUE, Some(redrive)), queue(DEAD, None), queue(RELAY_DEAD, None)];
    let cloud = CloudDb::open(&home.data().join("cloud.db")).unwrap();
    Queues::open(cloud, Clock::system(), configs).unwrap()
}

/// A data directory with a message in a view's queue that is no event, and was received so often already.
fn home_with_poison(receives: usize) -> Home {
    let home = Home::new();
    assert!(home.dev().stop().success());
    let queues = queues(&home);
    queues.send(QUEUE, "not an event").unwrap();
    for _ in 0..receives {
        let received = queues.receive(QUEUE, 1).unwrap();
        queues.release(&received[0].receipt, Duration::ZERO).unwrap();
    }
    home
}

fn json_of(home: &Home, arguments: &[&str]) -> Value {
    let done = home.run(&[arguments, &["--json"]].concat());
    assert!(done.succeeded() && done.stderr.is_empty(), "{done:?}");
    done.json()
}

/// The entry of a queue in the list.
fn listed(home: &Home, name: &str) -> Value {
    let list = json_of(home, &["dlq", "list"]);
    let found = list["queues"].as_array().unwrap().iter().find(|queue| queue["name"] == name).cloned();
    found.unwrap_or_else(|| panic!("no {name} in {list}"))
}

/// How often the log says that the view's function was given something that is no event.
fn refusals(home: &Home) -> usize {
    home.log().matches("not an event").count()
}

#[test]
fn what_no_view_can_read_ends_in_its_dead_letters_and_is_handled_anew_once_it_is_sent_back() {
    let home = home_with_poison(4);
    let dev = home.dev();
    eventually("the fifth receive", || (refusals(&home) == 1).then_some(()));
    // A restart hands out again what waits for its next delivery: nobody need wait for that.
    assert!(dev.stop().success());
    let dev = home.dev();
    let dead = eventually("the dead letter", || {
        let dead = listed(&home, DEAD);
        (dead["messages"] == 1).then_some(dead)
    });
    assert_eq!(dead["serves"], json!([{ "queue": QUEUE }]));

    let shown = json_of(&home, &["dlq", "show", DEAD]);
    assert_eq!(shown["queue"], dead);
    let letter = &shown["letters"][0];
    assert_eq!((&letter["body"], &letter["from"]), (&json!("not an event"), &json!(QUEUE)));
    assert_eq!((&letter["receives"], &letter["sentAt"]), (&json!(5), &dead["oldestSentAt"]));
    assert!(letter["givenUpAt"].is_string(), "{letter}");
    assert_eq!(json_of(&home, &["dlq", "show", DEAD]), shown, "looking takes nothing");

    assert_eq!(refusals(&home), 1);
    let done = json_of(&home, &["dlq", "redrive", DEAD]);
    assert_eq!(done, json!({ "queues": [{ "name": DEAD, "redriven": 1, "left": 0 }] }));
    eventually("the function is called again", || (refusals(&home) >= 2).then_some(()));
    assert_eq!(listed(&home, DEAD)["messages"], 0);
    drop(dev);
}

#[test]
fn without_a_running_system_the_data_itself_is_opened() {
    let home = home_with_poison(5);
    assert_eq!(queues(&home).receive(QUEUE, 1).unwrap(), [], "it is given up on the way");
    let text = home.run(&["dlq", "list"]).stdout;
    let line = text.lines().find(|line| line.starts_with(DEAD)).unwrap();
    assert!(
        line.contains("1 message, the oldest of 2")
            && line.ends_with("takes what skafu-project-view gives up")
    );
    let text = home.run(&["dlq", "show", DEAD]).stdout;
    assert!(
        text.contains("received 5 times, given up by skafu-project-view") && text.ends_with("not an event\n")
    );

    let done = home.run(&["dlq", "redrive", "--all"]);
    assert!(done.succeeded(), "{done:?}");
    assert!(done.stdout.contains(&format!("{DEAD}: 1 message sent back\n")), "{done:?}");
    assert!(done.stdout.ends_with("They are handled once the system runs: `skafu dev`\n"), "{done:?}");
    assert!(home.run(&["dlq", "list"]).stdout.ends_with("no message was given up\n"));
    assert_eq!(queues(&home).peek(QUEUE, 10).unwrap()[0].body, "not an event");
}

#[test]
fn what_the_stream_gave_up_is_shown_and_stays_with_advice() {
    let home = home_with_poison(0);
    queues(&home).send(RELAY_DEAD, r#"{"table":"skafu-events"}"#).unwrap();
    assert_eq!(listed(&home, RELAY_DEAD)["serves"], json!([{ "stream": "skafu-events" }]));
    let done = home.run(&["dlq", "redrive", RELAY_DEAD]);
    assert_eq!(done.code, Some(1), "{done:?}");
    assert!(
        done.stdout.starts_with(&format!("{RELAY_DEAD}: 0 messages sent back, 1 message left\n")),
        "{done:?}"
    );
    let shown = home.run(&["dlq", "show", RELAY_DEAD]);
    for text in [&done.stdout, &shown.stdout] {
        assert!(text.contains("`skafu store verify`"), "{text}");
    }
    assert!(
        home.run(&["dlq", "redrive", "--all"]).succeeded(),
        "it is not among those that can be sent back"
    );
}

#[test]
fn a_queue_that_is_none_is_refused_with_the_names_there_are() {
    let home = Home::new();
    let error = home.run(&["dlq", "list", "--json"]).error();
    assert_eq!(error["code"], "NO_DATA");
    let dev = home.dev();
    for queue in ["nothing", QUEUE, "../x?y#z"] {
        for command in ["show", "redrive"] {
            let running = home.run(&["dlq", command, queue, "--json"]).error();
            assert_eq!(running["code"], "UNKNOWN_QUEUE");
            assert!(running["message"].as_str().unwrap().contains(DEAD), "{running}");
        }
    }
    let running = home.run(&["dlq", "show", "nothing"]).stderr;
    assert!(dev.stop().success());
    assert_eq!(home.run(&["dlq", "show", "nothing"]).stderr, running, "the same words without a system");
}

#[test]
fn only_administrators_reach_the_queues_of_a_running_system() {
    let home = Home::new();
    let dev = home.dev();
    for path in ["/queues", "/queues/skafu-saga-dlq"] {
        assert_eq!(dev.anonymous().get(path).problem(), "UNAUTHORIZED");
        assert_eq!(dev.api("nonsense").get(path).problem(), "UNAUTHORIZED");
        assert_eq!(dev.api(&home.token(ALICE)).get(path).problem(), "FORBIDDEN");
        assert_eq!(dev.api(&home.token(OPERATOR)).get(path).status, 200);
    }
    let redrive = "/queues/skafu-saga-dlq/redrive";
    assert_eq!(dev.api(&home.token(ALICE)).post(redrive, b"").problem(), "FORBIDDEN");
    let answer = dev.api(&home.token(OPERATOR)).post(redrive, b"");
    assert_eq!(answer.body, json!({ "name": "skafu-saga-dlq", "redriven": 0, "left": 0 }));
    assert_eq!(dev.api(&home.token(OPERATOR)).get(redrive).problem(), "METHOD_NOT_ALLOWED");
}
