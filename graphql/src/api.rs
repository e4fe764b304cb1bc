use std::sync::Arc;

use async_graphql::{EmptyMutation, EmptySubscription, Error, MergedObject, Pos, Request, Response, Schema};
use chrono::Utc;
use skafu_domain::Principal;
use skafu_events::Timestamp;
use skafu_store::consistency::{ConsistencyTokens, Holder, TokenError, Written};
use skafu_store::{EventStore, ViewStore};

use crate::activity::ActivityQueries;
use crate::aliases::Aliases;
use crate::analytics::AnalyticsQueries;
use crate::consistency::{self, CatchUp, Told};
use crate::error;
use crate::operation::OperationQueries;
use crate::project::{PastQueries, ProjectQueries};
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
    /// What they have written and must see: see [`GraphqlApi::written`].
    pub written: Written,
}

#[derive(MergedObject, Default)]
pub(crate) struct Query(
    ProjectQueries,
    PastQueries,
    AnalyticsQueries,
    ActivityQueries,
    OperationQueries,
    TemplateQueries,
    UserQueries,
);

fn refused(error: Error) -> Response {
    Response::from_errors(vec![error.into_server_error(Pos::default())])
}

/// When a request is answered.
pub(crate) struct Now(pub Timestamp);

/// The schema, ready to execute.
pub struct GraphqlApi {
    schema: Schema<Query, EmptyMutation, EmptySubscription>,
    views: Arc<dyn ViewStore>,
    events: Arc<dyn EventStore>,
    tokens: ConsistencyTokens,
    aliases: Arc<Aliases>,
    clock: fn() -> Timestamp,
}

impl GraphqlApi {
    /// An API that reads `views`, and of the past `events`, and takes the time from the machine.
    pub fn new(views: Arc<dyn ViewStore>, events: Arc<dyn EventStore>, settings: Settings) -> Self {
        let schema = Schema::build(Query::default(), EmptyMutation, EmptySubscription)
            .limit_depth(MAX_DEPTH)
            .limit_complexity(MAX_COMPLEXITY)
            .data(settings)
            .data(Arc::clone(&events))
            .finish();
        let tokens = ConsistencyTokens::new(Arc::clone(&views));
        let aliases = Arc::new(Aliases::new(Arc::clone(&views)));
        Self { schema, views, events, tokens, aliases, clock: || Utc::now().into() }
    }

    /// The same API, with another clock.
    pub fn with_clock(self, clock: fn() -> Timestamp) -> Self {
        Self { clock, ..self }
    }

    /// What a consistency token says its holder has written.
    pub async fn written(&self, holder: &Principal, token: &str) -> Result<Written, TokenError> {
        let holder = Holder { tenant: holder.tenant(), user_id: holder.user_id() };
        self.tokens.read(holder, token, (self.clock)()).await
    }

    /// Answers one request of one viewer. Whatever they have written they see, by their own account and by
    /// the tokens in arguments; a token that does not count is the only error then.
    pub async fn execute(&self, mut viewer: Viewer, mut request: Request) -> Response {
        let tokens = consistency::tokens(&mut request);
        for token in &tokens {
            match self.written(&viewer.principal, token).await {
                Ok(written) => viewer.written.merge(written),
                Err(error) => return refused(error::token(&error)),
            }
        }
        let demanding = !tokens.is_empty() || !viewer.written.is_empty();
        let told = Arc::new(Told::default());
        let (views, events) = (Arc::clone(&self.views), Arc::clone(&self.events));
        let catch_up = CatchUp::new(views, events, viewer.written.clone(), Arc::clone(&told));
        let now = (self.clock)();
        let reader = Reader::new(Arc::clone(&self.views), catch_up, Arc::clone(&self.aliases), now);
        let response = self.schema.execute(request.data(viewer).data(reader).data(Now(now))).await;
        match told.extension(demanding, now) {
            Some(consistency) => response.extension("consistency", consistency),
            None => response,
        }
    }

    /// The schema in the schema definition language.
    pub fn sdl(&self) -> String {
        self.schema.sdl()
    }
}
