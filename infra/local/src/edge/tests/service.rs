//! What the edge offers by itself, and how it begins and ends.

use super::*;

#[tokio::test]
async fn health_keys_and_added_routes_are_open() {
    let edge = Running::echoing().await;
    let health = edge.send("GET /health HTTP/1.1", "").await;
    assert_eq!((health.status, health.json()), (200, json!({ "status": "ok" })));
    assert_eq!(edge.send("GET /.well-known/jwks.json HTTP/1.1", "").await.json(), edge.issuer.jwks());
    assert_eq!(edge.send("GET /extra HTTP/1.1", "").await.body, b"more");
    edge.send("POST /health HTTP/1.1", "").await.assert_problem(405, "METHOD_NOT_ALLOWED");
}

#[tokio::test]
async fn the_page_loads_nothing() {
    let edge = Running::echoing().await;
    let page = edge.send("GET / HTTP/1.1", "").await;
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    let html = String::from_utf8(page.body).unwrap();
    for part in [
        "<title>",
        "href=\"/graphql\"",
        "href=\"/playground\"",
        "href=\"/health\"",
        "jwks.json",
        "skafu token",
        "curl ",
    ] {
        assert!(html.contains(part), "{part}");
    }
    for outside in ["src=", "<link", "@import", "url(", "https://", "<script"] {
        assert!(!html.contains(outside), "{outside}");
    }
}

#[tokio::test]
async fn it_stops_when_told_to_and_finishes_what_is_under_way() {
    let mut edge = Running::answering(|_| {
        std::thread::sleep(Duration::from_millis(200));
        Ok(json!("late"))
    })
    .await;
    let mut stream = TcpStream::connect(edge.address).await.unwrap();
    stream.write_all(b"GET /open HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    edge.stop.take().unwrap().send(()).unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    assert_eq!(Answer::parse(&bytes).body, b"\"late\"");
    let served = tokio::time::timeout(Duration::from_secs(5), &mut edge.serving).await;
    served.unwrap().unwrap().unwrap();
    assert!(TcpStream::connect(edge.address).await.is_err());
}

#[test]
fn a_stack_whose_routes_cannot_be_served_is_refused() {
    let issuer = issuer();
    let functions = HashMap::from([("Fake".to_owned(), Arc::new(Fake(echo)) as Arc<dyn Invoke>)]);
    let refused =
        |routes: &[(&str, &str, bool)]| Edge::new(&stack(routes), &functions, &issuer, Router::new()).err();
    let taken = |key: &str| Some(EdgeError::Taken(key.to_owned()));
    assert_eq!(
        refused(&[("GET", "/a/{b}", true), ("POST", "/a/{b}", true), ("GET", "/a/{b}/c", true)]),
        None
    );
    assert_eq!(refused(&[("GET", "/health", true)]), taken("GET /health"));
    assert_eq!(refused(&[("GET", "/playground/x", true)]), taken("GET /playground/x"));
    assert_eq!(refused(&[("GET", "/playgrounds", true)]), None);
    assert_eq!(refused(&[("GET", "/a", true), ("GET", "/a", true)]), taken("GET /a"));
    assert_eq!(refused(&[("GET", "/a/{b}", true), ("POST", "/a/{c}/d", true)]), taken("POST /a/{c}/d"));
    assert_eq!(refused(&[("FETCH", "/a", true)]), Some(EdgeError::Method("FETCH".into())));
    let none = Edge::new(&stack(&[("GET", "/a", true)]), &HashMap::new(), &issuer, Router::new()).err();
    assert_eq!(none, Some(EdgeError::NoFunction { route: "GET /a".into(), function: "Fake".into() }));
}
