mod answers;
mod playground;
mod refusals;
mod requests;
mod service;

use std::{collections::BTreeMap, sync::OnceLock, time::Duration};

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
    task::JoinHandle,
};
use uuid::Uuid;

use super::*;
use crate::{
    invoke::FunctionFailure,
    issuer::{Role, TokenRequest},
    stack::Function,
};

/// Answers with what `answer` makes of the event; without it, with the event itself.
struct Fake(fn(Value) -> Result<Value, FunctionFailure>);

#[async_trait]
impl Invoke for Fake {
    async fn invoke(&self, event: Value) -> Result<Value, FunctionFailure> {
        (self.0)(event)
    }
}

fn echo(event: Value) -> Result<Value, FunctionFailure> {
    Ok(
        json!({ "statusCode": 200, "headers": { "content-type": "application/json" }, "body": event.to_string() }),
    )
}

fn stack(routes: &[(&str, &str, bool)]) -> Stack {
    let source = |(method, path, authorized): &(&str, &str, bool)| Source::Http {
        method: (*method).into(),
        path: (*path).into(),
        authorized: *authorized,
    };
    let function = Function {
        logical_id: "Fake".into(),
        name: "skafu-Fake".into(),
        arn: "arn".into(),
        binary: "fake".into(),
        environment: BTreeMap::new(),
        timeout_seconds: 3,
        sources: routes.iter().map(source).collect(),
    };
    Stack { functions: vec![function], ..Stack::default() }
}

const ROUTES: &[(&str, &str, bool)] = &[
    ("POST", "/commands/{context}/{command}", true),
    ("GET", "/graphql", true),
    ("POST", "/graphql", true),
    ("POST", "/open", false),
    ("GET", "/open", false),
];

/// One for all tests: a key takes its time.
fn issuer() -> Arc<Issuer> {
    static ISSUER: OnceLock<Arc<Issuer>> = OnceLock::new();
    let opened = ISSUER.get_or_init(|| {
        let directory = std::env::temp_dir().join(format!("skafu-edge-{}", Uuid::new_v4()));
        std::fs::create_dir(&directory).unwrap();
        let issuer = Arc::new(Issuer::open(&directory).unwrap());
        std::fs::remove_dir_all(&directory).unwrap();
        issuer
    });
    Arc::clone(opened)
}

/// An edge under test, on a port of its own.
struct Running {
    address: SocketAddr,
    issuer: Arc<Issuer>,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<io::Result<()>>,
}

impl Running {
    async fn echoing() -> Self {
        Self::answering(echo).await
    }

    async fn answering(answer: fn(Value) -> Result<Value, FunctionFailure>) -> Self {
        let issuer = issuer();
        let functions = HashMap::from([("Fake".to_owned(), Arc::new(Fake(answer)) as Arc<dyn Invoke>)]);
        let extra = Router::new().route("/extra", axum::routing::get(|| async { "more" }));
        let edge = Edge::new(&stack(ROUTES), &functions, &issuer, extra).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let serving = tokio::spawn(edge.serve(listener, async move { drop(stopped.await) }));
        Self { address, issuer, stop: Some(stop), serving }
    }

    fn token(&self) -> String {
        let request = TokenRequest {
            user: "ada".into(),
            tenant: "acme".into(),
            role: Role::Developer,
            email: None,
            lifetime: Duration::from_secs(60),
        };
        self.issuer.token(&request).unwrap()
    }

    /// Sends `head` (request line and header lines) with `Host`, a token and the body's length, and reads the answer.
    async fn signed(&self, head: &str, body: impl AsRef<[u8]>) -> Answer {
        self.send(&format!("{head}\r\nAuthorization: Bearer {}", self.token()), body).await
    }

    async fn send(&self, head: &str, body: impl AsRef<[u8]>) -> Answer {
        let length = body.as_ref().len();
        let head = format!("{head}\r\nHost: {}\r\nContent-Length: {length}", self.address);
        self.raw(&head, body.as_ref()).await
    }

    async fn raw(&self, head: &str, body: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(format!("{head}\r\nConnection: close\r\n\r\n").as_bytes()).await.unwrap();
        stream.write_all(body).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        Answer::parse(&bytes)
    }
}

#[derive(Debug)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("an HTTP response");
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.map(|line| line.split_once(": ").unwrap());
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        Self { status, headers, body: bytes[end + 4..].to_vec() }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    #[track_caller]
    fn assert_problem(&self, status: u16, code: &str) {
        assert_eq!(
            (self.status, self.header("content-type")),
            (status, Some("application/problem+json")),
            "{self:?}"
        );
        let problem = self.json();
        assert_eq!((&problem["status"], &problem["code"]), (&json!(status), &json!(code)));
        assert_eq!(problem["type"], "about:blank");
        assert!(problem["title"].is_string() && problem["detail"].is_string());
    }
}
