use std::sync::Arc;

use async_graphql::{EmptyMutation, EmptySubscription, MergedObject, Request, Response, Schema};
use chrono::Utc;
use skafu_domain::Principal;
use skafu_events::Timestamp;
use skafu_store::{EventStore, ViewStore};

use crate::activity::ActivityQueries;
use crate::analytics::AnalyticsQueries;
use crate::operation::OperationQueries;
use crate::project::ProjectQueries;
use crate::reader::Reader;
use crate::template::TemplateQueries;
use crate::user::UserQueries;

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
pub(crate) struct Query(
    ProjectQueries,
    AnalyticsQueries,
    ActivityQueries,
    OperationQueries,
    TemplateQueries,
    UserQueries,
);

/// When a request is answered.
pub(crate) struct Now(pub Timestamp);

/// The schema, ready to execute.
pub struct GraphqlApi {
    schema: Schema<Query, EmptyMutation, EmptySubscription>,
    views: Arc<dyn ViewStore>,
    clock: fn() -> Timestamp,
}

impl GraphqlApi {
    /// An API that reads `views`, and of the past `events`, and takes the time from the machine.
    pub fn new(views: Arc<dyn ViewStore>, events: Arc<dyn EventStore>, settings: Settings) -> Self {
        let schema = Schema::build(Query::default(), EmptyMutation, EmptySubscription)
            .limit_depth(MAX_DEPTH)
            .limit_complexity(MAX_COMPLEXITY)
            .data(settings)
            .data(events)
            .finish();
        Self { schema, views, clock: || Utc::now().into() }
    }

    /// The same API, with another clock.
    pub fn with_clock(self, clock: fn() -> Timestamp) -> Self {
        Self { clock, ..self }
    }

    /// Answers one request of one viewer.
    pub async fn execute(&self, viewer: Viewer, request: Request) -> Response {
        let reader = Reader::new(Arc::clone(&self.views));
        let now = Now((self.clock)());
        self.schema.execute(request.data(viewer).data(reader).data(now)).await
    }

    /// The schema in the schema definition language.
    pub fn sdl(&self) -> String {
        self.schema.sdl()
    }
}
