//! The playground: what is served, what it may do in a browser, and who gets its token.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};

use super::*;
use crate::edge::playground::FILES;

const SOURCES: &str = include_str!("../../../assets/playground/release/SOURCES.json");

/// What a browser sends for a script of the page, the origin left out.
const OWN: &str = "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty";

#[tokio::test]
async fn the_page_loads_files_of_this_server_alone_and_each_is_there() {
    let edge = Running::echoing().await;
    let page = edge.send("GET /playground HTTP/1.1", "").await;
    assert_eq!((page.status, page.header("content-type")), (200, Some("text/html; charset=utf-8")));
    assert_eq!(page.header("cache-control"), Some("no-store"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.header("cross-origin-opener-policy"), Some("same-origin"));
    let html = String::from_utf8(page.body).unwrap();
    let parts: Vec<_> = html.split('"').collect();
    let after = |name| parts.windows(2).filter(move |pair| pair[0].ends_with(name)).map(|pair| pair[1]);
    let loaded: BTreeSet<_> = after(" src=").chain(after(" href=")).filter(|url| *url != "data:,").collect();
    let served: BTreeSet<_> = FILES.iter().map(|file| file.path).collect();
    assert_eq!(loaded, served, "nothing is loaded that is not served, nor served for nothing");
    for inline in ["<style", "<script>", " style=", " onload="] {
        assert!(!html.contains(inline), "{inline}");
    }
}

#[tokio::test]
async fn its_policy_allows_nothing_that_is_not_named() {
    let edge = Running::echoing().await;
    let page = edge.send("GET /playground HTTP/1.1", "").await;
    let html = String::from_utf8(page.body.clone()).unwrap();
    let (_, nonce) = html.split_once("name=\"style-nonce\" content=\"").unwrap();
    let nonce = nonce.split('"').next().unwrap();
    assert!(nonce.len() == 32 && nonce.bytes().all(|byte| byte.is_ascii_hexdigit()), "{nonce}");
    let hash = |style: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(style)));
    let expected = [
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'none'",
        "connect-src 'self'",
        &format!("style-src-elem 'self' 'nonce-{nonce}'"),
        &format!("style-src-attr 'unsafe-hashes' {} {}", hash("width: 10em"), hash("color: #888")),
        "font-src data:",
        "img-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ];
    let policy = page.header("content-security-policy").unwrap();
    assert_eq!(policy.split("; ").collect::<Vec<_>>(), expected);
    let again = edge.send("GET /playground HTTP/1.1", "").await;
    assert!(!String::from_utf8(again.body).unwrap().contains(nonce), "a nonce is used once");
}

#[tokio::test]
async fn files_have_their_type_and_are_sent_again_only_when_they_changed() {
    let edge = Running::echoing().await;
    for file in FILES {
        let head = format!("GET {} HTTP/1.1", file.path);
        let answer = edge.send(&head, "").await;
        let script = file.path.ends_with(".js").then_some("text/javascript; charset=utf-8");
        assert_eq!(answer.status, 200, "{}", file.path);
        assert_eq!(answer.header("content-type"), script.or(Some("text/css; charset=utf-8")));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
        assert!(answer.body == file.bytes, "{} is sent whole", file.path);
        let tag = answer.header("etag").unwrap();
        for known in [tag.to_owned(), format!("W/{tag}"), format!("\"other\", {tag}")] {
            let known = edge.send(&format!("{head}\r\nIf-None-Match: {known}"), "").await;
            assert_eq!((known.status, known.body.len()), (304, 0));
            assert_eq!(known.header("etag"), Some(tag));
        }
        assert_eq!(edge.send(&format!("{head}\r\nIf-None-Match: \"other\""), "").await.status, 200);
    }
}

#[tokio::test]
async fn no_other_file_is_served() {
    let edge = Running::echoing().await;
    for path in
        ["/", "/x.js", "/SOURCES.json", "/release/graphiql.min.js", "/../page.html", "/%2e%2e/page.html"]
    {
        let answer = edge.send(&format!("GET /playground{path} HTTP/1.1"), "").await;
        answer.assert_problem(404, "NOT_FOUND");
    }
    edge.send("POST /playground HTTP/1.1", "").await.assert_problem(405, "METHOD_NOT_ALLOWED");
}

#[test]
fn the_files_of_others_are_as_they_were_released() {
    let sources: Value = serde_json::from_str(SOURCES).unwrap();
    let packages = sources["packages"].as_array().unwrap();
    let released: HashMap<_, _> = packages
        .iter()
        .flat_map(|package| package["files"].as_array().unwrap())
        .map(|file| (file["to"].as_str().unwrap(), file["sha256"].as_str().unwrap()))
        .collect();
    let others: Vec<_> = FILES.iter().filter(|file| !file.path.contains("/playground.")).collect();
    assert_eq!(others.len(), 4);
    for file in others {
        let name = file.path.rsplit('/').next().unwrap();
        let sha256: String = Sha256::digest(file.bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(Some(&sha256.as_str()), released.get(name), "{name}");
    }
}

#[tokio::test]
async fn the_page_is_given_a_developer_s_token() {
    let edge = Running::echoing().await;
    let head = format!("POST /playground/token HTTP/1.1\r\nOrigin: http://{}\r\n{OWN}", edge.address);
    let answer = edge.send(&head, "").await;
    assert_eq!((answer.status, answer.header("cache-control")), (200, Some("no-store")));
    assert_eq!(answer.header("access-control-allow-origin"), None);
    let given = answer.json();
    assert_eq!(given["expiresIn"], 3600);
    let claims = edge.issuer.verify(given["token"].as_str().unwrap()).unwrap();
    assert_eq!((&claims["sub"], &claims["custom:tenant"]), (&json!("local"), &json!("local")));
    assert_eq!(claims["cognito:groups"], json!(["Developer"]));
}

#[tokio::test]
async fn nobody_else_in_a_browser_is_given_one() {
    let edge = Running::echoing().await;
    let here = format!("Origin: http://{}", edge.address);
    let with = |from: &str, to: &str| format!("{here}\r\n{}", OWN.replace(from, to));
    let refused = [
        ("a page elsewhere", with("same-origin", "cross-site")),
        ("another port of this machine", with("same-origin", "same-site")),
        ("the address bar", with("same-origin", "none")),
        ("a form", with("cors", "navigate")),
        ("an element of a page", with("empty", "script")),
        ("a browser that does not say", here.clone()),
        ("nobody in particular", String::new()),
        ("a page without an origin", format!("Origin: null\r\n{OWN}")),
        ("a request that names no origin", OWN.to_owned()),
        ("behind a proxy that took the host's name", format!("Origin: https://example.org\r\n{OWN}")),
        ("behind a proxy that says so", format!("{here}\r\n{OWN}\r\nX-Forwarded-For: 192.0.2.1")),
        ("something said twice", format!("{here}\r\n{OWN}\r\nSec-Fetch-Site: same-origin")),
        ("two origins", format!("{here}\r\n{here}\r\n{OWN}")),
    ];
    for (who, headers) in refused {
        let line = if headers.is_empty() { String::new() } else { format!("\r\n{headers}") };
        let answer = edge.send(&format!("POST /playground/token HTTP/1.1{line}"), "").await;
        assert_eq!(answer.status, 403, "{who}");
        answer.assert_problem(403, "FORBIDDEN");
    }
    let by_address = edge.send(&format!("GET /playground/token HTTP/1.1\r\n{here}\r\n{OWN}"), "").await;
    by_address.assert_problem(405, "METHOD_NOT_ALLOWED");
    let rebound = format!(
        "POST /playground/token HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://evil.example\r\n{OWN}"
    );
    edge.raw(&rebound, b"").await.assert_problem(421, "FOREIGN_HOST");
}
