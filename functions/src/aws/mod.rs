//! The adapters to AWS services, and what every Lambda binary does at its start.

mod error_bus;
mod eventbridge;
mod lambda;
mod outcomes;
mod s3;
mod sqs;
mod start;
mod stepfunctions;

pub use error_bus::ErrorBus;
pub use eventbridge::EventBridgePublisher;
pub use lambda::LambdaGateway;
pub use outcomes::SignedUrls;
pub use s3::S3Blobs;
pub use sqs::SqsQueue;
pub use start::{Environment, StartError, served};
pub use stepfunctions::StepFunctions;
