//! What can be asked beside the projects themselves: their analytics and activity, operations, templates
//! and people.

use std::sync::Arc;

use crate::support::{Person, Questions, Saga, TINY_FILES, World, ada, alice, bob, project, vera, zoe};
use serde_json::{Value, json};
use skafu_forge::repositories::BundleStore;
use uuid::Uuid;

/// The correlation id of every [`Saga`].
const REQUEST: &str = "0194783e-0000-7000-8000-00000000c0de";

/// A world with one project of Alice's, asked for in [`REQUEST`]; its saga and its id.
async fn requested() -> (World, Saga, String) {
    let world = World::new().await;
    let body = json!({
        "commandId": Uuid::now_v7(), "correlationId": REQUEST, "data": project("My Shop", "tiny")
    });
    let answer = world.post(&alice(), "project", "CreateProject", &body).await;
    let id = answer.body["aggregateId"].as_str().unwrap().to_owned();
    let saga = Saga::new(&world, Arc::new(BundleStore::new(world.blobs.clone())), &id);
    (world, saga, id)
}

async fn made() -> (World, String) {
    let (world, saga, id) = requested().await;
    saga.whole().await;
    (world, id)
}

async fn code(questions: &Questions, query: &str, variables: Value) -> Value {
    questions.ask(&alice(), query, variables).await["errors"][0]["extensions"]["code"].clone()
}

/// Every item of a list, page by page.
async fn pages(questions: &Questions, person: &Person, query: &str, limit: usize, at: &str) -> Vec<Value> {
    let (mut seen, mut token) = (Vec::new(), Value::Null);
    for _ in 0..20 {
        let variables = json!({ "limit": limit, "nextToken": token });
        let answer = questions.ask(person, query, variables).await;
        let page = answer["data"].pointer(at).unwrap_or_else(|| panic!("{answer}"));
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= limit, "{page}");
        seen.extend(items.clone());
        token = page["nextToken"].clone();
        if token.is_null() {
            return seen;
        }
    }
    panic!("the list does not end")
}

const ANALYTICS: &str = "query($id: ID!, $range: TimeRange) {
    projectAnalytics(projectId: $id, timeRange: $range) {
        projectId
        totals { events commands updates creationAttempts creationsSucceeded creationsFailed archives restores }
        days { date counters { events commands } }
    }
    project(id: $id) { analytics(timeRange: $range) { days { date } } }
}";

#[tokio::test]
async fn the_analytics_of_a_project_are_its_totals_and_its_days() {
    let (world, id) = made().await;
    let questions = Questions::of(&world).await;
    let answer = questions.ask(&vera(), ANALYTICS, json!({ "id": id })).await;
    let expected = json!({
        "projectId": id,
        "totals": {
            "events": 5, "commands": 5, "updates": 0, "creationAttempts": 1, "creationsSucceeded": 1,
            "creationsFailed": 0, "archives": 0, "restores": 0
        },
        "days": [{ "date": "2025-01-18", "counters": { "events": 5, "commands": 5 } }]
    });
    assert_eq!(answer["data"]["projectAnalytics"], expected, "{answer}");
    assert_eq!(answer["data"]["project"]["analytics"]["days"], json!([{ "date": "2025-01-18" }]));
}

#[tokio::test]
async fn a_range_shows_the_days_it_touches() {
    let (world, id) = made().await;
    let questions = Questions::of(&world).await;
    let ranges = [
        (json!({ "preset": "LAST_24H" }), 1),
        (json!({ "preset": "LAST_90D" }), 1),
        (json!({ "from": "2025-01-18T23:59:59Z", "to": "2025-01-20T00:00:00Z" }), 1),
        (json!({ "from": "2025-01-01T00:00:00Z", "to": "2025-01-18T00:00:00Z" }), 1),
        (json!({ "from": "2025-01-01T00:00:00Z" }), 1),
        (json!({ "from": "2025-01-01T00:00:00Z", "to": "2025-01-17T23:59:59Z" }), 0),
        (json!({ "from": "2025-01-19T00:00:00Z", "to": "2025-01-20T00:00:00Z" }), 0),
    ];
    for (range, days) in ranges {
        let answer = questions.ask(&alice(), ANALYTICS, json!({ "id": id, "range": range })).await;
        let shown = answer["data"]["projectAnalytics"]["days"].as_array().map(Vec::len);
        assert_eq!(shown, Some(days), "{range}: {answer}");
    }
}

#[tokio::test]
async fn a_range_that_makes_no_sense_is_refused() {
    let (world, id) = made().await;
    let questions = Questions::of(&world).await;
    let ranges = [
        json!({}),
        json!({ "to": "2025-01-18T00:00:00Z" }),
        json!({ "preset": "LAST_7D", "from": "2025-01-18T00:00:00Z" }),
        json!({ "from": "2025-01-18T00:00:00Z", "to": "2025-01-17T00:00:00Z" }),
        json!({ "from": "2023-12-01T00:00:00Z", "to": "2025-01-17T00:00:00Z" }),
    ];
    for range in ranges {
        let code = code(&questions, ANALYTICS, json!({ "id": id, "range": range })).await;
        assert_eq!(code, "VALIDATION_ERROR", "{range}");
    }
}

const ACTIVITY: &str = "query($id: ID!, $limit: Int, $nextToken: String) {
    projectActivity(projectId: $id, limit: $limit, nextToken: $nextToken) {
        items { version userId correlationId events changed failure { step code } }
        nextToken
    }
}";

#[tokio::test]
async fn the_activity_of_a_project_is_told_newest_first_page_by_page() {
    let (world, id) = made().await;
    let questions = Questions::of(&world).await;
    let query = ACTIVITY.replace("$id: ID!, ", "").replace("$id", &format!("\"{id}\""));
    for limit in [1, 2, 3, 4, 100] {
        let items = pages(&questions, &bob(), &query, limit, "/projectActivity").await;
        let versions: Vec<_> = items.iter().map(|item| item["version"].as_u64().unwrap()).collect();
        assert_eq!(versions, [5, 4, 3, 2, 1]);
        assert_eq!(items[2]["events"], json!(["TemplateSelected"]));
        assert_eq!((&items[4]["userId"], &items[0]["userId"]), (&json!("alice"), &json!("system:saga")));
        assert!(items.iter().all(|item| item["correlationId"] == REQUEST));
    }
}

#[tokio::test]
async fn a_place_in_another_list_is_no_token_of_this_one() {
    let (world, id) = made().await;
    let questions = Questions::of(&world).await;
    for token in ["", "%%%", "Uk9X", "UFJPSkVDVCMx"] {
        let code = code(&questions, ACTIVITY, json!({ "id": id, "nextToken": token })).await;
        assert_eq!(code, "VALIDATION_ERROR", "{token}");
    }
}

const OPERATION: &str = "query($id: ID!) { operation(correlationId: $id) {
    correlationId status resourceId startedAt endedAt
    steps { name at attempt status error { code } } error { code message step }
} }";

#[tokio::test]
async fn an_operation_tells_how_far_a_request_got() {
    let (world, saga, id) = requested().await;
    let ask = async || {
        let answer = Questions::of(&world).await.ask(&vera(), OPERATION, json!({ "id": REQUEST })).await;
        answer["data"]["operation"].clone()
    };
    let accepted = ask().await;
    assert_eq!((&accepted["status"], &accepted["steps"]), (&json!("accepted"), &json!([])));
    saga.until_repository().await;
    let running = ask().await;
    assert_eq!((&running["status"], &running["endedAt"]), (&json!("running"), &Value::Null));
    saga.whole().await;
    let done = ask().await;
    assert_eq!((&done["status"], &done["resourceId"]), (&json!("succeeded"), &json!(id)));
    assert_eq!((&done["correlationId"], &done["error"]), (&json!(REQUEST), &Value::Null));
    assert_eq!(done["endedAt"], done["steps"][5]["at"]);
    let names: Vec<_> =
        done["steps"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(
        names,
        [
            "BeginProvisioning",
            "SelectTemplate",
            "RenderTemplate",
            "CreateRepository",
            "ConfigureRepository",
            "ConfigureProject"
        ]
    );
}

#[tokio::test]
async fn an_operation_that_failed_says_where_and_why() {
    let (world, saga, _) = requested().await;
    saga.until_repository().await;
    saga.undo(&Saga::failure("ConfigureProject", "Rejected", "no luck")).await;
    let answer = Questions::of(&world).await.ask(&alice(), OPERATION, json!({ "id": REQUEST })).await;
    let operation = &answer["data"]["operation"];
    let why = json!({ "code": "Rejected", "message": "no luck", "step": "ConfigureProject" });
    assert_eq!((&operation["status"], &operation["error"]), (&json!("compensated"), &why), "{answer}");
    let ends: Vec<_> = operation["steps"].as_array().unwrap()[4..]
        .iter()
        .map(|step| (step["name"].as_str().unwrap(), step["status"].as_str().unwrap()))
        .collect();
    let expected = [
        ("ConfigureProject", "failed"),
        ("DiscardRepository", "succeeded"),
        ("CompensateProject", "succeeded"),
    ];
    assert_eq!(ends, expected);
}

#[tokio::test]
async fn nothing_is_known_of_a_request_of_nobody_or_of_another_tenant() {
    let (world, _) = made().await;
    let questions = Questions::of(&world).await;
    for (person, id) in [(zoe(), REQUEST), (alice(), "0194783e-0000-7000-8000-000000000bad"), (alice(), "#")]
    {
        let answer = questions.ask(&person, OPERATION, json!({ "id": id })).await;
        assert_eq!(answer, json!({ "data": { "operation": null } }));
    }
}

const TEMPLATES: &str = "query($limit: Int, $nextToken: String) {
    templates(limit: $limit, nextToken: $nextToken) { items { id shared status } nextToken }
}";

#[tokio::test]
async fn the_tenants_templates_are_listed_before_the_shared_ones() {
    let world = World::empty();
    world.publish_builtin("sam-python-api").await;
    for id in ["one", "two", "three"] {
        world.publish(&alice(), id, TINY_FILES).await;
    }
    let draft = json!({ "templateId": "four", "name": "Four" });
    assert_eq!(world.send(&bob(), "template", "CreateTemplate", draft).await.status, 200);
    let questions = Questions::of(&world).await;
    let ids = |items: Vec<Value>| -> Vec<String> {
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    for limit in [1, 2, 3, 4, 5, 100] {
        let own = pages(&questions, &vera(), TEMPLATES, limit, "/templates").await;
        assert_eq!((&own[0]["status"], &own[4]["shared"]), (&json!("draft"), &json!(true)));
        assert_eq!(ids(own), ["four", "three", "two", "one", "sam-python-api"], "{limit}");
        let others = pages(&questions, &zoe(), TEMPLATES, limit, "/templates").await;
        assert_eq!(ids(others), ["sam-python-api"]);
    }
    let code = code(&questions, TEMPLATES, json!({ "nextToken": "X3NoYXJlZCMuLi94" })).await;
    assert_eq!(code, "VALIDATION_ERROR");
}

#[tokio::test]
async fn a_template_is_the_tenants_own_unless_only_the_shared_one_can_be_used() {
    let world = World::empty();
    world.publish_builtin("sam-python-api").await;
    let query =
        "{ template(id: \"sam-python-api\") { shared status type fileCount parameters { name type } } }";
    let shared = async || {
        Questions::of(&world).await.ask(&alice(), query, json!({})).await["data"]["template"].clone()
    };
    assert_eq!((&shared().await["shared"], &shared().await["type"]), (&json!(true), &json!("project")));
    let draft = json!({ "templateId": "sam-python-api", "name": "Mine" });
    assert_eq!(world.send(&alice(), "template", "CreateTemplate", draft).await.status, 200);
    assert_eq!(shared().await["shared"], true);
    let files = json!({ "templateId": "sam-python-api", "files": crate::support::text_files(TINY_FILES) });
    assert_eq!(world.send(&alice(), "template", "UploadTemplateFiles", files).await.status, 200);
    let publish = json!({ "templateId": "sam-python-api" });
    assert_eq!(world.send(&alice(), "template", "PublishTemplate", publish).await.status, 200);
    let own = shared().await;
    assert_eq!((&own["shared"], &own["fileCount"]), (&json!(false), &json!(2)));
    let parameters = json!([{ "name": "port", "type": "integer" }, { "name": "colour", "type": "choice" }]);
    assert_eq!(own["parameters"], parameters);
}

#[tokio::test]
async fn a_person_has_projects_that_stand_somewhere() {
    let (world, _) = made().await;
    for name in ["Two", "Three"] {
        world.create_project(&alice(), name, "tiny").await;
    }
    let questions = Questions::of(&world).await;
    let query = "query($limit: Int, $nextToken: String) { user(id: \"alice\") {
        id email projectCount projectsByStatus { draft configuring ready failed archived }
        projects(limit: $limit, nextToken: $nextToken) { items { id name status } nextToken }
    } }";
    let answer = questions.ask(&ada(), query, json!({})).await;
    let user = &answer["data"]["user"];
    assert_eq!((&user["projectCount"], &user["email"]), (&json!(3), &Value::Null), "{answer}");
    let standing = json!({ "draft": 2, "configuring": 0, "ready": 1, "failed": 0, "archived": 0 });
    assert_eq!(user["projectsByStatus"], standing);
    for limit in [1, 2, 3] {
        let projects = pages(&questions, &ada(), query, limit, "/user/projects").await;
        let mut names: Vec<_> = projects.iter().map(|it| it["name"].as_str().unwrap()).collect();
        names.sort_unstable();
        assert_eq!(names, ["My Shop", "Three", "Two"]);
    }
    let own = questions.ask(&alice(), query, json!({})).await;
    assert_eq!(own["data"]["user"]["email"], alice().email());
    let stranger = questions.ask(&zoe(), query, json!({})).await;
    assert_eq!(stranger, json!({ "data": { "user": null } }));
}
