//! Every query × role × owner, other and other tenant: who sees a project, and who is told what.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod support;

use serde_json::{Value, json};
use support::{Person, Questions, World, ada, alice, bob, vera, zoe};

#[tokio::test]
async fn every_query_shows_a_project_to_every_role_of_its_tenant_and_to_nobody_else() {
    let world = World::new().await;
    let id = world.create_project(&alice(), "My Shop", "tiny").await;
    let questions = Questions::of(&world).await;
    let queries = [
        ("query($id: ID!) { project(id: $id) { id } }", json!({ "id": id }), "/project/id"),
        ("{ projects { items { id } } }", json!({}), "/projects/items/0/id"),
        ("{ projectsByUser(userId: \"alice\") { items { id } } }", json!({}), "/projectsByUser/items/0/id"),
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
            assert_eq!(seen, sees.then_some(id.as_str()), "{who}: {query}");
            assert_eq!(answer["errors"][0]["extensions"]["code"].as_str(), *error, "{who}: {query}");
        }
    }
}
