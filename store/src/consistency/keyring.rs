use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use skafu_events::Timestamp;

use super::keys::{Keys, KeysError, place};
use super::token::{Holder, TokenError, Unverified, sign};
use super::written::Written;
use crate::{Consistency, PutError, Row, ViewStore};

/// Whoever loses the race for a key reads the winner's; more than one such turn means something else.
const ATTEMPTS: usize = 3;
/// How often one may look for a key that is not known here, in a second: tokens anybody can make up must not
/// become requests to the table.
const LOOKS: u32 = 5;
const WINDOW_MILLIS: u64 = 1_000;

/// Makes and checks tokens. The keys are one row of the view table, read once per instance and again when
/// they grow old or a token names another.
pub struct ConsistencyTokens {
    rows: Arc<dyn ViewStore>,
    known: Mutex<Known>,
    /// Whoever meets a key that is just being looked for waits for what is found.
    looking: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Known {
    keys: Option<Arc<Keys>>,
    /// When they were looked for because of a token, and how often within a second from then.
    looked: Option<(Timestamp, u32)>,
}

impl ConsistencyTokens {
    /// Tokens under the keys that stand in `rows`.
    pub fn new(rows: Arc<dyn ViewStore>) -> Self {
        Self { rows, known: Mutex::default(), looking: tokio::sync::Mutex::default() }
    }

    /// A token that says what its holder has written. Makes the keys if there are none, and the next ones
    /// when they are old: only who may write the row can do this.
    pub async fn issue(
        &self,
        holder: Holder<'_>,
        written: &Written,
        now: Timestamp,
    ) -> Result<String, KeysError> {
        let known = self.known().keys.clone();
        let keys = match known {
            Some(keys) if !keys.are_old(now) => keys,
            _ => self.renew(now).await?,
        };
        sign(&keys.current, holder, written, now)
    }

    /// What a token says its holder has written.
    pub async fn read(&self, holder: Holder<'_>, token: &str, now: Timestamp) -> Result<Written, TokenError> {
        let token = Unverified::read(token)?;
        let knows =
            |keys: &Option<Arc<Keys>>| keys.as_ref().is_some_and(|it| it.find(token.key_id()).is_some());
        let mut keys = self.known().keys.clone();
        if !knows(&keys) {
            let _looking = self.looking.lock().await;
            keys = self.known().keys.clone();
            if !knows(&keys) && self.may_look(now) {
                keys = self.look().await?.1;
            }
        }
        let key = keys.as_ref().and_then(|keys| keys.find(token.key_id()));
        token.verify(key.ok_or(TokenError::Forged)?, holder, now)
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn may_look(&self, now: Timestamp) -> bool {
        let mut known = self.known();
        let since = |looked: Timestamp| (now.date_time() - looked.date_time()).num_milliseconds();
        // A clock that was set back must not keep anybody from looking.
        let window = known.looked.filter(|(begin, _)| since(*begin).unsigned_abs() < WINDOW_MILLIS);
        let (begin, looks) = window.unwrap_or((now, 0));
        known.looked = Some((begin, looks + 1));
        looks < LOOKS
    }

    /// The keys as they stand, with their row's version.
    async fn look(&self) -> Result<(Option<u64>, Option<Arc<Keys>>), KeysError> {
        let row = self.rows.get(&place(), Consistency::Strong).await?;
        let version = row.as_ref().map(|row| row.version);
        let keys = row.and_then(|row| row.content).map(serde_json::from_value).transpose();
        let keys: Option<Keys> = keys.map_err(KeysError::Unreadable)?;
        let keys = keys.map(Arc::new);
        self.known().keys.clone_from(&keys);
        Ok((version, keys))
    }

    async fn renew(&self, now: Timestamp) -> Result<Arc<Keys>, KeysError> {
        for _ in 0..ATTEMPTS {
            let (version, keys) = self.look().await?;
            let old = match keys {
                Some(keys) if !keys.are_old(now) => return Ok(keys),
                old => old,
            };
            let keys = Keys::after(old.as_deref().cloned(), now)?;
            let row = Row {
                key: place(),
                version: version.unwrap_or_default() + 1,
                content: Some(serde_json::to_value(&keys).map_err(KeysError::Unreadable)?),
                indexes: Vec::new(),
                parked: None,
            };
            match self.rows.put(&row, version).await {
                Ok(()) => {
                    let keys = Arc::new(keys);
                    self.known().keys = Some(Arc::clone(&keys));
                    return Ok(keys);
                }
                Err(PutError::Conflict) => {}
                Err(PutError::Store(error)) => return Err(error.into()),
            }
        }
        Err(KeysError::Contended)
    }
}
