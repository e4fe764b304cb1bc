//! The sweep: what the relay leaves word of is compared with what is shown, and what was lost is repaired.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde_json::{Value, json};
use skafu::cloud_db::{Clock, CloudDb};
use skafu::queue::{QueueConfig, Queues};
use skafu_store::aws::Connection;

use crate::support::{ALICE, BUILT_IN, Home, Made, create_project, eventually};

const QUEUE: &str = "skafu-sweep";

/// The notes that wait for the sweep, while no system runs.
fn notes(home: &Home) -> Vec<Value> {
    let config = QueueConfig {
        name: QUEUE.to_owned(),
        visibility_timeout: Duration::from_secs(30),
        delay: Duration::from_secs(60),
        redrive: None,
    };
    let cloud = CloudDb::open(&home.data().join("cloud.db")).unwrap();
    let queues = Queues::open(cloud, Clock::system(), vec![config]).unwrap();
    let letters = queues.peek(QUEUE, 100).unwrap();
    letters.iter().map(|letter| serde_json::from_str(&letter.body).unwrap()).collect()
}

#[test]
fn a_row_that_missed_an_aggregate_s_last_event_is_repaired() {
    let home = Home::new();
    let dev = home.dev();
    let api = dev.api(&home.token(ALICE));
    let made = Made::accepted(&api, &create_project("Demo", BUILT_IN, json!({})));
    let ready = made.ready(&api);

    // As if no event had ever reached the view.
    let url = dev.greeting()["dynamodbUrl"].as_str().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let delete = Connection::local(url).dynamodb().delete_item().table_name("skafu-views");
        let delete = delete.key("PK", text(&format!("acme/project.1/PROJECT#{}", made.id)));
        delete.key("SK", text("ROW")).send().await.unwrap();
    });
    assert_eq!(made.seen(&api), Value::Null);
    assert!(dev.stop().success());

    let stream = format!("acme/PROJECT#{}", made.id);
    let notes = notes(&home);
    let commits = notes.iter().flat_map(|note| note["commits"].as_array().unwrap());
    let noted: Vec<_> = commits.filter(|commit| commit["stream"] == stream.as_str()).collect();
    assert_eq!(noted[0]["callsForSaga"], true, "held back for a minute: {noted:?}");

    // What is held back is handed out at once after a restart: nobody need wait for a minute.
    let dev = home.dev();
    let api = dev.api(&home.token(ALICE));
    let again = eventually("the repaired row", || Some(made.seen(&api)).filter(|it| it["status"] == "ready"));
    assert_eq!(again, ready);
    assert!(home.log().contains("a row had missed events: repaired"));
}
