use aws_lambda_events::dynamodb::EventRecord;
use skafu_events::{Commit, StreamId};
use skafu_store::{Chain, DecodeError, decode_commit};

use super::unpublished::Unpublished;

/// What sort keys of commits begin with.
const EVENT_PREFIX: &str = "EVENT#";

/// The commits of a batch of stream records.
#[derive(Debug, Default)]
pub struct Batch {
    /// Each with the place of its record, in the order of the records.
    pub commits: Vec<(usize, Commit)>,
    /// Which of them follow a record of their aggregate that cannot be read: they would come out of order.
    pub behind: Vec<bool>,
}

impl Batch {
    /// Reads the records. Those that should hold a commit but cannot be read are left in `unpublished`.
    pub fn read(records: &[EventRecord], unpublished: &mut Unpublished) -> Self {
        let mut batch = Self::default();
        for (at, record) in records.iter().enumerate() {
            match commit(record) {
                Ok(Some(commit)) => {
                    batch.behind.push(unpublished.holds(&commit.stream));
                    batch.commits.push((at, commit));
                }
                Ok(None) => {}
                Err(error) => {
                    let keys = &record.change.keys;
                    tracing::error!(error = %Chain(&error), ?keys, "not a commit");
                    match place(record) {
                        Some((stream, version)) => unpublished.hold(&stream, at, version),
                        None => unpublished.keep(at, keys.clone()),
                    }
                }
            }
        }
        batch
    }
}

/// The commit a record brings, if it is one to publish.
fn commit(record: &EventRecord) -> Result<Option<Commit>, DecodeError> {
    if !attribute(record, "SK").is_some_and(|key| key.starts_with(EVENT_PREFIX)) {
        return Ok(None);
    }
    if record.event_name != "INSERT" {
        // History was tampered with: say so, and never tell others the altered story.
        tracing::error!(event = record.event_name, keys = ?record.change.keys, "a commit was changed or removed");
        return Ok(None);
    }
    decode_commit(record.change.new_image.clone()).map(Some)
}

/// The stream and the version a record belongs to, by its key.
fn place(record: &EventRecord) -> Option<(StreamId, u64)> {
    let stream = attribute(record, "PK")?.parse().ok()?;
    let version = attribute(record, "SK")?.strip_prefix(EVENT_PREFIX)?.parse().ok()?;
    (version > 0).then_some((stream, version))
}

fn attribute<'a>(record: &'a EventRecord, name: &str) -> Option<&'a str> {
    match record.change.keys.get(name) {
        Some(serde_dynamo::AttributeValue::S(key)) => Some(key),
        _ => None,
    }
}
