//! One SQLite file for everything the embedded cloud must remember besides the tables of DynamoDB:
//! queued messages, executions of state machines, positions in streams.

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use chrono::{DateTime, SubsecRound, Utc};
use rusqlite::{Connection, OptionalExtension, Transaction, params};

/// How long a statement waits for a lock another connection holds, such as somebody's `sqlite3` shell.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

const SCHEMA: &str = "
CREATE TABLE IF NOT EXISTS stream_position (
    name     TEXT PRIMARY KEY,
    position TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS message (
    seq               INTEGER PRIMARY KEY AUTOINCREMENT,
    queue             TEXT NOT NULL,
    id                TEXT NOT NULL,
    body              TEXT NOT NULL,
    sent_at           INTEGER NOT NULL,
    visible_at        INTEGER NOT NULL,
    receive_count     INTEGER NOT NULL DEFAULT 0,
    first_received_at INTEGER,
    receipt           TEXT,
    source_queue      TEXT
);
CREATE INDEX IF NOT EXISTS message_by_visibility ON message (queue, visible_at);
CREATE INDEX IF NOT EXISTS message_by_receipt ON message (receipt) WHERE receipt IS NOT NULL;
CREATE TABLE IF NOT EXISTS execution (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    name       TEXT NOT NULL UNIQUE,
    machine    TEXT NOT NULL,
    input      TEXT NOT NULL,
    status     TEXT NOT NULL,
    output     TEXT,
    error      TEXT,
    cause      TEXT,
    started_at INTEGER NOT NULL,
    stopped_at INTEGER,
    checkpoint TEXT,
    last_event INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS execution_by_status ON execution (status);
CREATE TABLE IF NOT EXISTS execution_event (
    execution TEXT NOT NULL,
    id        INTEGER NOT NULL,
    at        INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    state     TEXT,
    detail    TEXT NOT NULL,
    PRIMARY KEY (execution, id)
) WITHOUT ROWID;
";

/// Why the embedded cloud's database did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum CloudDbError {
    /// SQLite refused; a full disk, a damaged file, a lock held for too long.
    #[error("the embedded cloud's database failed")]
    Sqlite(#[from] rusqlite::Error),
    /// A stored value is not what this version writes.
    #[error("the embedded cloud's database holds an unreadable {what}")]
    Unreadable {
        /// Which kind of value.
        what: &'static str,
    },
}

/// A handle of the database; clones share one connection.
///
/// Statements are short and run in the caller's thread. The file has exactly one user: whoever opens
/// it must hold the data directory's lock.
#[derive(Debug, Clone)]
pub struct CloudDb(Arc<Mutex<Connection>>);

impl CloudDb {
    /// Opens the file, creating it and its tables if missing.
    ///
    /// Commits survive the death of the process, not of the machine: the write-ahead log is not
    /// flushed to the disk at each commit, which would cost milliseconds per message.
    pub fn open(path: &Path) -> Result<Self, CloudDbError> {
        Self::prepare(Connection::open(path)?)
    }

    /// A database which dies with its last handle.
    pub fn in_memory() -> Result<Self, CloudDbError> {
        Self::prepare(Connection::open_in_memory()?)
    }

    fn prepare(connection: Connection) -> Result<Self, CloudDbError> {
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self(Arc::new(Mutex::new(connection))))
    }

    /// Where the reader of this name stands in its stream; `None` before the first
    /// [`set_checkpoint`](Self::set_checkpoint).
    pub fn checkpoint(&self, name: &str) -> Result<Option<String>, CloudDbError> {
        let sql = "SELECT position FROM stream_position WHERE name = ?1";
        Ok(self.lock().query_row(sql, [name], |row| row.get(0)).optional()?)
    }

    /// Remembers where the reader of this name stands.
    pub fn set_checkpoint(&self, name: &str, position: &str) -> Result<(), CloudDbError> {
        let sql = "INSERT INTO stream_position (name, position) VALUES (?1, ?2)
                   ON CONFLICT (name) DO UPDATE SET position = excluded.position";
        self.lock().execute(sql, params![name, position])?;
        Ok(())
    }

    /// Runs `work` in one transaction: all of it is kept, or, if it fails, nothing.
    pub(crate) fn transaction<T, E: From<CloudDbError>>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, E>,
    ) -> Result<T, E> {
        let mut connection = self.lock();
        let transaction = connection.transaction().map_err(CloudDbError::from)?;
        let result = work(&transaction)?;
        transaction.commit().map_err(CloudDbError::from)?;
        Ok(result)
    }

    /// Whoever panicked while holding the lock had its transaction rolled back, so the connection is sound.
    fn lock(&self) -> MutexGuard<'_, Connection> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What time it is: the machine's clock, or a test's.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// The machine's clock.
    pub fn system() -> Self {
        Self::from_fn(Utc::now)
    }

    /// A clock that shows `start` now and then runs with tokio's time, which tests can pause.
    pub fn starting_at(start: DateTime<Utc>) -> Self {
        let origin = tokio::time::Instant::now();
        Self::from_fn(move || start + origin.elapsed())
    }

    /// A clock that shows what `now` returns.
    pub fn from_fn(now: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// The current time, in whole microseconds: what the database can hold.
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)().trunc_subsecs(6)
    }

    /// Sleeps until the clock shows `deadline`; not at all if that is past.
    pub async fn sleep_until(&self, deadline: DateTime<Utc>) {
        // A loop because tokio's time and the clock may run apart, as on a laptop that was suspended.
        while let Ok(left) = (deadline - self.now()).to_std()
            && !left.is_zero()
        {
            tokio::time::sleep(left.min(Duration::from_secs(60))).await;
        }
    }
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

/// The time as the database holds it: microseconds since the epoch.
pub(crate) fn to_micros(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros()
}

/// The reverse of [`to_micros`].
pub(crate) fn from_micros(micros: i64) -> Result<DateTime<Utc>, CloudDbError> {
    DateTime::from_timestamp_micros(micros).ok_or(CloudDbError::Unreadable { what: "time" })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::path::PathBuf;

    /// A database file that goes with the test.
    pub(crate) struct TestFile(PathBuf);

    impl TestFile {
        pub(crate) fn new() -> Self {
            let folder = std::env::temp_dir().join(format!("skafu-cloud-{}", uuid::Uuid::now_v7()));
            std::fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }

        pub(crate) fn open(&self) -> CloudDb {
            CloudDb::open(&self.0.join("cloud.db")).unwrap()
        }
    }

    impl Drop for TestFile {
        fn drop(&mut self) {
            std::fs::remove_dir_all(&self.0).unwrap();
        }
    }

    #[test]
    fn a_stream_position_survives_reopening() {
        let file = TestFile::new();
        let db = file.open();
        assert_eq!(db.checkpoint("relay").unwrap(), None);
        db.set_checkpoint("relay", "17").unwrap();
        db.set_checkpoint("relay", "18").unwrap();
        drop(db);
        assert_eq!(file.open().checkpoint("relay").unwrap().as_deref(), Some("18"));
    }

    #[test]
    fn a_failed_transaction_leaves_nothing() {
        let db = CloudDb::in_memory().unwrap();
        let failed = db.transaction(|tx| {
            tx.execute("INSERT INTO stream_position VALUES ('a', '1')", []).map_err(CloudDbError::from)?;
            Err::<(), _>(CloudDbError::Unreadable { what: "test" })
        });
        assert!(failed.is_err());
        assert_eq!(db.checkpoint("a").unwrap(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_sleeps_until_its_own_time() {
        let start = DateTime::from_timestamp(1_000_000, 0).unwrap();
        let clock = Clock::starting_at(start);
        clock.sleep_until(start + Duration::from_secs(200)).await;
        assert_eq!(clock.now(), start + Duration::from_secs(200));
        clock.sleep_until(start).await;
        assert_eq!(clock.now(), start + Duration::from_secs(200));
    }
}
