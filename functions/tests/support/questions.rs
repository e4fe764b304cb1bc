use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use skafu_events::{Commit, Envelope, Timestamp};
use skafu_functions::command_sender::GatewaySender;
use skafu_functions::gateway::{CommandGateway, DirectGateway};
use skafu_functions::graphql::Graphql;
use skafu_functions::http::CONSISTENCY_TOKEN;
use skafu_graphql::{GraphqlApi, Settings};
use skafu_store::keyring::Keyring;
use skafu_store::{Consistency, Index, IndexKey, MemoryViewStore, Row, RowChange, RowKey, ViewStore};
use skafu_views::{
    ActivityView, AnalyticsView, Change, FIRST_GENERATION, Keys, NAMES, OperationView, Place, Placement,
    ProjectView, ROW, Step, TemplateView, UserView, View,
};

use super::{Answer, Person, World, http_event};

/// The `graphql` function over the world's rows.
pub struct Questions {
    pub views: Arc<MemoryViewStore>,
    pub graphql: Graphql,
}

impl Questions {
    /// Projects everything that has happened, then is ready to answer.
    pub async fn of(world: &World) -> Self {
        let views = Arc::new(MemoryViewStore::default());
        for commit in &world.store.all_commits() {
            for view in NAMES {
                show_in(view, &*views, commit).await;
            }
        }
        make_keys(views.clone()).await;
        Self::over(world, views.clone(), views)
    }

    /// Ready to answer from rows as they stand. `read` is how they are read.
    pub fn over(world: &World, views: Arc<MemoryViewStore>, read: Arc<dyn ViewStore>) -> Self {
        Self::sending(world, views, read, Arc::new(DirectGateway(world.commands.clone())))
    }

    /// The same, whose mutations go that way.
    pub fn sending(
        world: &World,
        views: Arc<MemoryViewStore>,
        read: Arc<dyn ViewStore>,
        gateway: Arc<dyn CommandGateway>,
    ) -> Self {
        let settings = Settings { repositories_url: "https://git.example/".to_owned(), introspection: true };
        let api = GraphqlApi::new(read, world.store.clone(), settings);
        let api = api.with_commands(Arc::new(GatewaySender(gateway))).with_clock(half_an_hour_later);
        Self { views, graphql: Graphql::new(Arc::new(api)) }
    }

    /// Invokes the function with any event.
    pub async fn invoke(&self, event: Value) -> Answer {
        let response = self.graphql.handle(&serde_json::from_value(event).unwrap()).await;
        Answer::from(serde_json::to_value(response).unwrap())
    }

    /// Asks, with the token of what the person has written; the whole result.
    pub async fn ask_after(&self, person: &Person, token: &str, query: &str, variables: Value) -> Value {
        let body = json!({ "query": query, "variables": variables }).to_string();
        let mut event = graphql_event(Some(person), &body);
        event["headers"][CONSISTENCY_TOKEN] = json!(token);
        let answer = self.invoke(event).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
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

/// What a deployment makes, so that lists can be read on.
pub async fn make_keys(views: Arc<MemoryViewStore>) {
    Keyring::new(views).renew(half_an_hour_later()).await.unwrap();
}

/// `POST /graphql`.
pub fn graphql_event(person: Option<&Person>, body: &str) -> Value {
    let mut event = http_event(person, "POST", "/graphql");
    event["body"] = json!(STANDARD.encode(body));
    event["isBase64Encoded"] = json!(true);
    event
}

/// After everything that happens in a world: its clock begins at half past ten.
fn half_an_hour_later() -> Timestamp {
    serde_json::from_value(json!("2025-01-18T11:00:00.123Z")).unwrap()
}

/// Leaves the rows of one view that one more commit leads to.
pub async fn show_in(view: &str, views: &dyn ViewStore, commit: &Commit) {
    match view {
        ProjectView::NAME => show::<ProjectView>(views, commit).await,
        UserView::NAME => show::<UserView>(views, commit).await,
        AnalyticsView::NAME => show::<AnalyticsView>(views, commit).await,
        TemplateView::NAME => show::<TemplateView>(views, commit).await,
        ActivityView::NAME => show::<ActivityView>(views, commit).await,
        OperationView::NAME => show::<OperationView>(views, commit).await,
        _ => panic!("there is no view {view}"),
    }
}

/// Leaves the rows that one more commit leads to: what questions find is the views' own doing, and
/// nothing of how rows are kept in step.
async fn show<V: View>(views: &dyn ViewStore, commit: &Commit) {
    if !V::KINDS.contains(&commit.stream.kind()) {
        return;
    }
    let stream = &commit.stream;
    let keys = Keys::new(stream.tenant(), V::NAME, FIRST_GENERATION);
    let key = RowKey { partition: keys.aggregate(stream), sort: ROW.to_owned() };
    let old = views.get(&key, Consistency::Strong).await.unwrap();
    let content = old.as_ref().and_then(|row| row.content.clone());
    let before: Option<V::Row> = content.map(|row| serde_json::from_value(row).unwrap());
    let events: Vec<Envelope> = commit.envelopes().collect();
    let after = events.iter().fold(before.clone(), |row, event| V::apply(row, event).unwrap());
    let step = Step { stream, events: &events, before: before.as_ref(), after: after.as_ref() };
    let changes: Vec<RowChange> = V::changes(&keys, step).into_iter().map(written).collect();
    let row = Row {
        key,
        version: commit.last_version(),
        content: after.as_ref().map(|row| json!(row)),
        indexes: after.map(|row| indexes(V::places(&keys, &row))).unwrap_or_default(),
        parked: None,
    };
    views.transact(&row, old.map(|row| row.version), &changes).await.unwrap();
}

fn written(change: Change) -> RowChange {
    match change {
        Change::Put { partition, sort, content, places } => {
            RowChange::Put { key: RowKey { partition, sort }, content, indexes: indexes(places) }
        }
        Change::Delete { partition, sort } => RowChange::Delete(RowKey { partition, sort }),
        Change::Add { partition, sort, counters } => {
            RowChange::Add { key: RowKey { partition, sort }, counters }
        }
    }
}

fn indexes(places: Vec<Placement>) -> Vec<(Index, IndexKey)> {
    let index = |place| match place {
        Place::First => Index::First,
        Place::Second => Index::Second,
    };
    let key = |it: Placement| (index(it.place), IndexKey { partition: it.partition, sort: it.sort });
    places.into_iter().map(key).collect()
}
