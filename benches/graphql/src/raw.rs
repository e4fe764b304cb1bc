//! async-graphql behind axum, as its own documentation has it: nobody is asked who they are, nothing is limited, and
//! every field is at hand.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{
    ComplexObject, Context, EmptyMutation, EmptySubscription, ID, Object, Schema, SimpleObject,
};
use async_graphql_axum::{GraphQLRequest, GraphQLResponse};
use axum::Router;
use axum::routing::post;
use serde_json::Value;

type Api = Schema<Query, EmptyMutation, EmptySubscription>;

#[derive(SimpleObject, Clone)]
struct Configuration {
    runtime: String,
    region: String,
    features: Vec<String>,
}

#[derive(SimpleObject, Clone)]
struct Repository {
    name: String,
    clone_url: String,
    default_branch: String,
}

#[derive(SimpleObject, Clone)]
struct Template {
    id: ID,
    name: String,
    status: String,
}

#[derive(SimpleObject, Clone)]
struct User {
    id: ID,
    project_count: i64,
}

#[derive(SimpleObject, Clone)]
#[graphql(complex)]
struct Project {
    id: ID,
    name: String,
    description: String,
    status: String,
    created_at: String,
    updated_at: String,
    configuration: Configuration,
    repository: Repository,
    #[graphql(skip)]
    owner_id: String,
    #[graphql(skip)]
    template_id: String,
}

#[ComplexObject]
impl Project {
    async fn template(&self, context: &Context<'_>) -> Option<Template> {
        context.data_unchecked::<Arc<Data>>().templates.get(&self.template_id).cloned()
    }

    async fn owner(&self, context: &Context<'_>) -> Option<User> {
        context.data_unchecked::<Arc<Data>>().owners.get(&self.owner_id).cloned()
    }
}

#[derive(SimpleObject)]
struct ProjectConnection {
    items: Vec<Project>,
    next_token: Option<String>,
}

struct Data {
    projects: Vec<Project>,
    templates: HashMap<String, Template>,
    owners: HashMap<String, User>,
}

struct Query;

#[Object]
impl Query {
    async fn projects(&self, context: &Context<'_>, limit: Option<i32>) -> ProjectConnection {
        let projects = &context.data_unchecked::<Arc<Data>>().projects;
        let limit = limit.unwrap_or(20) as usize;
        let items: Vec<Project> = projects.iter().take(limit).cloned().collect();
        ProjectConnection { items, next_token: (limit < projects.len()).then(|| limit.to_string()) }
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn project(it: &Value) -> Project {
    let (configuration, repository) = (&it["configuration"], &it["repository"]);
    Project {
        id: text(&it["id"]).into(),
        name: text(&it["name"]),
        description: text(&it["description"]),
        status: text(&it["status"]),
        created_at: text(&it["createdAt"]),
        updated_at: text(&it["updatedAt"]),
        configuration: Configuration {
            runtime: text(&configuration["runtime"]),
            region: text(&configuration["region"]),
            features: configuration["features"].as_array().into_iter().flatten().map(text).collect(),
        },
        repository: Repository {
            name: text(&repository["name"]),
            clone_url: text(&repository["cloneUrl"]),
            default_branch: text(&repository["defaultBranch"]),
        },
        owner_id: text(&it["ownerId"]),
        template_id: text(&it["templateId"]),
    }
}

/// `POST /graphql`.
pub fn app(fixture: &Value) -> Router {
    let entries = |name: &str| fixture[name].as_object().into_iter().flatten();
    let template = |(id, it): (&String, &Value)| {
        let template =
            Template { id: id.clone().into(), name: text(&it["name"]), status: text(&it["status"]) };
        (id.clone(), template)
    };
    let owner = |(id, it): (&String, &Value)| {
        let user =
            User { id: id.clone().into(), project_count: it["projectCount"].as_i64().unwrap_or_default() };
        (id.clone(), user)
    };
    let data = Data {
        projects: fixture["projects"].as_array().into_iter().flatten().map(project).collect(),
        templates: entries("templates").map(template).collect(),
        owners: entries("owners").map(owner).collect(),
    };
    let schema: Api = Schema::build(Query, EmptyMutation, EmptySubscription).data(Arc::new(data)).finish();
    let answer = move |request: GraphQLRequest| {
        let schema = schema.clone();
        async move { GraphQLResponse::from(schema.execute(request.into_inner()).await) }
    };
    Router::new().route("/graphql", post(answer))
}
