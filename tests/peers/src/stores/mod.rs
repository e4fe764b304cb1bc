//! The stores, each used as its documentation shows.

mod castore;
mod cqrs_es;
mod event_store_adapter;
mod skafu;

pub use castore::Castore;
pub use cqrs_es::{CqrsEs, Mode};
pub use event_store_adapter::EventStoreAdapter;
pub use skafu::Skafu;

use std::net::SocketAddr;

use aws_sdk_dynamodb::Client;
use skafu_store::aws::Connection;

use crate::subject::Via;

/// Both ways to the DynamoDB.
#[derive(Debug, Clone, Copy)]
pub struct Ways {
    /// The counting proxy.
    pub counting: SocketAddr,
    /// The DynamoDB itself.
    pub direct: SocketAddr,
}

impl Ways {
    /// The SDK's client, set up the same way for every store in Rust.
    pub fn client(self, via: Via) -> Client {
        let address = match via {
            Via::Counting => self.counting,
            Via::Direct => self.direct,
        };
        Connection::local(format!("http://{address}")).dynamodb()
    }
}

/// One of something for each way.
pub struct Both<T> {
    counting: T,
    direct: T,
}

impl<T> Both<T> {
    fn of(&self, via: Via) -> &T {
        match via {
            Via::Counting => &self.counting,
            Via::Direct => &self.direct,
        }
    }
}
