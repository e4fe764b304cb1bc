use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use skafu_events::{StreamId, Tenant, Timestamp};

use super::written::Written;
use crate::keyring::{Key, KeysError};

/// How long a token counts, in seconds. Views lag for moments; whoever is back after an hour has long been
/// caught up with, and an old token only costs its reader requests.
pub const LIFETIME_SECONDS: i64 = 60 * 60;

/// The most bytes a token may have. Ten aggregates with the longest of ids take about half of it.
pub const MAX_TOKEN_BYTES: usize = 4 * 1024;

/// Whom a token is made for. It does not stand in the token, but no other can use it.
#[derive(Debug, Clone, Copy)]
pub struct Holder<'a> {
    /// Their tenant.
    pub tenant: &'a Tenant,
    /// Their `sub`.
    pub user_id: &'a str,
}

/// Why a token does not count.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// Nobody here made it for this holder. Why that is so is not told.
    #[error("the token was not made for its holder")]
    Forged,
    /// It was made for this holder, too long ago.
    #[error("the token has expired")]
    Expired,
    /// Nobody can tell, for the keys cannot be read.
    #[error("the token cannot be checked")]
    Keys(#[from] KeysError),
}

/// What stands in a token, for all to read who decode it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Payload {
    /// The key it is signed with.
    #[serde(rename = "k")]
    key_id: String,
    /// Until when it counts, in seconds since 1970.
    #[serde(rename = "exp")]
    expires: i64,
    /// `PROJECT#<id>` and its version, the last one written at the end.
    #[serde(rename = "v")]
    versions: Vec<(String, u64)>,
}

/// A token taken apart, of which nothing is believed yet.
pub(super) struct Unverified {
    bytes: Vec<u8>,
    mac: Vec<u8>,
    payload: Payload,
}

impl Unverified {
    /// Takes a token apart.
    pub fn read(token: &str) -> Result<Self, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::Forged);
        }
        let decode = |text| URL_SAFE_NO_PAD.decode(text).map_err(|_| TokenError::Forged);
        let (payload, mac) = token.split_once('.').ok_or(TokenError::Forged)?;
        let (bytes, mac) = (decode(payload)?, decode(mac)?);
        let payload = serde_json::from_slice(&bytes).map_err(|_| TokenError::Forged)?;
        Ok(Self { bytes, mac, payload })
    }

    /// The key it claims to be signed with.
    pub fn key_id(&self) -> &str {
        &self.payload.key_id
    }

    /// What it says, if that key signed it for this holder and it still counts.
    pub fn verify(self, key: &Key, holder: Holder<'_>, now: Timestamp) -> Result<Written, TokenError> {
        let signed = mac(key, holder, &self.bytes)?;
        // In constant time: an answer that comes sooner would tell how much of a guess was right.
        signed.verify_slice(&self.mac).map_err(|_| TokenError::Forged)?;
        if self.payload.expires <= now.unix_seconds() {
            return Err(TokenError::Expired);
        }
        let mut written = Written::default();
        for (aggregate, version) in self.payload.versions {
            let stream: StreamId =
                format!("{}/{aggregate}", holder.tenant).parse().map_err(|_| TokenError::Forged)?;
            written.note(stream, version);
        }
        Ok(written)
    }
}

/// A token for that holder. What is not of their tenant is left out: nobody else's can be written.
pub(super) fn sign(
    key: &Key,
    holder: Holder<'_>,
    written: &Written,
    now: Timestamp,
) -> Result<String, KeysError> {
    let own = written.iter().filter(|(stream, _)| stream.tenant() == holder.tenant);
    let payload = Payload {
        key_id: key.id().to_owned(),
        expires: now.unix_seconds() + LIFETIME_SECONDS,
        versions: own.map(|(stream, version)| (stream.aggregate_id(), version)).collect(),
    };
    let bytes = serde_json::to_vec(&payload).map_err(|_| KeysError::Unusable)?;
    let mac = mac(key, holder, &bytes)?.finalize().into_bytes();
    Ok(format!("{}.{}", URL_SAFE_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(mac)))
}

fn mac(key: &Key, holder: Holder<'_>, payload: &[u8]) -> Result<Hmac<Sha256>, KeysError> {
    key.code(&[holder.tenant.as_str().as_bytes(), holder.user_id.as_bytes(), payload])
}
