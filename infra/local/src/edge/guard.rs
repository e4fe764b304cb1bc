//! Who may talk to the edge at all: requests that were meant for this machine.

use axum::{
    extract::Request,
    http::{HeaderMap, Uri, header::HOST, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};

use super::problem::Problem;

const LOOPBACK: &[&str] = &["127.0.0.1", "localhost", "[::1]"];

/// Refuses requests under a foreign name. A page in a browser can make its own domain resolve to 127.0.0.1 and so reach
/// this port, but the name stays in `Host`.
pub(super) async fn only_loopback(request: Request, next: Next) -> Response {
    if is_for_loopback(request.uri(), request.headers()) {
        next.run(request).await
    } else {
        Problem::ForeignHost.into_response()
    }
}

fn is_for_loopback(uri: &Uri, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let named = host.to_str().is_ok_and(|host| host.parse().is_ok_and(|host| is_loopback(&host)));
    named && uri.authority().is_none_or(is_loopback)
}

fn is_loopback(authority: &Authority) -> bool {
    let plain = !authority.as_str().contains('@');
    plain && LOOPBACK.iter().any(|known| known.eq_ignore_ascii_case(authority.host()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepted(uri: &'static str, hosts: &[&'static str]) -> bool {
        let mut headers = HeaderMap::new();
        for host in hosts {
            headers.append(HOST, host.parse().unwrap());
        }
        is_for_loopback(&Uri::from_static(uri), &headers)
    }

    #[test]
    fn only_names_of_this_machine_are_accepted_with_any_port() {
        for host in ["127.0.0.1", "127.0.0.1:8080", "localhost:1", "LOCALHOST", "[::1]", "[::1]:8080"] {
            assert!(accepted("/", &[host]), "{host}");
        }
        for host in [
            "example.org",
            "127.0.0.1.example.org",
            "localhost.evil:80",
            "0.0.0.0",
            "x@127.0.0.1",
            "",
            "[::2]",
        ] {
            assert!(!accepted("/", &[host]), "{host}");
        }
    }

    #[test]
    fn there_is_one_name_and_the_target_agrees() {
        assert!(!accepted("/", &[]));
        assert!(!accepted("/", &["localhost", "example.org"]));
        assert!(accepted("http://localhost:1/x", &["localhost:1"]));
        assert!(!accepted("http://example.org/x", &["localhost"]));
    }
}
