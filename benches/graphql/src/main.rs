//! Our GraphQL handler beside raw async-graphql, Apollo Server, Mercurius and Yoga: one nested list, the same data, the
//! same client, in turn. `run` beside this package starts it.
//!
//!   skafu-graphql-peers serve ours|raw DATA    a server on a free port, which it prints
//!   skafu-graphql-peers compare NODE DATA      all servers, side by side; NODE has the modules of the others
//!   skafu-graphql-peers growth                 a page in a small tenant and in a large one
//!   skafu-graphql-peers data PROJECTS          the data, as JSON

mod client;
#[path = "../../../store/tests/support/mod.rs"]
mod dynamo;
mod fixture;
mod growth;
mod ours;
mod peers;
mod raw;

use std::error::Error;

use tokio::net::TcpListener;
use tokio::runtime::Builder;

pub type Failure = Box<dyn Error + Send + Sync>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // One thread, as Node has and as a Lambda function has: the client has the other core.
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    match arguments[..] {
        ["serve", which, data] => runtime.block_on(serve(which, data)),
        ["compare", node, data] => peers::compare(node, data),
        ["growth"] => runtime.block_on(growth::run()),
        ["data", projects] => Ok(println!("{}", fixture::fixture(projects.parse()?))),
        _ => Err("serve ours|raw DATA, compare NODE DATA, growth, data PROJECTS".into()),
    }
}

async fn serve(which: &str, data: &str) -> Result<(), Failure> {
    let data = serde_json::from_slice(&std::fs::read(data)?)?;
    let app = match which {
        "ours" => ours::app(&data).await?,
        _ => raw::app(&data),
    };
    drop(data);
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?.port());
    Ok(axum::serve(listener, app).await?)
}
