use aws_lambda_events::{dynamodb, sqs::SqsEvent};
use serde_json::{Value, json};
use skafu_events::{Commit, Envelope};
use skafu_store::encode_commit;

/// A record of the event table's stream.
pub fn inserted(commit: &Commit, sequence_number: &str) -> Value {
    let image = serde_dynamo::Item::from(encode_commit(commit).unwrap());
    let image = serde_json::to_value(image).unwrap();
    json!({
        "eventID": format!("record-{sequence_number}"),
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "eu-west-1",
        "eventSourceARN": "arn:aws:dynamodb:eu-west-1:123456789012:table/events/stream/2025-01-18T10:30:00.000",
        "dynamodb": {
            "ApproximateCreationDateTime": 1737196200,
            "Keys": { "PK": image["PK"], "SK": image["SK"] },
            "NewImage": image,
            "SequenceNumber": sequence_number,
            "SizeBytes": 512,
            "StreamViewType": "NEW_IMAGE"
        }
    })
}

/// What the relay is invoked with.
pub fn stream_event(records: Vec<Value>) -> dynamodb::Event {
    serde_json::from_value(json!({ "Records": records })).unwrap()
}

/// An event as EventBridge hands it to a queue.
pub fn bus_event(envelope: &Envelope) -> String {
    json!({
        "version": "0",
        "id": "17793124-05d4-b198-2fde-7ededc63b103",
        "detail-type": envelope.event_type,
        "source": "skafu.project",
        "account": "123456789012",
        "time": "2025-01-18T10:30:00Z",
        "region": "eu-west-1",
        "resources": [],
        "detail": envelope
    })
    .to_string()
}

/// A batch of a queue's messages, whose ids are `m0`, `m1` …
pub fn messages(bodies: &[String]) -> SqsEvent {
    let records: Vec<Value> = bodies
        .iter()
        .enumerate()
        .map(|(at, body)| {
            json!({
                "messageId": format!("m{at}"),
                "receiptHandle": "receipt",
                "body": body,
                "md5OfBody": "",
                "attributes": { "ApproximateReceiveCount": "1", "SentTimestamp": "1737196200000" },
                "messageAttributes": {},
                "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:queue",
                "awsRegion": "eu-west-1"
            })
        })
        .collect();
    serde_json::from_value(json!({ "Records": records })).unwrap()
}
