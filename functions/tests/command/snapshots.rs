//! Snapshots behind commands: when they are kept, what is decided from them, and that losing or
//! damaging one changes nothing.

use crate::support::{Answer, Faults, Seen, World, acme, alice};
use serde_json::{Value, json};
use skafu_domain::project::Project;
use skafu_domain::schema;
use skafu_events::{AggregateKind, StreamId};
use skafu_store::{Consistency, EventStore, Snapshot};
use uuid::Uuid;

struct Shop {
    world: World,
    id: String,
}

impl Shop {
    /// A project at version 1.
    async fn new() -> Self {
        let world = World::new().await;
        let id = world.create_project(&alice(), "Shop", "tiny").await;
        Self { world, id }
    }

    fn stream(&self) -> StreamId {
        StreamId::new(acme(), AggregateKind::Project, &*self.id).unwrap()
    }

    fn describing(&self, text: &str) -> Value {
        json!({ "commandId": Uuid::now_v7(), "data": { "projectId": self.id, "description": text } })
    }

    async fn post(&self, body: &Value) -> Answer {
        self.world.post(&alice(), "project", "UpdateProject", body).await
    }

    /// Changes the description that many times; what was sent and answered.
    async fn change(&self, times: usize) -> Vec<(Value, Answer)> {
        let mut sent = Vec::new();
        for _ in 0..times {
            let body = self.describing(&Uuid::now_v7().to_string());
            let answer = self.post(&body).await;
            assert_eq!(answer.status, 200, "{}", answer.body);
            sent.push((body, answer));
        }
        sent
    }

    fn kept(&self) -> usize {
        self.world.store.take_seen().into_iter().filter(|seen| *seen == Seen::Snapshot).count()
    }

    async fn snapshot(&self) -> Option<Snapshot> {
        let (schema, stream) = (schema::<Project>(), self.stream());
        let latest = self.world.store.inner().load_latest(&stream, Consistency::Strong, &schema).await;
        latest.unwrap().snapshot().cloned()
    }

    /// Puts another snapshot in the place of the one there is.
    async fn replace(&self, change: impl FnOnce(&mut Snapshot)) {
        let mut snapshot = self.snapshot().await.unwrap();
        change(&mut snapshot);
        self.world.store.inner().forget_snapshots();
        self.world.store.inner().save_snapshot(&self.stream(), &snapshot).await.unwrap();
    }
}

#[tokio::test]
async fn a_snapshot_is_kept_every_twenty_events() {
    let shop = Shop::new().await;
    shop.change(18).await;
    assert_eq!((shop.kept(), shop.snapshot().await), (0, None));
    shop.change(1).await;
    assert_eq!((shop.kept(), shop.snapshot().await.unwrap().version), (1, 20));
    shop.change(19).await;
    assert_eq!((shop.kept(), shop.snapshot().await.unwrap().version), (0, 20));
    shop.change(1).await;
    assert_eq!((shop.kept(), shop.snapshot().await.unwrap().version), (1, 40));
}

#[tokio::test]
async fn a_snapshot_that_could_not_be_kept_is_kept_with_the_next_command() {
    let shop = Shop::new().await;
    shop.world.store.suffer(Faults { snapshots_lost: 100, ..Faults::default() });
    shop.change(22).await;
    assert_eq!((shop.kept(), shop.snapshot().await), (4, None), "tried each time, and nobody notices");
    shop.world.store.suffer(Faults::default());
    shop.change(1).await;
    assert_eq!((shop.kept(), shop.snapshot().await.unwrap().version), (1, 24));
}

#[tokio::test]
async fn decisions_are_made_from_the_snapshot_s_state() {
    let shop = Shop::new().await;
    let sent = shop.change(25).await;
    // Were the state folded from all events, this would be a change.
    shop.replace(|snapshot| snapshot.state["created"]["name"] = json!("From the snapshot")).await;
    let rename = json!({ "projectId": shop.id, "name": "From the snapshot" });
    let answer = shop.world.send(&alice(), "project", "UpdateProject", rename).await;
    assert_eq!((answer.status, &answer.body["version"]), (200, &json!(26)), "{}", answer.body);
    // What came after the snapshot counts as well.
    let again = json!({ "projectId": shop.id, "description": sent[24].0["data"]["description"] });
    let answer = shop.world.send(&alice(), "project", "UpdateProject", again).await;
    assert_eq!((answer.status, &answer.body["version"]), (200, &json!(26)), "{}", answer.body);
}

#[tokio::test]
async fn a_command_from_before_the_snapshot_is_remembered() {
    let shop = Shop::new().await;
    let sent = shop.change(45).await;
    let commits = shop.world.store.all_commits().len();
    for (body, answer) in [&sent[0], &sent[10], &sent[38], &sent[39], &sent[44]] {
        assert_eq!(&shop.post(body).await, answer);
        let mut other = body.clone();
        other["data"]["description"] = json!("something else");
        shop.post(&other).await.refused(409, "IDEMPOTENCY_MISMATCH");
    }
    assert_eq!(shop.world.store.all_commits().len(), commits);
}

#[tokio::test]
async fn the_window_of_remembered_commands_is_as_long_as_promised() {
    let shop = Shop::new().await;
    // Snapshots at 20, 40, 60, 80: the last one remembers the commands of versions 17 to 80.
    let sent = shop.change(79).await;
    for (body, answer) in &sent[15..] {
        assert_eq!(&shop.post(body).await, answer);
    }
    assert_eq!(shop.post(&sent[14].0).await.body["version"], 81, "beyond the window it is a new command");
}

#[tokio::test]
async fn somebody_else_s_command_of_the_same_id_is_another_command() {
    let shop = Shop::new().await;
    let sent = shop.change(25).await;
    let mut other = sent[3].0.clone();
    other["data"]["description"] = json!("by the administrator");
    let answer = shop.world.post(&crate::support::ada(), "project", "UpdateProject", &other).await;
    assert_eq!((answer.status, &answer.body["version"]), (200, &json!(27)));
}

#[tokio::test]
async fn a_snapshot_of_other_code_is_passed_over_and_replaced() {
    let shop = Shop::new().await;
    shop.change(25).await;
    shop.replace(|snapshot| {
        snapshot.schema = "0123456789abcdef".to_owned();
        snapshot.state["created"]["name"] = json!("Misread");
    })
    .await;
    let same = json!({ "projectId": shop.id, "name": "Shop" });
    let answer = shop.world.send(&alice(), "project", "UpdateProject", same).await;
    assert_eq!((answer.status, &answer.body["version"]), (200, &json!(26)), "nothing to do");
    shop.change(1).await;
    let snapshot = shop.snapshot().await.unwrap();
    assert_eq!((snapshot.version, &snapshot.state["created"]["name"]), (27, &json!("Shop")));
}

#[tokio::test]
async fn a_damaged_state_is_passed_over_and_replaced() {
    for damaged in [json!(null), json!([]), json!({ "status": "ready" }), json!({ "created": 1 })] {
        let shop = Shop::new().await;
        let sent = shop.change(25).await;
        shop.replace(|snapshot| snapshot.state = damaged.clone()).await;
        assert_eq!(shop.post(&sent[3].0).await, sent[3].1);
        shop.change(1).await;
        let snapshot = shop.snapshot().await.unwrap();
        let state: Project = serde_json::from_value(snapshot.state).unwrap();
        assert_eq!((snapshot.version, state.created.unwrap().name.as_str()), (27, "Shop"), "{damaged}");
    }
}

#[tokio::test]
async fn losing_every_snapshot_loses_nothing() {
    let shop = Shop::new().await;
    let sent = shop.change(45).await;
    shop.world.store.inner().forget_snapshots();
    assert_eq!(&shop.post(&sent[0].0).await, &sent[0].1);
    shop.change(1).await;
    assert_eq!(shop.snapshot().await.unwrap().version, 47);
}

#[tokio::test]
async fn an_old_snapshot_on_a_replica_that_lags_is_as_good_as_any() {
    let shop = Shop::new().await;
    let sent = shop.change(45).await;
    for lag in [1, 10, 30, usize::MAX] {
        shop.world.store.suffer(Faults { lag, ..Faults::default() });
        assert_eq!(&shop.post(&sent[44].0).await, &sent[44].1, "lag {lag}");
        shop.change(1).await;
    }
    assert_eq!(shop.world.commits(AggregateKind::Project, &shop.id).last().unwrap().last_version(), 50);
}
