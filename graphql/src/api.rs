use std::sync::Arc;

use async_graphql::{
    EmptySubscription, Error, ErrorExtensionValues, MergedObject, Pos, Request, Response, Schema, ServerError,
};
use chrono::Utc;
use skafu_domain::Principal;
use skafu_events::Timestamp;
use skafu_store::consistency::{ConsistencyTokens, Holder, TokenError, Written};
use skafu_store::keyring::Keyring;
use skafu_store::page_token::PageTokens;
use skafu_store::{EventStore, ViewStore};

use crate::activity::ActivityQueries;
use crate::admission::{Outline, admit};
use crate::aliases::Aliases;
use crate::analytics::AnalyticsQueries;
use crate::commands::{CommandSender, Nobody};
use crate::consistency::Told;
use crate::error;
use crate::mutation::{CommandError, Mutation};
use crate::operation::OperationQueries;
use crate::project::{PastQueries, ProjectQueries};
use crate::session::{Session, Sources};
use crate::template::TemplateQueries;
use crate::user::UserQueries;

/// What differs from one deployment to the next.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// What a repository's location is relative to, with its trailing `/`: the clone URL is both together.
    pub repositories_url: String,
    /// Whether the schema is told to whoever asks for it.
    pub introspection: bool,
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
    /// The token that says so, as it came; none if none did.
    pub token: Option<String>,
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
    schema: Schema<Query, Mutation, EmptySubscription>,
    outline: Outline,
    introspection: bool,
    views: Arc<dyn ViewStore>,
    events: Arc<dyn EventStore>,
    commands: Arc<dyn CommandSender>,
    tokens: ConsistencyTokens,
    aliases: Arc<Aliases>,
    clock: fn() -> Timestamp,
}

impl GraphqlApi {
    /// An API that reads `views`, and of the past `events`, and takes the time from the machine. It can send no
    /// command: see [`Self::with_commands`].
    pub fn new(views: Arc<dyn ViewStore>, events: Arc<dyn EventStore>, settings: Settings) -> Self {
        let introspection = settings.introspection;
        let keyring = Arc::new(Keyring::new(Arc::clone(&views)));
        let schema = Schema::build(Query::default(), Mutation::default(), EmptySubscription)
            .register_output_type::<CommandError>()
            .data(settings)
            .data(PageTokens::under(Arc::clone(&keyring)))
            .data(Arc::clone(&events));
        // Guesses at what was meant tell the schema, too.
        let schema =
            if introspection { schema } else { schema.disable_introspection().disable_suggestions() };
        let schema = schema.finish();
        let outline = Outline::of(&schema.sdl());
        let tokens = ConsistencyTokens::under(keyring);
        let aliases = Arc::new(Aliases::new(Arc::clone(&views)));
        let commands = Arc::new(Nobody);
        let clock = || Utc::now().into();
        Self { schema, outline, introspection, views, events, commands, tokens, aliases, clock }
    }

    /// The same API, whose mutations send their commands there.
    pub fn with_commands(self, commands: Arc<dyn CommandSender>) -> Self {
        Self { commands, ..self }
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
    /// the tokens in arguments; a token that does not count is the only error then. What is not let in has no
    /// data and an error without a path; what a guard denies has the path of its field.
    pub async fn execute(&self, mut viewer: Viewer, mut request: Request) -> Response {
        let in_arguments = match admit(&self.outline, self.introspection, &viewer, &mut request) {
            Ok(tokens) => tokens,
            Err(refusal) => return Response::from_errors(vec![refusal.into_server_error()]),
        };
        for token in &in_arguments {
            match self.written(&viewer.principal, token).await {
                Ok(written) => viewer.written.merge(written),
                Err(error) => return refused(error::token(&error)),
            }
        }
        let demanding = viewer.token.is_some() || !in_arguments.is_empty() || !viewer.written.is_empty();
        let tokens = viewer.token.iter().cloned().chain(in_arguments).collect();
        let (told, now) = (Arc::new(Told::default()), (self.clock)());
        let (views, events) = (Arc::clone(&self.views), Arc::clone(&self.events));
        let sources =
            Sources { views, events, aliases: Arc::clone(&self.aliases), told: Arc::clone(&told), now };
        let session = Arc::new(Session::new(sources, viewer.written.clone(), tokens));
        let request =
            request.data(viewer).data(Arc::clone(&session)).data(Arc::clone(&self.commands)).data(Now(now));
        let mut response = self.schema.execute(request).await;
        response.errors.iter_mut().for_each(give_a_code);
        let written = session.latest();
        match told.extension(demanding || written.is_some(), now, written) {
            Some(consistency) => response.extension("consistency", consistency),
            None => response,
        }
    }

    /// The schema in the schema definition language.
    pub fn sdl(&self) -> String {
        self.schema.sdl()
    }
}

/// Errors of ours have their code; those that the engine finds have none.
fn give_a_code(error: &mut ServerError) {
    let extensions = error.extensions.get_or_insert_with(ErrorExtensionValues::default);
    if extensions.get("code").is_none() {
        // Before anything is answered there is no field to blame.
        let code = if error.path.is_empty() { "GRAPHQL_VALIDATION_FAILED" } else { "BAD_USER_INPUT" };
        extensions.set("code", code);
    }
}
