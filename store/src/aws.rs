//! How every AWS client of the project is set up: by hand, from the environment, for fast cold starts.

use std::env;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::{Provider, rustls_provider::CryptoMode};
use aws_types::SdkConfig;
use aws_types::region::Region;

/// Where the clients connect to and as whom.
#[derive(Debug, Clone)]
pub struct Connection {
    /// The AWS region.
    pub region: String,
    /// Another endpoint than the region's own: an emulator's.
    pub endpoint: Option<String>,
    /// The credentials every request is signed with.
    pub credentials: Credentials,
}

/// The environment lacks what a client needs.
#[derive(Debug, thiserror::Error)]
#[error("the environment variable {0} is not set")]
pub struct MissingVariable(pub &'static str);

impl Connection {
    /// What Lambda puts into a function's environment. `AWS_ENDPOINT_URL` leads to an emulator.
    pub fn from_environment() -> Result<Self, MissingVariable> {
        let variable = |name| env::var(name).map_err(|_| MissingVariable(name));
        let credentials = Credentials::new(
            variable("AWS_ACCESS_KEY_ID")?,
            variable("AWS_SECRET_ACCESS_KEY")?,
            env::var("AWS_SESSION_TOKEN").ok(),
            None,
            "environment",
        );
        let region = env::var("AWS_REGION").or_else(|_| variable("AWS_DEFAULT_REGION"))?;
        Ok(Self { region, endpoint: env::var("AWS_ENDPOINT_URL").ok(), credentials })
    }

    /// The emulated cloud on this machine. It checks no signatures, so the credentials are no secret.
    pub fn local(endpoint: impl Into<String>) -> Self {
        let credentials = Credentials::new("local", "local", None, None, "local");
        Self { region: "local".to_owned(), endpoint: Some(endpoint.into()), credentials }
    }

    /// The configuration any AWS client can be made from.
    pub fn sdk_config(&self) -> SdkConfig {
        let plain = self.endpoint.as_ref().is_some_and(|endpoint| endpoint.starts_with("http://"));
        let http = if plain {
            Builder::new().build_http()
        } else {
            Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https()
        };
        let mut config = SdkConfig::builder()
            .behavior_version(aws_sdk_dynamodb::config::BehaviorVersion::latest())
            .region(Region::new(self.region.clone()))
            .credentials_provider(SharedCredentialsProvider::new(self.credentials.clone()))
            .sleep_impl(TokioSleep::new())
            .timeout_config(timeouts())
            .http_client(http);
        config.set_endpoint_url(self.endpoint.clone());
        config.build()
    }

    /// A client of DynamoDB.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.sdk_config())
    }
}

/// A request that nobody answers must not last until its function is ended: whoever asked could not even
/// say so. Calls of other functions, which take longer, set their own.
fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(2))
        .operation_attempt_timeout(Duration::from_secs(8))
        .build()
}
