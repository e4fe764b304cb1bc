use std::sync::Arc;

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use serde_json::{Map, Value};
use skafu_domain::command::{Answer, Decoded, aggregate_id, decode};
use skafu_domain::project::{Project, ProjectCommand};
use skafu_domain::repository::{Repository, RepositoryCommand};
use skafu_domain::template::{Template, TemplateCommand};
use skafu_domain::{Principal, Violation};
use skafu_events::{AggregateKind, StreamId};
use skafu_forge::blobs::BlobStore;
use skafu_store::consistency::{ConsistencyTokens, Written};
use skafu_store::{EventStore, ViewStore};

use super::execute::{Job, NoFacts, execute};
use super::facts::{ProjectFacts, TemplateFactSource};
use super::session::Session;
use crate::gateway::{CommandAnswer, InternalAnswer, InternalCommand};
use crate::rendering::Renderers;
use crate::{Clock, Problem, http, openapi};

/// An accepted command.
struct Done {
    /// Whether a saga follows.
    answer: Answer,
    told: CommandAnswer,
    stream: StreamId,
}

/// The handler, with everything it needs.
pub struct Commands {
    pub(super) store: Arc<dyn EventStore>,
    pub(super) blobs: Arc<dyn BlobStore>,
    pub(super) clock: Arc<dyn Clock>,
    tokens: Option<ConsistencyTokens>,
    renderers: Renderers,
}

impl Commands {
    /// A handler that appends to `store` and keeps uploaded files in `blobs`.
    /// Templates of tenants are inspected by `renderers`.
    pub fn new(
        store: Arc<dyn EventStore>,
        blobs: Arc<dyn BlobStore>,
        clock: Arc<dyn Clock>,
        renderers: Renderers,
    ) -> Self {
        Self { store, blobs, clock, tokens: None, renderers }
    }

    /// The same handler, with consistency tokens in its answers, under the keys that stand in `views`.
    pub fn with_tokens(self, views: Arc<dyn ViewStore>) -> Self {
        Self { tokens: Some(ConsistencyTokens::new(views)), ..self }
    }

    /// Handles whatever the function is invoked with: an HTTP request, or a command from inside.
    pub async fn handle(&self, event: Value) -> Result<Value, serde_json::Error> {
        // Only the API puts a request context in; it does so always, and no caller can take it away.
        if event.get("requestContext").is_some() {
            return serde_json::to_value(self.handle_http(&serde_json::from_value(event)?).await);
        }
        serde_json::to_value(self.handle_internal(&serde_json::from_value(event)?).await)
    }

    /// `POST /commands/{context}/{command}`: 202 when a saga follows, else 200. `GET /openapi.json`: what can be sent.
    pub async fn handle_http(&self, request: &ApiGatewayV2httpRequest) -> ApiGatewayV2httpResponse {
        // By the route the API found, not by the path: it alone says what was asked of the caller.
        if request.route_key.as_deref() == Some(openapi::ROUTE) {
            return http::json(200, "application/json", openapi::document());
        }
        match self.http(request).await {
            Ok((Answer::Accepted, answer)) => http::json(202, "application/json", &answer),
            Ok((Answer::Done, answer)) => http::json(200, "application/json", &answer),
            Err(problem) => http::refusal(&problem),
        }
    }

    async fn http(&self, request: &ApiGatewayV2httpRequest) -> Result<(Answer, CommandAnswer), Problem> {
        let caller = http::caller(request)?.principal;
        let parameter = |name: &str| request.path_parameters.get(name).map_or("", String::as_str);
        let body = http::body(request)?;
        let session = Session { tokens: self.tokens.as_ref(), clock: &*self.clock, caller: &caller };
        let written = session.before(http::consistency_token(request)).await?;
        let Done { answer, mut told, stream } =
            self.dispatch(&caller, parameter("context"), parameter("command"), &body).await?;
        told.consistency_token = session.after(written, stream, told.version).await;
        Ok((answer, told))
    }

    /// A command from another function: its principal was vouched for by the right to invoke this one.
    pub async fn handle_internal(&self, command: &InternalCommand) -> InternalAnswer {
        match self.internal(command).await {
            Ok(told) => InternalAnswer::Accepted(told),
            Err(problem) => InternalAnswer::Refused(problem),
        }
    }

    async fn internal(&self, command: &InternalCommand) -> Result<CommandAnswer, Problem> {
        let body = command.body.to_string();
        let caller = &command.principal;
        let job = self.dispatch(caller, &command.context, &command.command, body.as_bytes());
        let Some(tokens) = &command.tokens else { return Ok(job.await?.told) };
        let session = Session { tokens: self.tokens.as_ref(), clock: &*self.clock, caller };
        let mut written = Written::default();
        for token in tokens {
            written.merge(session.before(Some(token)).await?);
        }
        let Done { mut told, stream, .. } = job.await?;
        told.consistency_token = session.after(written, stream, told.version).await;
        Ok(told)
    }

    async fn dispatch(
        &self,
        caller: &Principal,
        context: &str,
        name: &str,
        body: &[u8],
    ) -> Result<Done, Problem> {
        let command = decode(context, name, body)?;
        if command.user_id.as_deref().is_some_and(|user| user != caller.user_id()) {
            let detail = "userId is not yours: leave it out, it is taken from your token";
            return Err(Problem::new(403, "FORBIDDEN", "Not allowed", detail));
        }
        let kind = AggregateKind::ALL.into_iter().find(|kind| kind.context() == context);
        let kind = kind.ok_or_else(Problem::internal)?;
        let job = Job {
            store: &*self.store,
            clock: &*self.clock,
            caller,
            command: &command,
            stream: target(caller, kind, &command)?,
        };
        let told = match kind {
            AggregateKind::Project => {
                let facts = ProjectFacts { store: &*self.store, caller };
                execute::<Project>(&job, &typed::<ProjectCommand>(&command)?, &facts).await?
            }
            AggregateKind::Template => {
                let facts = TemplateFactSource { blobs: &*self.blobs, caller, renderers: &self.renderers };
                execute::<Template>(&job, &typed::<TemplateCommand>(&command)?, &facts).await?
            }
            AggregateKind::Repository => {
                execute::<Repository>(&job, &typed::<RepositoryCommand>(&command)?, &NoFacts).await?
            }
        };
        Ok(Done { answer: command.spec.answer, told, stream: job.stream })
    }
}

/// The command in its own type. Its schema has passed, so what fails here is one the schema misses.
fn typed<C: serde::de::DeserializeOwned>(command: &Decoded) -> Result<C, Problem> {
    let named = Map::from_iter([
        ("command".to_owned(), Value::from(command.spec.name)),
        ("data".to_owned(), command.data.clone()),
    ]);
    serde_json::from_value(Value::Object(named))
        .map_err(|error| Problem::invalid(vec![Violation::new("/data", "type", error.to_string())]))
}

/// The stream the command is for: its target's in the caller's tenant, or a new one's.
fn target(caller: &Principal, kind: AggregateKind, command: &Decoded) -> Result<StreamId, Problem> {
    let field = match kind {
        AggregateKind::Project | AggregateKind::Repository => "projectId",
        AggregateKind::Template => "templateId",
    };
    let id = if command.spec.name == "CreateProject" {
        aggregate_id(caller, command.command_id).to_string()
    } else {
        command.data.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    StreamId::new(caller.tenant().clone(), kind, id).map_err(|error| {
        Problem::invalid(vec![Violation::new(format!("/data/{field}"), "format", error.to_string())])
    })
}
