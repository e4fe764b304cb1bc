use std::sync::Arc;

use async_graphql::dataloader::DataLoader;
use async_graphql::{EmptyMutation, EmptySubscription, MergedObject, Request, Response, Schema};
use skafu_domain::Principal;
use skafu_store::{EventStore, ViewStore};

use crate::project::ProjectQueries;
use crate::reader::{Reader, TemplateNames};

/// How deep a query may nest.
pub const MAX_DEPTH: usize = 10;
/// How many fields a query may ask for.
pub const MAX_COMPLEXITY: usize = 500;

/// What differs from one deployment to the next.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What a repository's location is relative to, with its trailing `/`: the clone URL is both together.
    pub repositories_url: String,
}

/// Who asks.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// The signed-in person.
    pub principal: Principal,
    /// Their own e-mail, from their token; shown to nobody else.
    pub email: Option<String>,
}

#[derive(MergedObject, Default)]
pub(crate) struct Query(ProjectQueries);

/// The schema, ready to execute.
pub struct GraphqlApi {
    schema: Schema<Query, EmptyMutation, EmptySubscription>,
    views: Arc<dyn ViewStore>,
    events: Arc<dyn EventStore>,
}

impl GraphqlApi {
    /// An API that reads `views`, and joins what other aggregates know from `events`.
    pub fn new(views: Arc<dyn ViewStore>, events: Arc<dyn EventStore>, settings: Settings) -> Self {
        let schema = Schema::build(Query::default(), EmptyMutation, EmptySubscription)
            .limit_depth(MAX_DEPTH)
            .limit_complexity(MAX_COMPLEXITY)
            .data(settings)
            .finish();
        Self { schema, views, events }
    }

    /// Answers one request of one viewer.
    pub async fn execute(&self, viewer: Viewer, request: Request) -> Response {
        let tenant = viewer.principal.tenant().clone();
        // Per request: a loader remembers what it loaded, and tenants must not share that.
        let names = DataLoader::new(TemplateNames { events: Arc::clone(&self.events), tenant }, tokio::spawn);
        let reader = Reader { views: Arc::clone(&self.views) };
        self.schema.execute(request.data(viewer).data(reader).data(names)).await
    }

    /// The schema in the schema definition language.
    pub fn sdl(&self) -> String {
        self.schema.sdl()
    }
}
