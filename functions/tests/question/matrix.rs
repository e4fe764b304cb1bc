//! Every query × role × owner, other and other tenant: who sees what, and who is told why not.

use crate::support::{Person, Questions, World, ada, alice, bob, vera, zoe};
use serde_json::{Value, json};
use skafu_events::AggregateKind;

#[tokio::test]
async fn every_query_answers_every_role_of_the_tenant_and_nobody_else() {
    let world = World::new().await;
    let id = world.create_project(&alice(), "My Shop", "tiny").await;
    let questions = Questions::of(&world).await;
    let commits = world.commits(AggregateKind::Project, &id);
    let correlation = commits[0].correlation_id;
    let queries = [
        ("query($id: ID!) { project(id: $id) { id } }", json!({ "id": id }), "/project/id"),
        ("{ projects { items { id } } }", json!({}), "/projects/items/0/id"),
        ("{ projectsByUser(userId: \"alice\") { items { id } } }", json!({}), "/projectsByUser/items/0/id"),
        (
            "query($id: ID!) { projectAnalytics(projectId: $id) { projectId } }",
            json!({ "id": id }),
            "/projectAnalytics/projectId",
        ),
        (
            "query($id: ID!) { project(id: $id) { analytics { projectId } } }",
            json!({ "id": id }),
            "/project/analytics/projectId",
        ),
        (
            "query($id: ID!) { projectAsOf(id: $id, at: { version: 1 }) { id } }",
            json!({ "id": id }),
            "/projectAsOf/id",
        ),
        (
            "query($id: ID!) { projectHistory(id: $id) { items { events { data } } } }",
            json!({ "id": id }),
            "/projectHistory/items/0/events/0/data/name",
        ),
        (
            "query($id: ID!) { projectActivity(projectId: $id) { items { commandId } } }",
            json!({ "id": id }),
            "/projectActivity/items/0/commandId",
        ),
        (
            "query($id: ID!) { operation(correlationId: $id) { resourceId } }",
            json!({ "id": correlation }),
            "/operation/resourceId",
        ),
        ("{ user(id: \"alice\") { projects { items { id } } } }", json!({}), "/user/projects/items/0/id"),
        ("{ template(id: \"tiny\") { id } }", json!({}), "/template/id"),
        ("{ templates { items { id } } }", json!({}), "/templates/items/0/id"),
    ];
    let nobody = Person { groups: "[]", ..alice() };
    // Whether the person sees it, and the error they are told.
    let people = [
        ("the owner", alice(), true, None),
        ("another developer", bob(), true, None),
        ("an admin", ada(), true, None),
        ("a viewer", vera(), true, None),
        ("the owner without a role", nobody, false, Some("FORBIDDEN")),
        ("somebody of another tenant", zoe(), false, None),
    ];
    for (query, variables, place) in queries {
        for (who, person, sees, error) in &people {
            let answer = questions.ask(person, query, variables.clone()).await;
            let seen = answer["data"].pointer(place).and_then(Value::as_str);
            let shown = match place {
                place if place.contains("template") => "tiny".to_owned(),
                place if place.contains("History") => "My Shop".to_owned(),
                place if place.contains("Activity") => commits[0].command_id.to_string(),
                _ => id.clone(),
            };
            assert_eq!(seen, sees.then_some(shown.as_str()), "{who}: {query}");
            assert_eq!(answer["errors"][0]["extensions"]["code"].as_str(), *error, "{who}: {query}");
        }
    }
}

/// Everybody who has a role is somebody; what is shown of them is their own.
#[tokio::test]
async fn everybody_with_a_role_sees_themselves() {
    let questions = Questions::of(&World::new().await).await;
    for person in [alice(), bob(), ada(), vera(), zoe()] {
        let answer = questions.ask(&person, "{ me { id email projectCount } }", json!({})).await;
        assert_eq!(answer["data"]["me"]["id"], person.sub, "{answer}");
        assert_eq!(answer["data"]["me"]["projectCount"], 0);
        assert_eq!(answer["data"]["me"]["email"], person.email());
    }
    let nobody = Person { groups: "[]", ..alice() };
    let answer = questions.ask(&nobody, "{ me { id } }", json!({})).await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
}
