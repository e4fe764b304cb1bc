//! The same on the embedded DynamoDB, and what a token costs there, in requests.

use std::sync::Arc;

use serde_json::{Value, json};
use skafu_events::{AggregateKind, StreamId};
use skafu_forge::blobs::MemoryBlobs;
use skafu_functions::commands::Commands;
use skafu_functions::graphql::Graphql;
use skafu_functions::http::CONSISTENCY_TOKEN;
use skafu_functions::rendering::Renderers;
use skafu_graphql::{GraphqlApi, Settings};
use skafu_store::{CountingMeter, DynamoEventStore, DynamoViewStore, EventStore};
use skafu_views::NAMES;
use uuid::Uuid;

use crate::dynamo;
use crate::support::{Answer, TickingClock, acme, alice, command_event, graphql_event, show_in};

/// The tables of DynamoDB behind both functions; the requests of questions are counted.
struct Tables {
    commands: Commands,
    events: Arc<DynamoEventStore>,
    views: Arc<DynamoViewStore>,
    meter: Arc<CountingMeter>,
    graphql: Graphql,
}

impl Tables {
    async fn new() -> Self {
        let (client, meter) = (dynamo::dynamodb().await, Arc::new(CountingMeter::default()));
        let events = DynamoEventStore::new(client.clone(), "events").with_meter(meter.clone());
        let views = DynamoViewStore::new(client, "views").with_meter(meter.clone());
        let (events, views) = (Arc::new(events), Arc::new(views));
        let clock = Arc::new(TickingClock::default());
        let commands =
            Commands::new(events.clone(), Arc::new(MemoryBlobs::default()), clock, Renderers::trusting());
        let commands = commands.with_tokens(views.clone());
        let api = GraphqlApi::new(views.clone(), events.clone(), Settings::default());
        let api = api.with_clock(|| "2025-01-18T11:00:00Z".parse().unwrap());
        Self { commands, events, views, meter, graphql: Graphql::new(Arc::new(api)) }
    }

    /// Sends a command about a template; the token of its answer.
    async fn send(&self, token: Option<&str>, command: &str, data: Value) -> String {
        let body = json!({ "commandId": Uuid::now_v7(), "data": data }).to_string();
        let mut event = command_event(Some(&alice()), "template", command, &body);
        if let Some(token) = token {
            event["headers"][CONSISTENCY_TOKEN] = json!(token);
        }
        let answer = Answer::from(self.commands.handle(event).await.unwrap());
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["consistencyToken"].as_str().unwrap().to_owned()
    }

    async fn show(&self, id: &str) {
        let stream = StreamId::new(acme(), AggregateKind::Template, id).unwrap();
        let commits = self.events.load_after(&stream, 0).await.unwrap();
        for view in NAMES {
            for commit in &commits {
                show_in(view, &*self.views, commit).await;
            }
        }
    }

    /// The data of the answer, and the requests it took.
    async fn ask(&self, token: Option<&str>, query: &str) -> (Value, Vec<&'static str>) {
        let mut event = graphql_event(Some(&alice()), &json!({ "query": query }).to_string());
        if let Some(token) = token {
            event["headers"][CONSISTENCY_TOKEN] = json!(token);
        }
        self.meter.take();
        let response = self.graphql.handle(&serde_json::from_value(event).unwrap()).await;
        let answer = Answer::from(serde_json::to_value(response).unwrap());
        assert_eq!(answer.status, 200, "{}", answer.body);
        let requests = self.meter.take().iter().map(|it| it.operation).collect();
        (answer.body["data"].clone(), requests)
    }
}

const ONE: &str = "{ template(id: \"tiny\") { name } }";
const LIST: &str = "{ templates(limit: 2) { items { id } } }";

#[tokio::test]
async fn what_is_current_costs_nothing_more_and_what_is_behind_one_query() {
    let tables = Tables::new().await;
    let template = |id: &str| json!({ "templateId": id, "name": format!("Template {id}") });
    let mut token = tables.send(None, "CreateTemplate", template("tiny")).await;
    token = tables.send(Some(&token), "CreateTemplate", template("other")).await;
    // Which generation is shown is read once a second, and the clock stands still.
    tables.ask(None, LIST).await;
    // The first question reads the keys, once.
    let (_, first) = tables.ask(Some(&token), "{ __typename }").await;
    assert_eq!(first, ["GetItem"]);

    // One row; the other place a template may stand in is read, too.
    let (data, requests) = tables.ask(Some(&token), ONE).await;
    assert_eq!(data["template"]["name"], "Template tiny", "no view has it yet");
    assert_eq!(requests, ["GetItem", "Query", "GetItem"]);
    let (data, requests) = tables.ask(Some(&token), LIST).await;
    assert_eq!(data["templates"]["items"], json!([{ "id": "other" }, { "id": "tiny" }]));
    assert_eq!(requests, ["BatchGetItem", "Query", "Query", "Query"], "two of them were behind");

    tables.show("tiny").await;
    let (_, requests) = tables.ask(Some(&token), LIST).await;
    assert_eq!(requests, ["BatchGetItem", "Query", "Query"], "one is");
    tables.show("other").await;
    let (data, requests) = tables.ask(Some(&token), ONE).await;
    assert_eq!(data["template"]["name"], "Template tiny");
    assert_eq!(requests, ["GetItem", "GetItem"], "as without a token");
    let (_, requests) = tables.ask(Some(&token), LIST).await;
    assert_eq!(requests, ["BatchGetItem", "Query"]);
    let (data, requests) = tables.ask(None, LIST).await;
    assert_eq!(data["templates"]["items"], json!([{ "id": "other" }, { "id": "tiny" }]));
    assert_eq!(requests, ["Query"]);
}

#[tokio::test]
async fn counters_are_read_between_two_looks_and_only_if_something_is_behind() {
    let tables = Tables::new().await;
    let template = json!({ "templateId": "tiny", "name": "Tiny" });
    tables.send(None, "CreateTemplate", template).await;
    let files = json!({ "templateId": "tiny", "files": [
        { "path": "template.json", "text": "{ \"name\": \"Tiny\" }" }, { "path": "README.md", "text": "Hello" }
    ] });
    tables.send(None, "UploadTemplateFiles", files).await;
    tables.send(None, "PublishTemplate", json!({ "templateId": "tiny" })).await;
    let body = json!({ "commandId": Uuid::now_v7(), "data": { "name": "Shop", "templateId": "tiny" } });
    let event = command_event(Some(&alice()), "project", "CreateProject", &body.to_string());
    let answer = Answer::from(tables.commands.handle(event).await.unwrap());
    assert_eq!(answer.status, 202, "{}", answer.body);
    let token = answer.body["consistencyToken"].as_str().unwrap();
    tables.ask(Some(token), "{ __typename }").await;
    tables.ask(None, "{ me { projectCount } }").await;

    let me = "{ me { projectCount } }";
    let (data, requests) = tables.ask(Some(token), me).await;
    assert_eq!(data["me"]["projectCount"], 1, "no view has it yet");
    assert_eq!(requests, ["BatchGetItem", "Query", "GetItem", "BatchGetItem"]);
    let id = answer.body["aggregateId"].as_str().unwrap();
    let stream = StreamId::new(acme(), AggregateKind::Project, id).unwrap();
    for commit in tables.events.load_after(&stream, 0).await.unwrap() {
        show_in("user", &*tables.views, &commit).await;
    }
    let (data, requests) = tables.ask(Some(token), me).await;
    assert_eq!(data["me"]["projectCount"], 1);
    assert_eq!(requests, ["BatchGetItem", "GetItem"]);
    let list = "{ me { projects { items { name } } } }";
    let (data, _) = tables.ask(Some(token), list).await;
    assert_eq!(data["me"]["projects"]["items"], json!([{ "name": "Shop" }]));
}
