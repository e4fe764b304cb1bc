//! What a reader gives back to read on: a place in a list, signed, so that it is only ever one of ours.

use std::borrow::Cow;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use skafu_events::{Tenant, Timestamp};

use crate::keyring::{Key, Keyring, KeysError};

/// The most bytes a token may have. A place is a sort key, of which DynamoDB takes 1 KiB; escaped, in JSON and in
/// Base64, it never takes more than that.
const MAX_BYTES: usize = 10 * 1024;
/// So that no signature of anything else is one of a place.
const PURPOSE: &[u8] = b"page";

/// A list of a tenant that can be read page by page. It does not stand in the token, but in no other list does the
/// token count.
#[derive(Debug, Clone, Copy)]
pub struct Listing<'a> {
    /// Whose list it is.
    pub tenant: &'a Tenant,
    /// What is listed: which question, with which arguments.
    pub query: &'a str,
}

/// Why a token does not count.
#[derive(Debug, thiserror::Error)]
pub enum PageTokenError {
    /// Nobody here made it for this list, or so long ago that its key is gone.
    #[error("the token is not one of this list")]
    Foreign,
    /// Nobody can tell, for the keys cannot be read.
    #[error("the token cannot be checked")]
    Keys(#[from] KeysError),
}

/// What stands in a token, for all to read who decode it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Payload<'a> {
    /// The key it is signed with.
    #[serde(rename = "k", borrow)]
    key_id: Cow<'a, str>,
    /// Behind which sort key the next page begins.
    #[serde(rename = "p", borrow)]
    place: Cow<'a, str>,
}

/// Makes and checks tokens. They count as long as their key is kept: a month at least.
pub struct PageTokens(Arc<Keyring>);

impl PageTokens {
    /// Tokens under those keys, which somebody else makes: see [`Keyring::renew`].
    pub fn under(keyring: Arc<Keyring>) -> Self {
        Self(keyring)
    }

    /// The token of a place in a list.
    pub async fn issue(&self, list: Listing<'_>, place: &str, now: Timestamp) -> Result<String, KeysError> {
        let key = &self.0.made(now).await?.current;
        let payload = Payload { key_id: key.id().into(), place: place.into() };
        let payload = serde_json::to_vec(&payload).map_err(|_| KeysError::Unusable)?;
        let code = code(key, list, &payload)?.finalize().into_bytes();
        Ok(format!("{}.{}", URL_SAFE_NO_PAD.encode(&payload), URL_SAFE_NO_PAD.encode(code)))
    }

    /// The place in a list that a token stands for.
    pub async fn read(
        &self,
        list: Listing<'_>,
        token: &str,
        now: Timestamp,
    ) -> Result<String, PageTokenError> {
        let foreign = || PageTokenError::Foreign;
        let (payload, signed) =
            token.split_once('.').filter(|_| token.len() <= MAX_BYTES).ok_or_else(foreign)?;
        let decode = |text| URL_SAFE_NO_PAD.decode(text).map_err(|_| foreign());
        let (bytes, signed) = (decode(payload)?, decode(signed)?);
        let payload: Payload<'_> = serde_json::from_slice(&bytes).map_err(|_| foreign())?;
        let keys = self.0.with(&payload.key_id, now).await?;
        let key = keys.as_ref().and_then(|keys| keys.find(&payload.key_id)).ok_or_else(foreign)?;
        // In constant time: an answer that comes sooner would tell how much of a guess was right.
        code(key, list, &bytes)?.verify_slice(&signed).map_err(|_| foreign())?;
        Ok(payload.place.into_owned())
    }
}

fn code(key: &Key, list: Listing<'_>, payload: &[u8]) -> Result<Hmac<Sha256>, KeysError> {
    key.code(&[PURPOSE, list.tenant.as_str().as_bytes(), list.query.as_bytes(), payload])
}
