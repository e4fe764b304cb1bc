//! The keys that tokens are signed with: one row of the view table, for all tenants.

mod keys;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use skafu_events::Timestamp;

pub use keys::KeysError;
use keys::place;
pub(crate) use keys::{Key, Keys};

use crate::{Consistency, PutError, Row, ViewStore};

/// Whoever loses the race for a key reads the winner's; more than one such turn means something else.
const ATTEMPTS: usize = 3;
/// How often one may look for a key that is not known here, in a second: tokens anybody can make up must not
/// become requests to the table.
const LOOKS: u32 = 5;
const WINDOW_MILLIS: u64 = 1_000;

/// The keys, read once per instance and again when they grow old or a token names another.
pub struct Keyring {
    rows: Arc<dyn ViewStore>,
    known: Mutex<Known>,
    /// Whoever meets a key that is just being looked for waits for what is found.
    looking: tokio::sync::Mutex<()>,
}

#[derive(Default)]
struct Known {
    keys: Option<Arc<Keys>>,
    /// When they were looked for because they were wanted here, and how often within a second from then.
    looked: Option<(Timestamp, u32)>,
}

impl Keyring {
    /// The keys that stand in `rows`.
    pub fn new(rows: Arc<dyn ViewStore>) -> Self {
        Self { rows, known: Mutex::default(), looking: tokio::sync::Mutex::default() }
    }

    /// Makes the keys if there are none, and the next ones when they are old: only who may write the row can do this.
    pub async fn renew(&self, now: Timestamp) -> Result<(), KeysError> {
        self.renewed(now).await.map(drop)
    }

    /// The keys, after [`Self::renew`].
    pub(crate) async fn renewed(&self, now: Timestamp) -> Result<Arc<Keys>, KeysError> {
        match self.keys() {
            Some(keys) if !keys.are_old(now) => Ok(keys),
            _ => self.replace(now).await,
        }
    }

    /// The keys as somebody made them, for who only reads. Old ones sign until they are replaced.
    pub(crate) async fn made(&self, now: Timestamp) -> Result<Arc<Keys>, KeysError> {
        match (self.sought(now, |keys| !keys.are_old(now)).await, self.keys()) {
            (Ok(keys), _) => keys.ok_or(KeysError::Missing),
            (Err(error), Some(old)) => {
                tracing::warn!(%error, "old keys sign on, for nobody can tell whether there are others");
                Ok(old)
            }
            (Err(error), None) => Err(error),
        }
    }

    /// The keys, looked for once more if they have none of that id; none if there are none.
    pub(crate) async fn with(&self, id: &str, now: Timestamp) -> Result<Option<Arc<Keys>>, KeysError> {
        self.sought(now, |keys| keys.find(id).is_some()).await
    }

    /// The keys as they are known here, or, if those will not do, as they stand.
    async fn sought(
        &self,
        now: Timestamp,
        will_do: impl Fn(&Keys) -> bool,
    ) -> Result<Option<Arc<Keys>>, KeysError> {
        let do_not = |keys: &Option<Arc<Keys>>| !keys.as_ref().is_some_and(|it| will_do(it));
        let mut keys = self.keys();
        if do_not(&keys) {
            let _looking = self.looking.lock().await;
            keys = self.keys();
            if do_not(&keys) && self.may_look(now) {
                keys = self.look().await?.1;
            }
        }
        Ok(keys)
    }

    fn keys(&self) -> Option<Arc<Keys>> {
        self.known().keys.clone()
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

    async fn replace(&self, now: Timestamp) -> Result<Arc<Keys>, KeysError> {
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
