//! What is created, renamed, archived, restored and deleted is right in every query.

use serde_json::{Value, json};
use skafu_events::AggregateKind;

use crate::lagging::Lagging;
use crate::support::alice;

#[tokio::test]
async fn a_project_is_seen_by_its_creator_before_any_view_has_it() {
    let mut it = Lagging::new().await;
    let id = it.create("Shop").await;
    let list = json!({ "items": [{ "name": "Shop", "status": "draft" }], "nextToken": null });
    assert_eq!(
        it.ask(&id).await["data"],
        json!({
            "project": { "name": "Shop", "status": "draft", "analytics": { "totals": { "commands": 1 } } },
            "projects": list,
            "projectsByUser": list,
            "me": {
                "projectCount": 1,
                "projectsByStatus": { "draft": 1, "ready": 0, "archived": 0 },
                "projects": list
            },
            "projectAnalytics": {
                "totals": { "commands": 1, "updates": 0 },
                "days": [{ "counters": { "commands": 1, "updates": 0 } }]
            },
            "projectActivity": { "items": [{ "version": 1, "events": ["ProjectCreated"] }] },
            "operation": { "status": "accepted", "resourceId": id }
        })
    );
    let stale = it.stale(&id).await;
    let empty = json!({ "items": [], "nextToken": null });
    assert_eq!(stale["data"]["project"], Value::Null, "without the token nothing of it is seen");
    assert_eq!(stale["data"]["projects"], empty);
    assert_eq!(stale["data"]["me"]["projectCount"], 0);
    assert_eq!(stale["data"]["operation"], Value::Null);
}

#[tokio::test]
async fn what_its_owner_does_with_it_is_seen_everywhere_at_once() {
    let mut it = Lagging::new().await;
    let id = it.create("Shop").await;
    it.create("Other").await;
    it.make(&id).await;
    it.show().await;

    let seen = async |it: &Lagging| {
        let answer = it.ask(&id).await;
        let data = &answer["data"];
        let of = |list: &Value| {
            let items = list["items"].as_array().unwrap().iter();
            let mut items: Vec<String> =
                items.map(|it| format!("{} {}", it["name"], it["status"]).replace('"', "")).collect();
            items.sort();
            items.join(", ")
        };
        assert_eq!(of(&data["projects"]), of(&data["projectsByUser"]), "{data}");
        assert_eq!(of(&data["projects"]), of(&data["me"]["projects"]), "{data}");
        let by_status = &data["me"]["projectsByStatus"];
        (of(&data["projects"]), format!("{} {by_status}", data["me"]["projectCount"]))
    };
    let counts = |all: u64, draft: u64, ready: u64, archived: u64| {
        format!("{all} {}", json!({ "draft": draft, "ready": ready, "archived": archived }))
    };
    assert_eq!(seen(&it).await, ("Other draft, Shop ready".to_owned(), counts(2, 1, 1, 0)));
    it.send("UpdateProject", json!({ "projectId": id, "name": "Blog" })).await;
    assert_eq!(seen(&it).await, ("Blog ready, Other draft".to_owned(), counts(2, 1, 1, 0)));
    it.send("ArchiveProject", json!({ "projectId": id })).await;
    assert_eq!(seen(&it).await, ("Blog archived, Other draft".to_owned(), counts(2, 1, 0, 1)));
    it.send("RestoreProject", json!({ "projectId": id })).await;
    assert_eq!(seen(&it).await, ("Blog ready, Other draft".to_owned(), counts(2, 1, 1, 0)));
    let answer = it.ask(&id).await;
    assert_eq!(answer["data"]["projectAnalytics"]["totals"]["updates"], 1);
    assert_eq!(answer["data"]["projectAnalytics"]["days"][0]["counters"]["commands"], 8);
    assert_eq!(answer["data"]["projectActivity"]["items"][0]["events"], json!(["ProjectRestored"]));
    it.send("DeleteProject", json!({ "projectId": id, "reason": "over" })).await;
    assert_eq!(seen(&it).await, ("Other draft".to_owned(), counts(1, 1, 0, 0)));
    assert_eq!(it.ask(&id).await["data"]["project"], Value::Null);
    let stale = it.stale(&id).await;
    assert_eq!(stale["data"]["project"]["name"], "Shop", "and nobody else sees any of it yet");
}

#[tokio::test]
async fn an_answer_says_how_current_it_is() {
    let mut it = Lagging::new().await;
    let id = it.create("Shop").await;
    it.show().await;
    let query = "query($id: ID!) { project(id: $id) { name } }";
    let variables = json!({ "id": id });
    let ask = async |it: &Lagging| {
        let token = it.token.as_deref().unwrap();
        it.questions.ask_after(&alice(), token, query, variables.clone()).await["extensions"]["consistency"]
            .clone()
    };
    assert_eq!(ask(&it).await, json!({ "source": "VIEW", "version": 1, "lagMs": 0 }));
    it.send("UpdateProject", json!({ "projectId": id, "name": "Blog" })).await;
    it.send("UpdateProject", json!({ "projectId": id, "name": "Wiki" })).await;
    let told = ask(&it).await;
    let commits = it.world.commits(AggregateKind::Project, &id);
    let now: skafu_events::Timestamp = "2025-01-18T11:00:00.123Z".parse().unwrap();
    let lag = (now.date_time() - commits[1].timestamp.date_time()).num_milliseconds();
    assert_eq!(told, json!({ "source": "CAUGHT_UP", "version": 3, "lagMs": lag }));
    let without = it.questions.ask(&alice(), query, variables).await;
    assert_eq!(
        without["extensions"]["consistency"],
        json!({ "source": "VIEW", "version": 1, "lagMs": null })
    );
    let list = it.questions.ask(&alice(), "{ projects { nextToken } }", json!({})).await;
    assert_eq!(list["extensions"], Value::Null);
}
