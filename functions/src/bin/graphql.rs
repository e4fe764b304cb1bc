//! The `graphql` function.

use std::sync::Arc;

use aws_lambda_events::apigw::ApiGatewayV2httpRequest;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use skafu_functions::aws::Environment;
use skafu_functions::command_sender::GatewaySender;
use skafu_functions::graphql::Graphql;
use skafu_graphql::{GraphqlApi, Settings};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::start()?;
    let watched = &environment.watched()?;
    let settings = Settings {
        repositories_url: environment.variable("REPOSITORIES_URL").unwrap_or_default(),
        // Told only where the stack says so.
        introspection: environment.variable("INTROSPECTION").is_ok_and(|it| it == "true"),
    };
    let commands = Arc::new(GatewaySender(Arc::new(environment.gateway()?)));
    let api = GraphqlApi::new(environment.views()?, environment.events()?, settings).with_commands(commands);
    let graphql = &Graphql::new(Arc::new(api));
    let handle = |event: LambdaEvent<ApiGatewayV2httpRequest>| async move {
        let answer = async { Ok::<_, Error>(graphql.handle(&event.payload).await) };
        watched.answer(&event.context.request_id, answer).await
    };
    run(service_fn(handle)).await
}
