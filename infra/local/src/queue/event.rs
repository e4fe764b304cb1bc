//! The JSON between a queue and the function subscribed to it, as on AWS.

use std::collections::HashSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Message;

/// The event a function receives for a batch of messages.
pub(super) fn sqs_event(queue: &str, batch: &[Message]) -> Value {
    let arn = format!("arn:aws:sqs:local:000000000000:{queue}");
    let record = |m: &Message| {
        json!({
            "messageId": m.id,
            "receiptHandle": m.receipt,
            "body": m.body,
            "attributes": {
                "ApproximateReceiveCount": m.receive_count.to_string(),
                "ApproximateFirstReceiveTimestamp": m.first_received_at.timestamp_millis().to_string(),
                "SenderId": "000000000000",
                "SentTimestamp": m.sent_at.timestamp_millis().to_string(),
            },
            "messageAttributes": {},
            "md5OfBody": "",
            "eventSource": "aws:sqs",
            "eventSourceARN": arn,
            "awsRegion": "local",
        })
    };
    json!({ "Records": batch.iter().map(record).collect::<Vec<_>>() })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PartialFailure {
    batch_item_failures: Option<Vec<ItemFailure>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ItemFailure {
    item_identifier: String,
}

/// Which messages of the batch the function reports as failed. An answer that cannot be trusted (another
/// shape, an id that is not of the batch) fails all of them, as on AWS; no answer fails none.
pub(super) fn failed_items<'a>(answer: &Value, batch: &'a [Message]) -> HashSet<&'a str> {
    if answer.is_null() || answer.as_str() == Some("") {
        return HashSet::new();
    }
    let all = || batch.iter().map(|m| m.id.as_str()).collect();
    let Ok(report) = PartialFailure::deserialize(answer) else { return all() };
    let failures = report.batch_item_failures.unwrap_or_default();
    let known = |f: &ItemFailure| batch.iter().find(|m| m.id == f.item_identifier).map(|m| m.id.as_str());
    failures.iter().map(known).collect::<Option<_>>().unwrap_or_else(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lambda_events::event::sqs::SqsEvent;
    use chrono::DateTime;

    fn batch() -> Vec<Message> {
        let at = DateTime::from_timestamp(1_700_000_000, 0).unwrap();
        ["a", "b"]
            .map(|id| Message {
                id: id.into(),
                receipt: format!("receipt-{id}"),
                body: format!("body {id}"),
                sent_at: at,
                first_received_at: at,
                receive_count: 2,
            })
            .into()
    }

    #[test]
    fn the_event_reads_as_one_of_aws() {
        let event: SqsEvent = serde_json::from_value(sqs_event("orders", &batch())).unwrap();
        let record = &event.records[1];
        assert_eq!(record.message_id.as_deref(), Some("b"));
        assert_eq!(record.receipt_handle.as_deref(), Some("receipt-b"));
        assert_eq!(record.body.as_deref(), Some("body b"));
        assert_eq!(record.event_source.as_deref(), Some("aws:sqs"));
        assert_eq!(record.event_source_arn.as_deref(), Some("arn:aws:sqs:local:000000000000:orders"));
        assert_eq!(record.aws_region.as_deref(), Some("local"));
        assert_eq!(record.attributes["ApproximateReceiveCount"], "2");
        assert_eq!(record.attributes["SentTimestamp"], "1700000000000");
    }

    #[test]
    fn the_answer_tells_which_messages_failed() {
        let batch = batch();
        let failed = |answer: Value| {
            let mut ids: Vec<_> = failed_items(&answer, &batch).into_iter().collect();
            ids.sort_unstable();
            ids.concat()
        };
        let none = [Value::Null, json!(""), json!({}), json!({ "batchItemFailures": null })];
        none.into_iter().for_each(|answer| assert_eq!(failed(answer), ""));
        assert_eq!(failed(json!({ "batchItemFailures": [] })), "");
        assert_eq!(failed(json!({ "batchItemFailures": [{ "itemIdentifier": "b" }] })), "b");
        let all = [
            json!({ "batchItemFailures": [{ "itemIdentifier": "stranger" }] }),
            json!({ "batchItemFailures": [{ "itemIdentifier": "" }] }),
            json!({ "batchItemFailures": [{ "itemIdentifier": null }] }),
            json!({ "batchItemFailures": [{ "other": "b" }] }),
            json!("not a report"),
        ];
        all.into_iter().for_each(|answer| assert_eq!(failed(answer), "ab"));
    }
}
