//! The statements behind the queues. A message is in flight while it has a receipt and is not yet visible.

use chrono::{DateTime, Utc};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use uuid::Uuid;

use super::Outgoing;
use crate::cloud_db::{CloudDbError, from_micros, to_micros};

type Result<T> = std::result::Result<T, CloudDbError>;

/// A received message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Given at sending; the same at every receive.
    pub id: String,
    /// What to delete or release it by; new at every receive.
    pub receipt: String,
    /// What was sent.
    pub body: String,
    /// When it was sent.
    pub sent_at: DateTime<Utc>,
    /// When it was received for the first time.
    pub first_received_at: DateTime<Utc>,
    /// How often it has been received, this time included.
    pub receive_count: u32,
}

/// How many messages a queue holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Depth {
    /// Ready to be received.
    pub visible: u64,
    /// Received and not yet deleted, or released with a delay that has not passed.
    pub in_flight: u64,
}

pub(super) fn insert(
    tx: &Transaction<'_>,
    message: &Outgoing,
    id: &str,
    (sent_at, visible_at): (DateTime<Utc>, DateTime<Utc>),
) -> Result<()> {
    let sql = "INSERT INTO message (queue, id, body, sent_at, visible_at) VALUES (?1, ?2, ?3, ?4, ?5)";
    tx.execute(sql, params![message.queue, id, message.body, to_micros(sent_at), to_micros(visible_at)])?;
    Ok(())
}

pub(super) fn receive(
    tx: &Transaction<'_>,
    queue: &str,
    max: usize,
    now: DateTime<Utc>,
    hidden_until: DateTime<Utc>,
) -> Result<Vec<Message>> {
    let mut select = tx.prepare(
        "SELECT seq, id, body, sent_at, first_received_at, receive_count FROM message
         WHERE queue = ?1 AND visible_at <= ?2 ORDER BY visible_at, seq LIMIT ?3",
    )?;
    let now = to_micros(now);
    let max = i64::try_from(max).unwrap_or(i64::MAX);
    let rows = select.query_and_then(params![queue, now, max], |row| message(row, now))?;
    let rows = rows.collect::<Result<Vec<_>>>()?;

    let mut hide = tx.prepare(
        "UPDATE message SET visible_at = ?2, receive_count = receive_count + 1, receipt = ?3,
                first_received_at = COALESCE(first_received_at, ?4)
         WHERE seq = ?1",
    )?;
    for (seq, message) in &rows {
        hide.execute(params![seq, to_micros(hidden_until), message.receipt, now])?;
    }
    Ok(rows.into_iter().map(|(_, message)| message).collect())
}

fn message(row: &Row<'_>, now: i64) -> Result<(i64, Message)> {
    let receive_count: u32 = row.get("receive_count")?;
    let message = Message {
        id: row.get("id")?,
        receipt: Uuid::now_v7().to_string(),
        body: row.get("body")?,
        sent_at: from_micros(row.get("sent_at")?)?,
        first_received_at: from_micros(row.get::<_, Option<i64>>("first_received_at")?.unwrap_or(now))?,
        receive_count: receive_count.saturating_add(1),
    };
    Ok((row.get("seq")?, message))
}

pub(super) fn delete(tx: &Transaction<'_>, receipt: &str) -> Result<bool> {
    Ok(tx.execute("DELETE FROM message WHERE receipt = ?1", [receipt])? > 0)
}

/// The receipt ends with the release. Returns the queue, or `None` if the receipt had already ended.
pub(super) fn release(
    tx: &Transaction<'_>,
    receipt: &str,
    visible_at: DateTime<Utc>,
) -> Result<Option<String>> {
    let sql = "UPDATE message SET visible_at = ?2, receipt = NULL WHERE receipt = ?1 RETURNING queue";
    Ok(tx.query_row(sql, params![receipt, to_micros(visible_at)], |row| row.get(0)).optional()?)
}

pub(super) fn show_all(tx: &Transaction<'_>, now: DateTime<Utc>) -> Result<()> {
    let sql = "UPDATE message SET visible_at = ?1, receipt = NULL WHERE visible_at > ?1";
    tx.execute(sql, [to_micros(now)])?;
    Ok(())
}

pub(super) fn depth(tx: &Transaction<'_>, queue: &str, now: DateTime<Utc>) -> Result<Depth> {
    let sql = "SELECT COUNT(*) FILTER (WHERE visible_at <= ?2), COUNT(*) FILTER (WHERE visible_at > ?2)
               FROM message WHERE queue = ?1";
    let depth = tx.query_row(sql, params![queue, to_micros(now)], |row| {
        Ok(Depth { visible: row.get(0)?, in_flight: row.get(1)? })
    })?;
    Ok(depth)
}

pub(super) fn next_visible_at(tx: &Transaction<'_>, queue: &str) -> Result<Option<DateTime<Utc>>> {
    let sql = "SELECT MIN(visible_at) FROM message WHERE queue = ?1";
    let micros: Option<i64> = tx.query_row(sql, [queue], |row| row.get(0))?;
    micros.map(from_micros).transpose()
}
