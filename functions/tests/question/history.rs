//! What the `graphql` function tells of a project's past.

use std::sync::Arc;

use crate::support::{Faults, Person, Questions, Saga, Seen, World, acme, alice, types, vera, zoe};
use serde_json::{Map, Value, json};
use skafu_events::{AggregateKind, StreamId, Timestamp};
use skafu_forge::repositories::BundleStore;
use skafu_store::{Consistency, Draft, EventStore, NewEvent};
use uuid::Uuid;

const FIELDS: &str = "id name description status templateId templateName ownerId userEmail
    configuration { runtime region features environment }
    repository { name cloneUrl defaultBranch initialCommitId }
    failure { code message }
    createdAt updatedAt deploymentCount lastDeployedAt totalEvents successRate";

/// A project, and all that happened to it.
struct Past {
    world: World,
    id: String,
}

impl Past {
    /// Created, made ready, renamed and put away by Alice.
    async fn new() -> Self {
        let world = World::new().await;
        let id = world.create_project(&alice(), "My Shop", "tiny").await;
        Saga::new(&world, Arc::new(BundleStore::new(world.blobs.clone())), &id).whole().await;
        let past = Self { world, id };
        past.manage("UpdateProject", json!({ "name": "Our Shop" })).await;
        past.manage("ArchiveProject", json!({})).await;
        past
    }

    async fn manage(&self, command: &str, mut data: Value) {
        data["projectId"] = json!(self.id);
        let answer = self.world.send(&alice(), "project", command, data).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// An event that no code knows.
    async fn teleport(&self, data: Value) {
        let stream = StreamId::new(acme(), AggregateKind::Project, self.id.as_str()).unwrap();
        let history = self.world.store.load(&stream, Consistency::Strong).await.unwrap();
        let draft = Draft {
            events: vec![NewEvent { event_type: "ProjectTeleported".to_owned(), event_version: 3, data }],
            command_id: Uuid::from_u128(7),
            body_hash: String::new(),
            correlation_id: Uuid::from_u128(8),
            user_id: "alice".to_owned(),
            timestamp: history.commits().last().unwrap().timestamp,
            metadata: Map::new(),
        };
        self.world.store.append(&history, draft, &[]).await.unwrap();
    }

    async fn questions(&self) -> Questions {
        Questions::of(&self.world).await
    }

    async fn as_of(&self, questions: &Questions, at: Value) -> Value {
        let query = format!(
            "query($id: ID!, $at: ProjectMoment!) {{
            projectAsOf(id: $id, at: $at) {{ {FIELDS} }}
        }}"
        );
        questions.ask(&alice(), &query, json!({ "id": self.id, "at": at })).await
    }

    /// The moments of its commits, with the version after each.
    fn moments(&self) -> Vec<(Timestamp, u64)> {
        let commits = self.world.commits(AggregateKind::Project, &self.id);
        commits.iter().map(|commit| (commit.timestamp, commit.last_version())).collect()
    }
}

const HISTORY: &str = "query($id: ID!, $limit: Int, $next: String) {
    projectHistory(id: $id, limit: $limit, nextToken: $next) {
        items { version at userId commandId correlationId events { version type schemaVersion data } }
        nextToken
    }
}";

async fn history(questions: &Questions, person: &Person, id: &str, limit: u32, next: &Value) -> Value {
    let variables = json!({ "id": id, "limit": limit, "next": next });
    questions.ask(person, HISTORY, variables).await
}

fn code(answer: &Value) -> Option<&str> {
    answer["errors"][0]["extensions"]["code"].as_str()
}

#[tokio::test]
async fn a_project_is_shown_as_it_was_shown_right_after_each_command() {
    let world = World::new().await;
    let id = world.create_project(&alice(), "My Shop", "tiny").await;
    let past = Past { world, id };
    let shown_now = async || {
        let query = format!("query($id: ID!) {{ project(id: $id) {{ {FIELDS} }} }}");
        let answer = past.questions().await.ask(&alice(), &query, json!({ "id": past.id })).await;
        (past.moments().last().unwrap().1, answer["data"]["project"].clone())
    };
    let saga = Saga::new(&past.world, Arc::new(BundleStore::new(past.world.blobs.clone())), &past.id);
    let mut shown = vec![shown_now().await];
    saga.whole().await;
    shown.push(shown_now().await);
    for (command, data) in [
        ("UpdateProject", json!({ "name": "Our Shop", "description": "All of it" })),
        ("UpdateProject", json!({ "configuration": { "region": "eu-west-1" } })),
        ("ArchiveProject", json!({})),
        ("RestoreProject", json!({})),
        ("DeleteProject", json!({ "reason": "enough" })),
    ] {
        past.manage(command, data).await;
        shown.push(shown_now().await);
    }
    let names: Vec<_> = shown.iter().map(|(_, project)| project["name"].as_str()).collect();
    assert_eq!((names[0], names[2], names[6]), (Some("My Shop"), Some("Our Shop"), None));

    let questions = past.questions().await;
    for (version, project) in shown {
        let then = past.as_of(&questions, json!({ "version": version })).await;
        assert_eq!(then, json!({ "data": { "projectAsOf": project } }), "version {version}");
    }
}

#[tokio::test]
async fn a_version_inside_a_commit_is_a_version() {
    let mut past = Past::new().await;
    past.id = past.world.stuck("Stuck").await;
    let questions = past.questions().await;
    let commits = past.world.commits(AggregateKind::Project, &past.id);
    let commit = commits.iter().find(|commit| commit.events.len() > 1).unwrap();
    assert_eq!(types(commit), ["ProjectCreationFailed", "ProjectCreationStuck"]);
    let then = past.as_of(&questions, json!({ "version": commit.first_version })).await;
    let project = &then["data"]["projectAsOf"];
    assert_eq!((&project["status"], &project["totalEvents"]), (&json!("failed"), &json!(2)));
}

#[tokio::test]
async fn a_time_shows_what_was_there_by_then() {
    let past = Past::new().await;
    let questions = past.questions().await;
    let moments = past.moments();
    for (at, (time, version)) in moments.iter().enumerate() {
        let until = moments.get(at + 1).map_or(time.date_time() + chrono::TimeDelta::days(9), |next| {
            next.0.date_time() - chrono::TimeDelta::milliseconds(1)
        });
        for time in [*time, until.into()] {
            let then = past.as_of(&questions, json!({ "time": time })).await;
            assert_eq!(then["data"]["projectAsOf"]["totalEvents"], *version, "{time}: {then}");
        }
    }
    let before = Timestamp::from(moments[0].0.date_time() - chrono::TimeDelta::milliseconds(1));
    let then = past.as_of(&questions, json!({ "time": before })).await;
    assert_eq!(then, json!({ "data": { "projectAsOf": null } }));
    // The same moment on another clock's face.
    let far_east = chrono::FixedOffset::east_opt(11 * 3600).unwrap();
    let time = moments[0].0.date_time().with_timezone(&far_east).to_rfc3339();
    assert!(time.ends_with("+11:00"), "{time}");
    let then = past.as_of(&questions, json!({ "time": time })).await;
    assert_eq!(then["data"]["projectAsOf"]["totalEvents"], 1);
}

#[tokio::test]
async fn a_version_that_is_not_there_is_told_with_the_last_that_is() {
    let past = Past::new().await;
    let questions = past.questions().await;
    let last = past.moments().last().unwrap().1;
    let answer = past.as_of(&questions, json!({ "version": last + 1 })).await;
    let error = &answer["errors"][0];
    assert_eq!(answer["data"]["projectAsOf"], Value::Null);
    assert_eq!(error["message"], format!("the project has no version {}: its last is {last}", last + 1));
    assert_eq!(error["extensions"], json!({ "code": "NO_SUCH_VERSION", "lastVersion": last }));
    for version in [0, -1, i32::MIN] {
        let answer = past.as_of(&questions, json!({ "version": version })).await;
        assert_eq!(code(&answer), Some("VALIDATION_ERROR"), "{version}: {answer}");
    }
    for at in [json!({}), json!({ "version": 1, "time": "2025-01-18T10:30:00Z" }), json!({ "time": "now" })] {
        let answer = past.as_of(&questions, at.clone()).await;
        assert!(answer["errors"][0].is_object() && answer["data"].is_null(), "{at}: {answer}");
    }
}

#[tokio::test]
async fn what_was_deleted_is_gone_and_what_it_was_is_not() {
    let past = Past::new().await;
    past.manage("RestoreProject", json!({})).await;
    past.manage("DeleteProject", json!({ "reason": "enough" })).await;
    let questions = past.questions().await;
    let last = past.moments().last().unwrap().1;
    let gone = past.as_of(&questions, json!({ "version": last })).await;
    assert_eq!(gone, json!({ "data": { "projectAsOf": null } }));
    let now = past.as_of(&questions, json!({ "time": "2031-01-01T00:00:00Z" })).await;
    assert_eq!(now, json!({ "data": { "projectAsOf": null } }));
    let before = past.as_of(&questions, json!({ "version": last - 1 })).await;
    assert_eq!(before["data"]["projectAsOf"]["status"], "ready");
    let told = history(&questions, &vera(), &past.id, 1, &Value::Null).await;
    let event = &told["data"]["projectHistory"]["items"][0]["events"][0];
    assert_eq!((&event["type"], &event["version"]), (&json!("ProjectDeleted"), &json!(last)));
}

#[tokio::test]
async fn the_history_tells_every_commit_newest_first_by_pages_of_any_size() {
    let past = Past::new().await;
    let questions = past.questions().await;
    let mut commits = past.world.commits(AggregateKind::Project, &past.id);
    commits.reverse();
    let expected: Vec<Value> = commits
        .iter()
        .map(|commit| {
            let event = |event: skafu_events::Envelope| {
                json!({
                    "version": event.aggregate_version, "type": event.event_type,
                    "schemaVersion": event.event_version, "data": event.data
                })
            };
            json!({
                "version": commit.last_version(), "at": commit.timestamp, "userId": commit.user_id,
                "commandId": commit.command_id, "correlationId": commit.correlation_id,
                "events": commit.envelopes().map(event).collect::<Vec<_>>()
            })
        })
        .collect();
    for limit in 1..=expected.len() as u32 + 1 {
        let (mut told, mut next, mut pages) = (Vec::new(), Value::Null, 0);
        loop {
            let answer = history(&questions, &vera(), &past.id, limit, &next).await;
            let page = &answer["data"]["projectHistory"];
            told.extend(page["items"].as_array().unwrap().clone());
            (next, pages) = (page["nextToken"].clone(), pages + 1);
            if next.is_null() {
                break;
            }
        }
        assert_eq!(told, expected, "by {limit}");
        assert_eq!(pages, told.len().div_ceil(limit as usize), "no page is empty");
    }
}

#[tokio::test]
async fn the_past_is_never_behind_although_the_views_are() {
    let past = Past::new().await;
    let questions = past.questions().await;
    past.manage("RestoreProject", json!({})).await;
    past.world.store.suffer(Faults { lag: 3, ..Faults::default() });
    past.world.store.take_seen();
    let now = past.as_of(&questions, json!({ "time": "2031-01-01T00:00:00Z" })).await;
    assert_eq!(now["data"]["projectAsOf"]["status"], "ready");
    assert_eq!(past.world.store.take_seen(), [Seen::Load(Consistency::Strong)]);
    let told = history(&questions, &alice(), &past.id, 1, &Value::Null).await;
    assert_eq!(told["data"]["projectHistory"]["items"][0]["events"][0]["type"], "ProjectRestored");
    // One for the page and one for whose it is.
    assert_eq!(past.world.store.take_seen(), [Seen::Load(Consistency::Strong); 2]);
}

#[tokio::test]
async fn a_token_that_is_not_ours_is_refused() {
    let mut past = Past::new().await;
    past.id = past.world.stuck("Stuck").await;
    let questions = past.questions().await;
    // In base64: nothing, `x`, `-1`, `0`, `1`, `3` (inside a commit), `10`, and a number beyond any.
    for token in ["", "!", "eA", "LTE", "MA", "MQ", "Mw", "MTA", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5"] {
        let answer = history(&questions, &alice(), &past.id, 5, &json!(token)).await;
        assert_eq!(code(&answer), Some("VALIDATION_ERROR"), "{token}: {answer}");
    }
    for limit in [0, 101] {
        let answer = history(&questions, &alice(), &past.id, limit, &Value::Null).await;
        assert_eq!(code(&answer), Some("VALIDATION_ERROR"), "{limit}: {answer}");
    }
}

#[tokio::test]
async fn another_tenant_s_past_does_not_exist() {
    let past = Past::new().await;
    let questions = past.questions().await;
    let own = history(&questions, &alice(), &past.id, 1, &Value::Null).await;
    let token = own["data"]["projectHistory"]["nextToken"].clone();
    let query = "query($id: ID!, $at: ProjectMoment!) {
        projectAsOf(id: $id, at: $at) { id }
        projectHistory(id: $id) { nextToken }
    }";
    let going_on =
        "query($id: ID!, $next: String) { projectHistory(id: $id, nextToken: $next) { nextToken } }";
    let reaching = format!("acme/PROJECT#{}", past.id);
    for id in [past.id.as_str(), &reaching, "../acme", "", "#", "nobody"] {
        // A version beyond the last tells nothing either.
        for version in [1, 999] {
            let variables = json!({ "id": id, "at": { "version": version } });
            let answer = questions.ask(&zoe(), query, variables).await;
            assert_eq!(answer, json!({ "data": { "projectAsOf": null, "projectHistory": null } }), "{id}");
        }
        // A token from there is refused alike whatever is asked for; one by an id that is none is not looked at.
        let answer = questions.ask(&zoe(), going_on, json!({ "id": id, "next": token })).await;
        assert_eq!(answer["data"]["projectHistory"], Value::Null, "{id}");
    }
}

#[tokio::test]
async fn an_event_nobody_knows_hides_nothing_that_came_before_it() {
    let past = Past::new().await;
    let questions = past.questions().await;
    let last = past.moments().last().unwrap().1;
    past.teleport(json!({ "to": ["far", { "away": null }] })).await;
    let before = past.as_of(&questions, json!({ "version": last })).await;
    assert_eq!(before["data"]["projectAsOf"]["status"], "archived");
    let after = past.as_of(&questions, json!({ "version": last + 1 })).await;
    assert_eq!(code(&after), Some("INTERNAL"), "{after}");
    let told = history(&questions, &alice(), &past.id, 1, &Value::Null).await;
    assert_eq!(
        told["data"]["projectHistory"]["items"][0]["events"],
        json!([{
            "version": last + 1, "type": "ProjectTeleported", "schemaVersion": 3,
            "data": { "to": ["far", { "away": null }] }
        }])
    );
}

/// What a function answers has 6 MB at most.
#[tokio::test]
async fn a_page_that_would_be_too_large_to_send_ends_early() {
    const MB: usize = 1_000_000;
    let past = Past::new().await;
    let questions = past.questions().await;
    let first = past.moments().last().unwrap().1 + 1;
    for size in [1, 1, 1, 5, 1, 1] {
        past.teleport(json!({ "text": "x".repeat(size * MB) })).await;
    }
    let (mut pages, mut next) = (Vec::new(), Value::Null);
    while pages.is_empty() || !next.is_null() {
        let answer = history(&questions, &alice(), &past.id, 100, &next).await;
        let page = &answer["data"]["projectHistory"];
        assert!(page.to_string().len() < 6 * MB);
        let versions = page["items"].as_array().unwrap().iter().map(|it| it["version"].as_u64().unwrap());
        pages.push(versions.collect::<Vec<_>>());
        next = page["nextToken"].clone();
    }
    let [a, b, c, d, e, f] = [0, 1, 2, 3, 4, 5].map(|at| first + at);
    assert_eq!(pages[..3], [vec![f, e], vec![d], vec![c, b]]);
    assert_eq!((pages[3][0], pages.len()), (a, 4));
}

#[tokio::test]
async fn a_store_that_does_not_answer_is_said_to_be_worth_another_try() {
    let past = Past::new().await;
    let questions = past.questions().await;
    past.world.store.suffer(Faults { outages: 2, ..Faults::default() });
    let as_of = past.as_of(&questions, json!({ "version": 1 })).await;
    let told = history(&questions, &alice(), &past.id, 1, &Value::Null).await;
    assert_eq!((code(&as_of), code(&told)), (Some("RETRYABLE_ERROR"), Some("RETRYABLE_ERROR")));
}

#[tokio::test]
async fn one_question_may_look_back_a_few_times_and_no_more() {
    let past = Past::new().await;
    let questions = past.questions().await;
    let ask = async |times: usize| {
        let looks =
            (0..times).map(|at| format!("p{at}: projectAsOf(id: $id, at: {{ version: 1 }}) {{ id }} "));
        let query = format!("query($id: ID!) {{ {} }}", looks.collect::<String>());
        questions.ask(&alice(), &query, json!({ "id": past.id })).await
    };
    let few = ask(20).await;
    assert_eq!(few["data"]["p19"]["id"], json!(past.id));
    let many = ask(30).await;
    assert!(many["data"].is_null() && many["errors"][0].is_object(), "{many}");
}
