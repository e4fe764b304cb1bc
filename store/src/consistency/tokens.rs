use std::sync::Arc;

use skafu_events::Timestamp;

use super::token::{Holder, TokenError, Unverified, sign};
use super::written::Written;
use crate::ViewStore;
use crate::keyring::{Keyring, KeysError};

/// Makes and checks tokens.
pub struct ConsistencyTokens(Arc<Keyring>);

impl ConsistencyTokens {
    /// Tokens under the keys that stand in `rows`.
    pub fn new(rows: Arc<dyn ViewStore>) -> Self {
        Self::under(Arc::new(Keyring::new(rows)))
    }

    /// Tokens under those keys.
    pub fn under(keyring: Arc<Keyring>) -> Self {
        Self(keyring)
    }

    /// A token that says what its holder has written. Makes the keys if there are none, and the next ones
    /// when they are old: only who may write the row can do this.
    pub async fn issue(
        &self,
        holder: Holder<'_>,
        written: &Written,
        now: Timestamp,
    ) -> Result<String, KeysError> {
        sign(&self.0.renewed(now).await?.current, holder, written, now)
    }

    /// What a token says its holder has written.
    pub async fn read(&self, holder: Holder<'_>, token: &str, now: Timestamp) -> Result<Written, TokenError> {
        let token = Unverified::read(token)?;
        let keys = self.0.with(token.key_id(), now).await?;
        let key = keys.as_ref().and_then(|keys| keys.find(token.key_id()));
        token.verify(key.ok_or(TokenError::Forged)?, holder, now)
    }
}
