//! A reverse proxy that asks DynamoDB what each request costs, and adds it up: the same for every client.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_LENGTH, HOST, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::Failure;

/// What a number of requests cost.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Cost {
    /// Requests by operation.
    pub requests: BTreeMap<String, u64>,
    /// Write capacity units.
    pub writes: f64,
    /// Read capacity units.
    pub reads: f64,
    /// Requests that were answered with anything but 200.
    pub failures: u64,
}

impl Cost {
    /// Requests of all operations.
    pub fn total(&self) -> u64 {
        self.requests.values().sum()
    }

    /// Both together.
    pub fn add(&mut self, other: &Self) {
        for (operation, count) in &other.requests {
            *self.requests.entry(operation.clone()).or_default() += count;
        }
        self.writes += other.writes;
        self.reads += other.reads;
        self.failures += other.failures;
    }
}

/// The proxy's account.
#[derive(Debug, Clone, Default)]
pub struct Account(Arc<Mutex<Cost>>);

impl Account {
    /// What was spent since the last call.
    pub fn take(&self) -> Cost {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn enter(&self, operation: &str, units: f64, ok: bool) {
        let mut cost = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *cost.requests.entry(operation.to_owned()).or_default() += 1;
        let reads = ["Query", "Scan", "GetItem", "BatchGetItem", "TransactGetItems"];
        if reads.contains(&operation) {
            cost.reads += units;
        } else {
            cost.writes += units;
        }
        cost.failures += u64::from(!ok);
    }
}

type Forward = Client<HttpConnector, Full<Bytes>>;

/// Starts the proxy before that DynamoDB.
pub async fn start(upstream: SocketAddr) -> Result<(SocketAddr, Account), Failure> {
    let listener =
        TcpListener::bind("127.0.0.1:0").await.map_err(|error| Failure::new("the proxy's port", error))?;
    let address = listener.local_addr().map_err(|error| Failure::new("the proxy's port", error))?;
    let account = Account::default();
    let forward: Forward = Client::builder(TokioExecutor::new()).build_http();
    let shared = account.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (forward, account) = (forward.clone(), shared.clone());
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let (forward, account) = (forward.clone(), account.clone());
                    async move { Ok::<_, Infallible>(answer(&forward, &account, upstream, request).await) }
                });
                let connection = hyper::server::conn::http1::Builder::new();
                // A client that hangs up is no concern of the proxy's.
                let _ = connection.serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    Ok((address, account))
}

async fn answer(
    forward: &Forward,
    account: &Account,
    upstream: SocketAddr,
    request: Request<Incoming>,
) -> Response<Full<Bytes>> {
    pass(forward, account, upstream, request).await.unwrap_or_else(|error| {
        eprintln!("the proxy could not pass a request on: {error}");
        let mut refusal = Response::new(Full::default());
        *refusal.status_mut() = StatusCode::BAD_GATEWAY;
        refusal
    })
}

type Problem = Box<dyn std::error::Error + Send + Sync>;

async fn pass(
    forward: &Forward,
    account: &Account,
    upstream: SocketAddr,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Problem> {
    let (mut head, body) = request.into_parts();
    let target = head.headers.get("x-amz-target").and_then(|it| it.to_str().ok()).unwrap_or_default();
    let operation = target.rsplit('.').next().unwrap_or_default().to_owned();
    let mut question: Value = serde_json::from_slice(&body.collect().await?.to_bytes())?;
    question["ReturnConsumedCapacity"] = "TOTAL".into();
    let question = serde_json::to_vec(&question)?;
    head.uri = format!("http://{upstream}/").parse()?;
    head.headers.remove(HOST);
    head.headers.insert(CONTENT_LENGTH, HeaderValue::from(question.len()));
    let answer = forward.request(Request::from_parts(head, Full::from(question))).await?;
    let (head, body) = answer.into_parts();
    let body = body.collect().await?.to_bytes();
    let parsed: Value = serde_json::from_slice(&body).unwrap_or_default();
    account.enter(&operation, units(&parsed["ConsumedCapacity"]), head.status == StatusCode::OK);
    Ok(Response::from_parts(head, Full::from(body)))
}

/// One table's, or those of several tables.
fn units(consumed: &Value) -> f64 {
    match consumed {
        Value::Array(tables) => tables.iter().map(units).sum(),
        table => table["CapacityUnits"].as_f64().unwrap_or_default(),
    }
}
