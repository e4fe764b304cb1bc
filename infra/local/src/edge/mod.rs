//! The edge: the stack's HTTP API on a port of this machine, with its JWT authorizer.
//!
//! A matched request becomes an API Gateway event (payload format 2.0) for the route's function, whose answer becomes
//! the response. Requests are refused before any function runs: under a foreign host name (421), on an unknown route
//! (404, 405), without a good token (401), with a body over the limit (413).

mod answer;
mod authorizer;
mod body;
mod event;
mod guard;
mod page;
mod playground;
mod problem;
mod query;
mod route;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeSet, HashMap},
    future::Future,
    io,
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use axum::{
    Router,
    http::{Method, StatusCode},
    middleware,
    response::{IntoResponse, Response},
    routing::{MethodFilter, on},
};
use tokio::{net::TcpListener, sync::oneshot};

pub use body::MAX_BODY_BYTES;

use crate::{
    invoke::Invoke,
    issuer::Issuer,
    stack::{Source, Stack},
};
use problem::Problem;
use route::Route;

/// How long requests under way may take once the edge is told to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Why the API of a stack cannot be offered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EdgeError {
    /// A route leads to a function no one has supplied.
    #[error("{route} leads to {function}, which does not run here")]
    NoFunction {
        /// The route's key.
        route: String,
        /// The function's logical id.
        function: String,
    },
    /// The path belongs to the edge itself or to another route.
    #[error("{0} is taken")]
    Taken(String),
    /// A method no route can have.
    #[error("{0} is no method of a route")]
    Method(String),
}

/// An HTTP API, ready to be served.
pub struct Edge {
    app: Router,
}

impl Edge {
    /// The API of a stack. `functions` are found by logical id; `extra` adds routes that no function serves, which must
    /// not overlap with others and have no fallback of their own.
    pub fn new(
        stack: &Stack,
        functions: &HashMap<String, Arc<dyn Invoke>>,
        issuer: &Arc<Issuer>,
        extra: Router,
    ) -> Result<Self, EdgeError> {
        let mut app = page::router(&issuer.jwks()).merge(playground::router(issuer)).merge(extra);
        let mut taken = BTreeSet::new();
        let mut prefixes = HashMap::new();
        for function in &stack.functions {
            for source in &function.sources {
                let Source::Http { method, path, authorized } = source else { continue };
                let key = format!("{method} {path}");
                let ours = page::PATHS.contains(&path.as_str()) || playground::owns(path);
                if ours || !agrees(&mut prefixes, path) || !taken.insert(key.clone()) {
                    return Err(EdgeError::Taken(key));
                }
                let Some(invoke) = functions.get(&function.logical_id) else {
                    return Err(EdgeError::NoFunction { route: key, function: function.logical_id.clone() });
                };
                let route = Arc::new(Route {
                    key,
                    function_id: function.logical_id.clone(),
                    function: Arc::clone(invoke),
                    issuer: authorized.then(|| Arc::clone(issuer)),
                });
                let answer =
                    move |parameters, request| async move { route.answer(parameters, request).await };
                app = app.route(path, on(filter(method)?, answer));
            }
        }
        let app = app
            .method_not_allowed_fallback(other_method)
            .fallback(|| async { Problem::NotFound })
            .layer(middleware::from_fn(guard::only_loopback));
        Ok(Self { app })
    }

    /// Answers requests until `shutdown` completes, then those under way, for up to ten seconds.
    pub async fn serve(
        self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> io::Result<()> {
        let (stop, stopped) = oneshot::channel();
        let signal = async move {
            shutdown.await;
            // No one listens any more only if serving has ended already.
            let _ = stop.send(());
        };
        let overdue = async move {
            match stopped.await {
                Ok(()) => tokio::time::sleep(GRACE).await,
                Err(_) => std::future::pending().await,
            }
        };
        let service = self.app.into_make_service_with_connect_info::<SocketAddr>();
        let serving = axum::serve(listener, service).with_graceful_shutdown(signal);
        tokio::select! {
            served = serving.into_future() => served,
            () = overdue => {
                tracing::warn!("stopped with requests under way");
                Ok(())
            }
        }
    }
}

/// Whether a parameter has the same name in all routes that share what stands before it; the router insists.
fn agrees(prefixes: &mut HashMap<String, String>, path: &str) -> bool {
    let (mut prefix, mut shape) = (String::new(), String::new());
    path.split('/').all(|segment| {
        prefix = format!("{prefix}/{segment}");
        shape = format!("{shape}/{}", if segment.starts_with('{') { "{}" } else { segment });
        *prefixes.entry(shape.clone()).or_insert_with(|| prefix.clone()) == prefix
    })
}

fn filter(method: &str) -> Result<MethodFilter, EdgeError> {
    let known =
        Method::from_bytes(method.as_bytes()).ok().and_then(|known| MethodFilter::try_from(known).ok());
    known.ok_or_else(|| EdgeError::Method(method.to_owned()))
}

/// A known path under another method; the router adds `Allow`.
async fn other_method(method: Method) -> Response {
    if method == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        Problem::MethodNotAllowed.into_response()
    }
}
