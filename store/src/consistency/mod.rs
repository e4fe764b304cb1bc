//! What lets a caller see what they have written, whatever lags behind: a token that says so.
//!
//! A token names the aggregates its holder wrote last, and the versions they then had. It is opaque, it
//! holds nothing personal, and only the tenant and the person it was made for can use it. It grants
//! nothing: whoever has one may see what they may see anyway, only not an older state of it.

mod token;
mod tokens;
mod written;

pub use token::{Holder, LIFETIME_SECONDS, MAX_TOKEN_BYTES, TokenError};
pub use tokens::ConsistencyTokens;
pub use written::{MAX_STREAMS, Written};
