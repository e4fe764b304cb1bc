//! The Lambda function: what it needs is built once, then it answers one request after the other.

use api::dynamo::DynamoItems;
use lambda_http::{Error, Request, run, service_fn, tracing};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing::init_default_subscriber();
    let items = &DynamoItems::from_environment()?;
    run(service_fn(|request: Request| async move {
        api::routes::answer(items, request).await
    }))
    .await
}
