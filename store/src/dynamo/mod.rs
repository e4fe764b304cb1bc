mod attributes;
mod codec;
mod events;
mod views;

pub use codec::{decode_commit, encode_commit};
pub use events::DynamoEventStore;
pub use views::DynamoViewStore;
