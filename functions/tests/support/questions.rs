use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use skafu_events::AggregateKind;
use skafu_functions::graphql::Graphql;
use skafu_functions::projections::{Projections, projector};
use skafu_graphql::{GraphqlApi, Settings};
use skafu_store::MemoryViewStore;

use super::{Answer, Person, World, bus_event, http_event, messages};

/// The `graphql` function over the world's rows.
pub struct Questions {
    pub views: Arc<MemoryViewStore>,
    pub graphql: Graphql,
}

impl Questions {
    /// Projects everything that has happened, then is ready to answer.
    pub async fn of(world: &World) -> Self {
        let views = Arc::new(MemoryViewStore::default());
        let projections = Projections::new(projector("project", world.store.clone(), views.clone()).unwrap());
        let commits = world.store.all_commits();
        let projects = commits.iter().filter(|commit| commit.stream.kind() == AggregateKind::Project);
        let bodies: Vec<_> =
            projects.flat_map(|commit| commit.envelopes()).map(|event| bus_event(&event)).collect();
        let answer = projections.handle(messages(&bodies)).await;
        assert_eq!(answer.batch_item_failures.len(), 0);
        let settings = Settings { repositories_url: "https://git.example/".to_owned() };
        let api = GraphqlApi::new(views.clone(), world.store.clone(), settings);
        Self { views, graphql: Graphql::new(Arc::new(api)) }
    }

    /// Invokes the function with any event.
    pub async fn invoke(&self, event: Value) -> Answer {
        let response = self.graphql.handle(&serde_json::from_value(event).unwrap()).await;
        Answer::from(serde_json::to_value(response).unwrap())
    }

    /// `POST /graphql` with any body.
    pub async fn post(&self, person: &Person, body: &str) -> Answer {
        self.invoke(graphql_event(Some(person), body)).await
    }

    /// Asks; the whole result.
    pub async fn ask(&self, person: &Person, query: &str, variables: Value) -> Value {
        let answer = self.post(person, &json!({ "query": query, "variables": variables }).to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// `GET /graphql`, its parameters as API Gateway hands them on.
    pub async fn get(&self, person: &Person, parameters: Value) -> Answer {
        let mut event = http_event(Some(person), "GET", "/graphql");
        event["queryStringParameters"] = parameters;
        self.invoke(event).await
    }
}

/// `POST /graphql`.
pub fn graphql_event(person: Option<&Person>, body: &str) -> Value {
    let mut event = http_event(person, "POST", "/graphql");
    event["body"] = json!(STANDARD.encode(body));
    event["isBase64Encoded"] = json!(true);
    event
}
