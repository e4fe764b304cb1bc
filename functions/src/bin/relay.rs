//! The `relay` function: where the stack says `HANDLER=redrive` it publishes again what could not be
//! published, else what the stream brings.

use std::sync::Arc;

use aws_lambda_events::dynamodb::Event;
use aws_lambda_events::sqs::SqsEvent;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use skafu_functions::aws::Environment;
use skafu_functions::relay::{Redrive, Relay, RelayQueues};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let environment = Environment::start()?;
    let watched = &environment.watched()?;
    let bus = Arc::new(environment.bus()?);
    if environment.variable("HANDLER").is_ok_and(|handler| handler == "redrive") {
        let redrive = &Redrive::new(environment.events()?, bus);
        let handle = |event: LambdaEvent<SqsEvent>| async move {
            let answer = async { Ok::<_, Error>(redrive.handle(event.payload).await) };
            watched.answer(&event.context.request_id, answer).await
        };
        return run(service_fn(handle)).await;
    }
    let queues = RelayQueues {
        unpublished: Arc::new(environment.queue("UNPUBLISHED_QUEUE")?),
        sweep: Arc::new(environment.queue("SWEEP_QUEUE")?),
    };
    let relay = &Relay::new(bus, queues);
    run(service_fn(|event: LambdaEvent<Event>| async move {
        let answer = async { Ok::<_, Error>(relay.handle(event.payload).await) };
        watched.answer(&event.context.request_id, answer).await
    }))
    .await
}
