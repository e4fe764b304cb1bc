//! The whole `graphql` handler, as its function and the embedded cloud call it, over the twins in memory.

use std::collections::HashMap;
use std::sync::Arc;

use aws_lambda_events::apigw::{
    ApiGatewayRequestAuthorizer, ApiGatewayRequestAuthorizerJwtDescription, ApiGatewayV2httpRequest,
};
use aws_lambda_events::encodings::Body;
use axum::Router;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use skafu_events::{AggregateKind, StreamId, Tenant};
use skafu_functions::graphql::Graphql;
use skafu_graphql::{GraphqlApi, Settings};
use skafu_store::keyring::Keyring;
use skafu_store::{Index, IndexKey, MemoryEventStore, MemoryViewStore, Row, RowChange, RowKey, ViewStore};
use skafu_views::{
    Change, FIRST_GENERATION, Keys, Place, Placement, ProjectRow, ProjectView, ROW, Step, Summary,
    TemplateRow, TemplateView, UserView, View,
};

use crate::Failure;

const TENANT: &str = "acme";

/// `POST /graphql`.
pub async fn app(fixture: &Value) -> Result<Router, Failure> {
    let views = Arc::new(MemoryViewStore::default());
    fill(&*views, fixture).await?;
    Ok(router(views).await?.1)
}

/// The handler over those rows, and its route.
pub async fn router(views: Arc<dyn ViewStore>) -> Result<(Arc<Graphql>, Router), Failure> {
    // As a deployment does.
    Keyring::new(Arc::clone(&views)).renew(chrono::Utc::now().into()).await?;
    let settings = Settings { repositories_url: "https://git.example/".to_owned(), introspection: false };
    let api = GraphqlApi::new(views, Arc::new(MemoryEventStore::default()), settings);
    let graphql = Arc::new(Graphql::new(Arc::new(api)));
    let handler = Arc::clone(&graphql);
    let route =
        post(move |headers: HeaderMap, body: String| async move { answer(&handler, headers, body).await });
    Ok((graphql, Router::new().route("/graphql", route)))
}

async fn answer(graphql: &Graphql, headers: HeaderMap, body: String) -> Response {
    let response = graphql.handle(&event(headers, body)).await;
    let status = u16::try_from(response.status_code).ok().and_then(|it| StatusCode::from_u16(it).ok());
    let body = match response.body {
        Some(Body::Text(text)) => text,
        _ => String::new(),
    };
    (status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), response.headers, body).into_response()
}

/// As API Gateway hands a request on whose token its authorizer has verified.
pub fn event(headers: HeaderMap, body: String) -> ApiGatewayV2httpRequest {
    let claims = [("sub", "person-1"), ("custom:tenant", TENANT), ("cognito:groups", "[Developer]")];
    let claims: HashMap<String, String> =
        claims.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let mut jwt = ApiGatewayRequestAuthorizerJwtDescription::default();
    jwt.claims = claims;
    let mut authorizer = ApiGatewayRequestAuthorizer::default();
    authorizer.jwt = Some(jwt);
    let mut event = ApiGatewayV2httpRequest::default();
    event.request_context.authorizer = Some(authorizer);
    event.request_context.http.method = axum::http::Method::POST;
    event.headers = headers;
    event.headers.entry(header::CONTENT_TYPE).or_insert(header::HeaderValue::from_static("application/json"));
    event.body = Some(body);
    event
}

/// Leaves the rows that the projectors would have left.
pub async fn fill(views: &dyn ViewStore, fixture: &Value) -> Result<(), Failure> {
    let tenant = Tenant::new(TENANT)?;
    for (id, template) in fixture["templates"].as_object().into_iter().flatten() {
        let row: TemplateRow = serde_json::from_value(json!({
            "id": id, "name": template["name"], "type": "project", "ownerId": "person-1", "status": "published",
            "createdAt": "2023-01-01T00:00:00Z", "updatedAt": "2023-01-01T00:00:00Z",
        }))?;
        show::<TemplateView>(views, &StreamId::new(tenant.clone(), AggregateKind::Template, id)?, &row)
            .await?;
    }
    for project in fixture["projects"].as_array().into_iter().flatten() {
        let row = project_row(project)?;
        let stream = StreamId::new(tenant.clone(), AggregateKind::Project, row.id.as_str())?;
        show::<ProjectView>(views, &stream, &row).await?;
    }
    let keys = Keys::new(&tenant, UserView::NAME, FIRST_GENERATION);
    for (id, owner) in fixture["owners"].as_object().into_iter().flatten() {
        let count = owner["projectCount"].as_i64().unwrap_or_default();
        let summary = Summary { projects: count, ready: count, ..Summary::default() };
        let key = RowKey { partition: UserView::of_user(&keys, id), sort: UserView::SUMMARY.to_owned() };
        let content = Some(serde_json::to_value(summary)?);
        let row = Row { key, version: 1, content, indexes: Vec::new(), parked: None };
        views.put(&row, None).await?;
    }
    Ok(())
}

fn project_row(project: &Value) -> Result<ProjectRow, Failure> {
    let name = &project["name"];
    Ok(serde_json::from_value(json!({
        "id": project["id"], "name": name, "description": project["description"], "status": "ready",
        "ownerId": project["ownerId"], "templateId": project["templateId"], "templateTenant": TENANT,
        "configuration": project["configuration"],
        "repository": {
            "repositoryId": project["id"], "name": name, "defaultBranch": "main",
            "location": format!("acme/{}.git", name.as_str().unwrap_or_default()),
            "initialCommitId": "0000000000000000000000000000000000000000",
        },
        "createdAt": project["createdAt"], "updatedAt": project["updatedAt"],
        "deploymentCount": 0, "totalEvents": 5,
    }))?)
}

async fn show<V: View>(views: &dyn ViewStore, stream: &StreamId, row: &V::Row) -> Result<(), Failure> {
    let keys = Keys::new(stream.tenant(), V::NAME, FIRST_GENERATION);
    let step = Step { stream, events: &[], before: None, after: Some(row) };
    let changes: Vec<RowChange> = V::changes(&keys, step).into_iter().map(written).collect();
    let own = Row {
        key: RowKey { partition: keys.aggregate(stream), sort: ROW.to_owned() },
        version: 5,
        content: Some(serde_json::to_value(row)?),
        indexes: indexes(V::places(&keys, row)),
        parked: None,
    };
    Ok(views.transact(&own, None, &changes).await?)
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
    places
        .into_iter()
        .map(|it| (index(it.place), IndexKey { partition: it.partition, sort: it.sort }))
        .collect()
}
