//! How messages reach a queue of SQS: what is asked, and what becomes of a half-hearted answer.

#![cfg(feature = "aws")]
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use skafu_functions::aws::SqsQueue;
use skafu_functions::queues::{MessageQueue, QueueError};
use skafu_store::aws::Connection;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// Reads one request's body.
async fn body(stream: &mut TcpStream) -> Option<Value> {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let head = head.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() == length.unwrap().parse::<usize>().unwrap() {
                return serde_json::from_str(body).ok();
            }
        }
        if stream.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    }
}

/// A queue that takes every message but those that say `refused`, and the requests it gets.
async fn queue() -> (SqsQueue, Arc<Mutex<Vec<Value>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let requests = Arc::new(Mutex::new(Vec::new()));
    let seen = requests.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            while let Some(request) = body(&mut stream).await {
                let entries = request["Entries"].as_array().unwrap().clone();
                let (refused, taken): (Vec<Value>, Vec<Value>) =
                    entries.into_iter().partition(|entry| entry["MessageBody"] == "refused");
                let failed =
                    |it: &Value| json!({ "Id": it["Id"], "Code": "InternalError", "SenderFault": false });
                let sent = |it: &Value| json!({ "Id": it["Id"], "MessageId": "m", "MD5OfMessageBody": "" });
                let answer = json!({
                    "Successful": taken.iter().map(sent).collect::<Vec<_>>(),
                    "Failed": refused.iter().map(failed).collect::<Vec<_>>(),
                })
                .to_string();
                seen.lock().unwrap().push(request);
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/x-amz-json-1.0\r\ncontent-length: ";
                let answer = format!("{head}{}\r\n\r\n{answer}", answer.len());
                stream.write_all(answer.as_bytes()).await.unwrap();
            }
        }
    });
    let config = Connection::local(url.clone()).sdk_config();
    (SqsQueue::new(&config, format!("{url}/123456789012/queue")), requests)
}

fn bodies(request: &Value) -> Vec<&str> {
    let entries = request["Entries"].as_array().unwrap();
    entries.iter().map(|entry| entry["MessageBody"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn messages_are_sent_by_tens_in_their_order() {
    let (queue, requests) = queue().await;
    let messages: Vec<String> = (0..12).map(|at| at.to_string()).collect();
    queue.send(&messages).await.unwrap();
    let requests = requests.lock().unwrap();
    assert_eq!(requests.iter().map(|request| bodies(request).len()).collect::<Vec<_>>(), [10, 2]);
    assert_eq!(requests.iter().flat_map(bodies).collect::<Vec<_>>(), messages);
    assert!(requests[0]["QueueUrl"].as_str().unwrap().ends_with("/123456789012/queue"));
    assert!(requests[0]["Entries"][0].get("DelaySeconds").is_none(), "the queue itself says how long");
}

#[tokio::test]
async fn messages_that_are_too_much_for_one_request_are_sent_in_several() {
    let (queue, requests) = queue().await;
    queue.send(&vec!["x".repeat(100 * 1024); 3]).await.unwrap();
    let sizes: Vec<usize> = requests.lock().unwrap().iter().map(|request| bodies(request).len()).collect();
    assert_eq!(sizes, [2, 1]);
}

#[tokio::test]
async fn a_message_that_is_not_taken_is_a_failure_of_all() {
    let (queue, _) = queue().await;
    let error = queue.send(&["one".to_owned(), "refused".to_owned()]).await.unwrap_err();
    assert!(matches!(error, QueueError::Refused { refused: 1, .. }), "{error:?}");
    assert_eq!(error.to_string(), "the queue refused 1 messages, one of them for InternalError");
}
