//! The `graphql` function: GraphQL over HTTP, as its specification says. Who is nobody we know is told so in
//! problem details, as everywhere; every other answer is one of GraphQL's own.

mod answer;
mod codes;
mod documents;
mod negotiation;
mod operation;
mod refusal;
mod request;

use std::sync::Arc;

use async_graphql::{Request, Response, Variables};
use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use serde_json::Value;
use skafu_graphql::{GraphqlApi, Viewer};
use skafu_store::consistency::Written;

use crate::http::{self, Caller};
use negotiation::MediaType;
use refusal::Refusal;
use request::{Asked, Method};

pub use documents::{
    BlobDocuments, DocumentId, DocumentSource, Documents, MANIFEST_KEY, Manifest, ManifestError,
    MemoryDocuments, SourceError, Trust, UnknownTrust,
};

/// The handler.
pub struct Graphql {
    api: Arc<GraphqlApi>,
    documents: Arc<Documents>,
}

impl Graphql {
    /// A handler of one API, which trusts every document.
    pub fn new(api: Arc<GraphqlApi>) -> Self {
        Self { api, documents: Arc::default() }
    }

    /// The same, with documents that are known beforehand.
    pub fn with_documents(self, documents: Arc<Documents>) -> Self {
        Self { documents, ..self }
    }

    /// `GET` and `POST /graphql`.
    pub async fn handle(&self, request: &ApiGatewayV2httpRequest) -> ApiGatewayV2httpResponse {
        let caller = match http::caller(request) {
            Ok(caller) => caller,
            Err(problem) => return http::refusal(&problem),
        };
        let Some(media_type) = MediaType::accepted(&request.headers) else {
            return answer::refused(MediaType::Json, Refusal::not_acceptable());
        };
        match self.answer(caller, request).await {
            Ok(response) => answer::executed(media_type, &response),
            Err(refusal) => answer::refused(media_type, refusal),
        }
    }

    async fn answer(&self, caller: Caller, request: &ApiGatewayV2httpRequest) -> Result<Response, Refusal> {
        let method = Method::of(request)?;
        let asked = method.read(request)?;
        let query = self.query(method, &asked).await?;
        let token = http::consistency_token(request);
        let written = match token {
            Some(token) => {
                let written = self.api.written(&caller.principal, token).await;
                written.map_err(|error| Refusal::from(crate::Problem::from(error)))?
            }
            None => Written::default(),
        };
        let token = token.map(str::to_owned);
        let viewer = Viewer { principal: caller.principal, email: caller.email, written, token };
        Ok(self.api.execute(viewer, query).await)
    }

    /// The request to execute: its document found, read once, and allowed to come this way.
    async fn query(&self, method: Method, asked: &Asked) -> Result<Request, Refusal> {
        let text = self.documents.text(&asked.document).await?;
        let document = skafu_graphql::read(&text).map_err(Refusal::Request)?;
        self.documents.remember(&asked.document);
        let variables = Variables::from_json(Value::Object(asked.variables.clone()));
        // Which operation is meant may be unclear: who executes it says so, and executes none.
        if let Some(operation) = operation::selected(&document, asked.operation_name.as_deref()) {
            method.allows(operation)?;
        }
        let mut query = Request::new(&*text).variables(variables);
        query.operation_name.clone_from(&asked.operation_name);
        query.set_parsed_query(document);
        Ok(query)
    }
}
