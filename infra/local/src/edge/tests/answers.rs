//! How a function's answer reaches the client.

use super::*;

#[tokio::test]
async fn status_headers_cookies_and_body_are_passed_on() {
    let edge = Running::answering(|_| {
        Ok(json!({
            "statusCode": 202,
            "headers": { "content-type": "text/plain", "x-number": 7, "content-length": "999" },
            "multiValueHeaders": { "x-many": ["1", "2"] },
            "cookies": ["a=1", "b=2"],
            "body": "done",
            "isBase64Encoded": false
        }))
    });
    let answer = edge.await.send("POST /open HTTP/1.1", "").await;
    assert_eq!((answer.status, answer.body.as_slice()), (202, b"done".as_slice()));
    assert_eq!(answer.header("content-type"), Some("text/plain"));
    assert_eq!(answer.header("content-length"), Some("4"));
    assert_eq!(answer.header("x-number"), Some("7"));
    let all = |name: &str| {
        let values = answer.headers.iter().filter(|(known, _)| known == name);
        values.map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    assert_eq!(all("x-many"), ["1", "2"]);
    assert_eq!(all("set-cookie"), ["a=1", "b=2"]);
}

#[tokio::test]
async fn base64_is_undone_and_a_bare_value_is_json() {
    let edge =
        Running::answering(|_| Ok(json!({ "statusCode": 200, "body": "/wA=", "isBase64Encoded": true })))
            .await;
    assert_eq!(edge.send("GET /open HTTP/1.1", "").await.body, [0xff, 0x00]);
    let edge = Running::answering(|_| Ok(json!({ "hello": "world" }))).await;
    let answer = edge.send("GET /open HTTP/1.1", "").await;
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    assert_eq!(answer.json(), json!({ "hello": "world" }));
}

#[tokio::test]
async fn what_a_function_serialises_with_the_lambda_types_is_understood() {
    let edge = Running::answering(|_| {
        let mut response = aws_lambda_events::event::apigw::ApiGatewayV2httpResponse::default();
        response.status_code = 404;
        response.body = Some("{}".into());
        Ok(serde_json::to_value(response).unwrap())
    });
    let answer = edge.await.send("GET /open HTTP/1.1", "").await;
    assert_eq!((answer.status, answer.body.as_slice()), (404, b"{}".as_slice()));
}

#[tokio::test]
async fn a_failure_a_panic_and_nonsense_are_internal_errors_that_tell_nothing() {
    let failing: [fn(Value) -> Result<Value, FunctionFailure>; 5] = [
        |_| Err(FunctionFailure::new("Secret", "the password is x")),
        |_| panic!("the password is x"),
        |_| Ok(json!({ "statusCode": 99 })),
        |_| Ok(json!({ "statusCode": 200, "headers": { "bad name": "x" } })),
        |_| Ok(json!({ "statusCode": 200, "body": "%", "isBase64Encoded": true })),
    ];
    for answer in failing {
        let answer = Running::answering(answer).await.send("GET /open HTTP/1.1", "").await;
        answer.assert_problem(500, "INTERNAL");
        assert!(!String::from_utf8(answer.body).unwrap().contains("password"));
    }
}
