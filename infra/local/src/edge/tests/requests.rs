//! How a request reaches its function.

use aws_lambda_events::event::apigw::ApiGatewayV2httpRequest;
use base64::{Engine, engine::general_purpose::STANDARD};

use super::*;

#[tokio::test]
async fn a_command_arrives_as_an_http_api_event() {
    let edge = Running::echoing().await;
    let head = "POST /commands/project/Create%20It?a=1&b=x%26y&a=2 HTTP/1.1\r\nContent-Type: application/json\r\n\
                User-Agent: test\r\nX-Many: 1\r\nX-Many: 2\r\nCookie: c=1; d=2";
    let answer = edge.signed(head, r#"{"name":"ä"}"#).await;
    assert_eq!(answer.status, 200);
    let event = answer.json();
    assert_eq!(event["version"], "2.0");
    assert_eq!(event["routeKey"], "POST /commands/{context}/{command}");
    assert_eq!(event["rawPath"], "/commands/project/Create%20It");
    assert_eq!(event["rawQueryString"], "a=1&b=x%26y&a=2");
    assert_eq!(event["queryStringParameters"], json!({ "a": "1,2", "b": "x&y" }));
    assert_eq!(event["pathParameters"], json!({ "context": "project", "command": "Create It" }));
    assert_eq!(event["headers"]["content-type"], "application/json");
    assert_eq!(event["headers"]["x-many"], "1,2");
    assert_eq!(event["cookies"], json!(["c=1", "d=2"]));
    assert_eq!((&event["body"], &event["isBase64Encoded"]), (&json!(r#"{"name":"ä"}"#), &json!(false)));
    let context = &event["requestContext"];
    assert_eq!(context["routeKey"], event["routeKey"]);
    assert_eq!(context["stage"], "$default");
    let http = json!({
        "method": "POST", "path": "/commands/project/Create%20It", "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1", "userAgent": "test"
    });
    assert_eq!(context["http"], http);
    assert!(context["requestId"].is_string() && context["timeEpoch"].is_i64());
}

#[tokio::test]
async fn claims_arrive_as_texts() {
    let edge = Running::echoing().await;
    let event = edge.signed("GET /graphql HTTP/1.1", "").await.json();
    let jwt = &event["requestContext"]["authorizer"]["jwt"];
    assert_eq!(jwt["scopes"], Value::Null);
    assert_eq!(jwt["claims"]["custom:tenant"], "acme");
    assert_eq!(jwt["claims"]["cognito:groups"], "[Developer]");
    assert!(jwt["claims"].as_object().unwrap().values().all(Value::is_string));
    assert!(jwt["claims"]["exp"].as_str().unwrap().parse::<i64>().is_ok());
}

#[tokio::test]
async fn the_event_is_the_one_lambda_functions_decode() {
    let edge = Running::echoing().await;
    let event = edge.signed("POST /graphql?x=1 HTTP/1.1\r\nContent-Type: text/plain", "hello").await.json();
    let request: ApiGatewayV2httpRequest = serde_json::from_value(event).unwrap();
    assert_eq!(request.route_key.as_deref(), Some("POST /graphql"));
    assert_eq!(request.request_context.http.method.as_str(), "POST");
    assert_eq!(request.body.as_deref(), Some("hello"));
    assert_eq!(request.query_string_parameters.first("x"), Some("1"));
    let claims = request.request_context.authorizer.unwrap().jwt.unwrap().claims;
    assert_eq!(claims["sub"], "ada");
}

#[tokio::test]
async fn an_open_route_needs_no_token_and_an_empty_request_has_empty_places() {
    let edge = Running::echoing().await;
    let event = edge.send("GET /open HTTP/1.1", "").await.json();
    for absent in ["body", "cookies", "queryStringParameters", "pathParameters"] {
        assert_eq!(event.get(absent), None, "{absent}");
    }
    assert_eq!(event["rawQueryString"], "");
    assert_eq!(event["requestContext"].get("authorizer"), None);
}

#[tokio::test]
async fn bodies_that_are_no_text_arrive_as_base64() {
    let edge = Running::echoing().await;
    let body = |event: &Value| {
        assert_eq!(event["isBase64Encoded"], true);
        STANDARD.decode(event["body"].as_str().unwrap()).unwrap()
    };
    let binary = edge.send("POST /open HTTP/1.1\r\nContent-Type: application/json", [0xff, 0x00]).await;
    assert_eq!(body(&binary.json()), [0xff, 0x00]);
    let declared = edge.send("POST /open HTTP/1.1\r\nContent-Type: application/octet-stream", "abc").await;
    assert_eq!(body(&declared.json()), b"abc");
    let structured =
        edge.send("POST /open HTTP/1.1\r\nContent-Type: application/x+json; charset=utf-8", "{}").await;
    assert_eq!(structured.json()["body"], "{}");
}

#[tokio::test]
async fn head_is_get_without_its_body() {
    let edge = Running::echoing().await;
    let answer = edge.signed("HEAD /graphql HTTP/1.1", "").await;
    assert_eq!((answer.status, answer.body.len()), (200, 0));
    assert!(answer.header("content-length").unwrap().parse::<usize>().unwrap() > 0);
}
