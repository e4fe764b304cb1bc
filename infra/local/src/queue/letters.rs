//! Dead letters: how messages get into their queue, what can be seen of them there, and how they get back.

use chrono::{DateTime, Utc};
use rusqlite::{Row, Transaction, params};
use serde::{Deserialize, Serialize};

use super::Redrive;
use crate::cloud_db::{CloudDbError, from_micros, to_micros};

type Result<T> = std::result::Result<T, CloudDbError>;

/// A message as it lies in its queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Letter {
    /// Given at sending; the same in every queue.
    pub id: String,
    /// What was sent.
    pub body: String,
    /// When it was sent first.
    pub sent_at: DateTime<Utc>,
    /// The queue that gave it up; none: it was sent to this one.
    pub from: Option<String>,
    /// When it was given up.
    pub given_up_at: Option<DateTime<Utc>>,
    /// How often it has been received, where it was before included.
    pub receives: u32,
}

/// The columns that files of earlier versions lack.
const LATER: [(&str, &str); 2] = [("buried_at", "INTEGER"), ("buried_receives", "INTEGER")];

/// Makes the columns that are not there yet.
pub(super) fn prepare(tx: &Transaction<'_>) -> Result<()> {
    for (column, kind) in LATER {
        let sql = "SELECT COUNT(*) FROM pragma_table_info('message') WHERE name = ?1";
        let there: u32 = tx.query_row(sql, [column], |row| row.get(0))?;
        if there == 0 {
            tx.execute(&format!("ALTER TABLE message ADD COLUMN {column} {kind}"), [])?;
        }
    }
    Ok(())
}

/// Moves what is visible and was received too often. It starts anew in the dead-letter queue, so that a
/// dead-letter queue may have one of its own.
pub(super) fn bury(
    tx: &Transaction<'_>,
    queue: &str,
    redrive: &Redrive,
    now: DateTime<Utc>,
) -> Result<usize> {
    let sql = "UPDATE message SET queue = ?3, source_queue = ?1, visible_at = ?2, buried_at = ?2,
                      buried_receives = COALESCE(buried_receives, 0) + receive_count, receive_count = 0,
                      first_received_at = NULL, receipt = NULL
               WHERE queue = ?1 AND visible_at <= ?2 AND receive_count >= ?4";
    Ok(tx
        .execute(sql, params![queue, to_micros(now), redrive.dead_letter_queue, redrive.max_receive_count])?)
}

/// Moves what came from `source` back there, as if new.
pub(super) fn redrive(tx: &Transaction<'_>, queue: &str, source: &str, now: DateTime<Utc>) -> Result<usize> {
    let sql = "UPDATE message SET queue = source_queue, source_queue = NULL, visible_at = ?3,
                      buried_at = NULL, buried_receives = NULL, receive_count = 0,
                      first_received_at = NULL, receipt = NULL
               WHERE queue = ?1 AND source_queue = ?2";
    Ok(tx.execute(sql, params![queue, source, to_micros(now)])?)
}

/// The oldest messages, whether or not anybody has received them. Nothing changes.
pub(super) fn peek(tx: &Transaction<'_>, queue: &str, most: usize) -> Result<Vec<Letter>> {
    let mut select = tx.prepare(
        "SELECT id, body, sent_at, source_queue, buried_at,
                COALESCE(buried_receives, 0) + receive_count AS receives
         FROM message WHERE queue = ?1 ORDER BY sent_at, seq LIMIT ?2",
    )?;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let rows = select.query_and_then(params![queue, most], letter)?;
    rows.collect()
}

fn letter(row: &Row<'_>) -> Result<Letter> {
    let given_up_at: Option<i64> = row.get("buried_at")?;
    Ok(Letter {
        id: row.get("id")?,
        body: row.get("body")?,
        sent_at: from_micros(row.get("sent_at")?)?,
        from: row.get("source_queue")?,
        given_up_at: given_up_at.map(from_micros).transpose()?,
        receives: row.get("receives")?,
    })
}
