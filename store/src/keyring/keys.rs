use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use skafu_events::Timestamp;

use crate::{RowKey, StoreError};

/// How old the current key may become, in seconds, until another takes its place.
pub(super) const ROTATION_SECONDS: i64 = 30 * 24 * 60 * 60;

/// Why keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The table failed.
    #[error("the keys cannot be reached")]
    Store(#[from] StoreError),
    /// What stands in their place is not what was put there.
    #[error("the keys cannot be read")]
    Unreadable(#[source] serde_json::Error),
    /// The machine gives no random bytes.
    #[error("no key can be made")]
    NoRandomness(#[source] getrandom::Error),
    /// A key is none the algorithm takes.
    #[error("a key cannot be used")]
    Unusable,
    /// Others keep writing them.
    #[error("others keep writing the keys")]
    Contended,
    /// There are none, and who asks may not make any.
    #[error("there are no keys: the deployment makes them")]
    Missing,
}

/// Where the keys stand in the view table: outside every tenant, for no tenant begins so.
pub(super) fn place() -> RowKey {
    RowKey { partition: "_keys".to_owned(), sort: "CONSISTENCY".to_owned() }
}

/// 32 random bytes that never leave this system.
#[derive(Clone, PartialEq, Eq)]
struct Secret([u8; 32]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(self.0))
    }
}

impl<'de> Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Self).ok_or_else(|| serde::de::Error::custom("not 32 bytes in base64"))
    }
}

/// What tokens are signed with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Key {
    id: String,
    secret: Secret,
    since: Timestamp,
}

impl Key {
    fn new(now: Timestamp) -> Result<Self, KeysError> {
        let (mut secret, mut id) = ([0; 32], [0; 4]);
        getrandom::fill(&mut secret).map_err(KeysError::NoRandomness)?;
        getrandom::fill(&mut id).map_err(KeysError::NoRandomness)?;
        Ok(Self { id: format!("{:08x}", u32::from_be_bytes(id)), secret: Secret(secret), since: now })
    }

    pub fn id(&self) -> &str {
        &self.id
    }

    /// A code over parts, each with its length before it: no two lists of parts look alike.
    pub fn code(&self, parts: &[&[u8]]) -> Result<Hmac<Sha256>, KeysError> {
        let mut code = Hmac::<Sha256>::new_from_slice(&self.secret.0).map_err(|_| KeysError::Unusable)?;
        for part in parts {
            code.update(&(part.len() as u64).to_be_bytes());
            code.update(part);
        }
        Ok(code)
    }
}

/// The key that signs, and the one before it, whose tokens still count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Keys {
    pub current: Key,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    previous: Option<Key>,
}

impl Keys {
    /// The first keys there are, or the ones that follow these.
    pub fn after(old: Option<Self>, now: Timestamp) -> Result<Self, KeysError> {
        Ok(Self { current: Key::new(now)?, previous: old.map(|old| old.current) })
    }

    /// Whether another key should sign by now.
    pub fn are_old(&self, now: Timestamp) -> bool {
        now.unix_seconds() - self.current.since.unix_seconds() > ROTATION_SECONDS
    }

    pub fn find(&self, id: &str) -> Option<&Key> {
        [Some(&self.current), self.previous.as_ref()].into_iter().flatten().find(|key| key.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_log_shows_a_secret() {
        let key = Key {
            id: "1".to_owned(),
            secret: Secret([7; 32]),
            since: "2025-01-18T10:30:00Z".parse().unwrap(),
        };
        let shown = format!("{key:?}");
        assert!(shown.contains("Secret(..)") && !shown.contains("7, 7"), "{shown}");
    }
}
