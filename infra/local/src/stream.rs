//! The event-source mapping of a table's stream: calls a function with batches of its records.

use std::sync::Arc;
use std::time::Duration;

use dynoxide::Database;
use dynoxide::actions::get_records::GetRecordsRequest;
use serde_json::{Value, json};
use tokio::sync::{Notify, watch};

use crate::cloud_db::CloudDb;
use crate::invoke::Invoke;
use crate::pattern::Pattern;
use crate::queue::Queues;

/// How long the reader rests when nobody wakes it: what others write is seen after this time.
const IDLE: Duration = Duration::from_secs(1);
/// The pause before a failed batch is tried again, doubling up to [`MAX_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// The subscription of a function to a stream.
pub struct StreamMapping {
    /// The table.
    pub table: String,
    /// At most this many records in one call.
    pub batch_size: usize,
    /// A record passes if it matches any; without filters all pass.
    pub filters: Vec<Pattern>,
    /// How often a failed batch is tried again; `None` is without end.
    pub retries: Option<u32>,
    /// Whether a batch that fails as a whole is halved to find the record at fault.
    pub bisect: bool,
    /// The queue that is told of records given up.
    pub on_failure: Option<String>,
}

/// Reads one stream, in order, for one function. Where it stands is kept after each delivery.
pub struct StreamReader {
    /// The embedded DynamoDB.
    pub database: Database,
    /// Keeps the position.
    pub positions: CloudDb,
    /// Holds the failure queue.
    pub queues: Queues,
    /// What is read and how.
    pub mapping: StreamMapping,
    /// What is called.
    pub function: Arc<dyn Invoke>,
    /// Wakes the reader when there is something new.
    pub written: Arc<Notify>,
}

/// A failure to read or to remember.
type Failed = Box<dyn std::error::Error + Send + Sync>;

/// How a batch ended: how many of its records are done with.
struct Delivered {
    done: usize,
    failed: bool,
}

impl StreamReader {
    /// Delivers records until `stop` becomes true.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let (mut attempts, mut size) = (0_u32, self.mapping.batch_size);
        loop {
            let pause = match self.turn(&mut attempts, &mut size).await {
                Ok(pause) => pause,
                Err(error) => {
                    tracing::error!(table = self.mapping.table, error, "the stream was not read");
                    Some(IDLE)
                }
            };
            let Some(pause) = pause else {
                if *stop.borrow() {
                    return;
                }
                continue;
            };
            // After a failure new records are no reason to hurry.
            let failing = attempts > 0;
            tokio::select! {
                _ = stop.wait_for(|stop| *stop) => return,
                () = tokio::time::sleep(pause) => {}
                () = self.written.notified(), if !failing => {}
            }
        }
    }

    /// One batch. The pause before the next one, if there is none to be had at once.
    async fn turn(&self, attempts: &mut u32, size: &mut usize) -> Result<Option<Duration>, Failed> {
        let records = self.read(*size).await?;
        if records.is_empty() {
            return Ok(Some(IDLE));
        }
        let Delivered { done, failed } = self.deliver(&records).await;
        if let Some(last) = done.checked_sub(1) {
            self.remember(&records[last])?;
            *attempts = 0;
        }
        if !failed {
            *size = self.mapping.batch_size;
            return Ok(None);
        }
        if done == 0 && self.mapping.bisect && records.len() > 1 {
            *size = records.len() / 2;
        }
        *attempts += 1;
        if self.mapping.retries.is_some_and(|most| *attempts > most) && records.len() == 1 {
            self.give_up(&records[0])?;
            (*attempts, *size) = (0, self.mapping.batch_size);
            return Ok(None);
        }
        Ok(Some(FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(*attempts - 1)).min(MAX_PAUSE)))
    }

    async fn deliver(&self, records: &[Value]) -> Delivered {
        let wanted: Vec<&Value> = records.iter().filter(|record| self.passes(record)).collect();
        if wanted.is_empty() {
            return Delivered { done: records.len(), failed: false };
        }
        match self.function.invoke(json!({ "Records": wanted })).await {
            Ok(answer) => {
                let first = answer["batchItemFailures"][0]["itemIdentifier"].as_str();
                match first.map(|id| records.iter().position(|it| sequence(it) == Some(id)).unwrap_or(0)) {
                    Some(done) => Delivered { done, failed: true },
                    None => Delivered { done: records.len(), failed: false },
                }
            }
            Err(failure) => {
                tracing::warn!(table = self.mapping.table, %failure, records = wanted.len(), "a batch failed");
                Delivered { done: 0, failed: true }
            }
        }
    }

    fn passes(&self, record: &Value) -> bool {
        let filters = &self.mapping.filters;
        filters.is_empty() || filters.iter().any(|filter| filter.matches(record))
    }

    fn remember(&self, record: &Value) -> Result<(), Failed> {
        let sequence = sequence(record).ok_or("a stream record has no sequence number")?;
        Ok(self.positions.set_checkpoint(&position_name(&self.mapping.table), sequence)?)
    }

    /// Tells the failure queue which record could not be handled, and goes on after it.
    fn give_up(&self, record: &Value) -> Result<(), Failed> {
        tracing::error!(
            table = self.mapping.table,
            sequence = sequence(record),
            "a stream record was given up"
        );
        if let Some(queue) = &self.mapping.on_failure {
            let keys = &record["dynamodb"]["Keys"];
            let notice =
                json!({ "table": self.mapping.table, "sequenceNumber": sequence(record), "keys": keys });
            self.queues.send(queue, notice.to_string())?;
        }
        self.remember(record)
    }

    /// The records after the position, oldest first.
    async fn read(&self, limit: usize) -> Result<Vec<Value>, Failed> {
        let (database, table) = (self.database.clone(), self.mapping.table.clone());
        let position = self.positions.checkpoint(&position_name(&self.mapping.table))?;
        tokio::task::spawn_blocking(move || read(&database, &table, position, limit)).await?
    }
}

/// Under which name the position in a table's stream is kept.
pub(crate) fn position_name(table: &str) -> String {
    format!("stream:{table}")
}

fn sequence(record: &Value) -> Option<&str> {
    record["dynamodb"]["SequenceNumber"].as_str()
}

fn read(database: &Database, table: &str, after: Option<String>, limit: usize) -> Result<Vec<Value>, Failed> {
    let streams = database.list_streams(serde_json::from_value(json!({ "TableName": table }))?)?;
    let streams = serde_json::to_value(streams)?;
    let arn = streams["Streams"][0]["StreamArn"].as_str().ok_or("the table has no stream")?;
    let stream = database.describe_stream(serde_json::from_value(json!({ "StreamArn": arn }))?)?;
    let stream = serde_json::to_value(stream)?;
    let mut found = Vec::new();
    for shard in stream["StreamDescription"]["Shards"].as_array().into_iter().flatten() {
        let mut from =
            json!({ "StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON" });
        if let Some(after) = &after {
            from["ShardIteratorType"] = json!("AFTER_SEQUENCE_NUMBER");
            from["SequenceNumber"] = json!(after);
        }
        let iterator = serde_json::to_value(database.get_shard_iterator(serde_json::from_value(from)?)?)?;
        let shard_iterator = iterator["ShardIterator"].as_str().unwrap_or_default().to_owned();
        let request = GetRecordsRequest { shard_iterator, limit: Some(limit) };
        for record in database.get_records(request)?.records {
            found.push(serde_json::to_value(record)?);
        }
    }
    Ok(found)
}
