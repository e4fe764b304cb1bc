//! What is refused before any function runs.

use std::time::Instant;

use super::*;

fn never(_: Value) -> Result<Value, FunctionFailure> {
    panic!("no function may run")
}

#[tokio::test]
async fn without_one_good_token() {
    let edge = Running::answering(never).await;
    let good = edge.token();
    let (head, signature) = good.rsplit_once('.').unwrap();
    let tampered = format!("{head}.{}", signature.chars().rev().collect::<String>());
    let claims = good.split('.').nth(1).unwrap();
    let unsigned = format!("eyJhbGciOiJub25lIn0.{claims}.");
    let lines = [
        String::new(),
        "\r\nAuthorization: Bearer".to_owned(),
        format!("\r\nAuthorization: Basic {good}"),
        format!("\r\nAuthorization: Bearer {tampered}"),
        format!("\r\nAuthorization: Bearer {unsigned}"),
        format!("\r\nAuthorization: Bearer {good}\r\nAuthorization: Bearer {good}"),
    ];
    for line in lines {
        let answer = edge.send(&format!("GET /graphql HTTP/1.1{line}"), "").await;
        answer.assert_problem(401, "UNAUTHORIZED");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
}

#[tokio::test]
async fn what_no_route_leads_to() {
    let edge = Running::answering(never).await;
    for path in ["/nowhere", "/graphql/", "/commands/project", "/commands/a/b/c", "//"] {
        edge.signed(&format!("GET {path} HTTP/1.1"), "").await.assert_problem(404, "NOT_FOUND");
    }
    let answer = edge.signed("DELETE /graphql HTTP/1.1", "").await;
    answer.assert_problem(405, "METHOD_NOT_ALLOWED");
    assert_eq!(answer.header("allow"), Some("GET,HEAD,POST"));
    edge.signed("GET /commands/%ff/x HTTP/1.1", "").await.assert_problem(405, "METHOD_NOT_ALLOWED");
    edge.signed("POST /commands/%ff/x HTTP/1.1", "").await.assert_problem(400, "MALFORMED_REQUEST");
}

#[tokio::test]
async fn options_tells_the_methods() {
    let edge = Running::answering(never).await;
    let answer = edge.send("OPTIONS /graphql HTTP/1.1", "").await;
    assert_eq!((answer.status, answer.header("allow")), (204, Some("GET,HEAD,POST")));
    edge.send("OPTIONS /nowhere HTTP/1.1", "").await.assert_problem(404, "NOT_FOUND");
}

#[tokio::test]
async fn what_was_meant_for_another_host() {
    let edge = Running::answering(never).await;
    for host in ["evil.example", "evil.example:80", "0.0.0.0"] {
        for path in ["/", "/health", "/graphql", "/extra", "/nowhere"] {
            let answer = edge.raw(&format!("GET {path} HTTP/1.1\r\nHost: {host}"), b"").await;
            answer.assert_problem(421, "FOREIGN_HOST");
        }
    }
    edge.raw("GET / HTTP/1.0", b"").await.assert_problem(421, "FOREIGN_HOST");
}

#[tokio::test]
async fn bodies_over_the_limit_whether_announced_or_not() {
    let edge = Running::echoing().await;
    let fitting = edge.send("POST /open HTTP/1.1", vec![b'x'; MAX_BODY_BYTES]).await;
    assert_eq!(fitting.json()["body"].as_str().unwrap().len(), MAX_BODY_BYTES);
    for size in [MAX_BODY_BYTES + 1, 3 * MAX_BODY_BYTES] {
        let body = vec![b'x'; size];
        edge.send("POST /open HTTP/1.1", &body).await.assert_problem(413, "PAYLOAD_TOO_LARGE");
        let mut chunked = format!("{size:x}\r\n").into_bytes();
        chunked.extend(body);
        chunked.extend(b"\r\n0\r\n\r\n");
        let head = format!("POST /open HTTP/1.1\r\nHost: {}\r\nTransfer-Encoding: chunked", edge.address);
        edge.raw(&head, &chunked).await.assert_problem(413, "PAYLOAD_TOO_LARGE");
    }
}

#[tokio::test]
async fn an_announced_body_is_not_waited_for() {
    let edge = Running::answering(never).await;
    let begun = Instant::now();
    let mut stream = TcpStream::connect(edge.address).await.unwrap();
    let head = format!("POST /open HTTP/1.1\r\nHost: {}\r\nContent-Length: 9999999\r\n\r\n", edge.address);
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 413");
    assert!(begun.elapsed() < Duration::from_secs(1));
}
