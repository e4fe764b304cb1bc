use std::{path::PathBuf, thread, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use super::*;

/// A directory of its own, gone with the test.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let path = std::env::temp_dir().join(format!("skafu-issuer-{}", Uuid::new_v4()));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn request() -> TokenRequest {
    TokenRequest {
        user: "ada@example.org".into(),
        tenant: "acme".into(),
        role: Role::Developer,
        email: Some("ada@example.org".into()),
        lifetime: Duration::from_secs(3600),
    }
}

fn issuer() -> (Directory, Issuer) {
    let directory = Directory::new();
    let issuer = Issuer::open(&directory.0).unwrap();
    (directory, issuer)
}

/// The token with other claims and the old signature, or under another header and none.
fn forged(token: &str, header: Option<Value>, change: impl Fn(&mut Value)) -> String {
    let parts: Vec<_> = token.split('.').collect();
    let mut claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
    change(&mut claims);
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    match header {
        Some(header) => format!("{}.{claims}.", URL_SAFE_NO_PAD.encode(header.to_string())),
        None => format!("{}.{claims}.{}", parts[0], parts[2]),
    }
}

fn signed(issuer: &Issuer, change: impl Fn(&mut Value)) -> String {
    let now = Utc::now().timestamp();
    let mut claims =
        json!({ "iss": ISSUER, "aud": AUDIENCE, "sub": "ada", "token_use": "id", "exp": now + 60 });
    change(&mut claims);
    jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &issuer.encoding).unwrap()
}

#[test]
fn a_token_carries_the_claims_of_a_cognito_id_token() {
    let (_directory, issuer) = issuer();
    let claims = issuer.verify(&issuer.token(&request()).unwrap()).unwrap();
    assert_eq!(claims["iss"], "http://127.0.0.1/skafu-local");
    assert_eq!(claims["aud"], "skafu-local");
    assert_eq!(claims["sub"], "ada@example.org");
    assert_eq!(claims["email"], "ada@example.org");
    assert_eq!(claims["custom:tenant"], "acme");
    assert_eq!(claims["cognito:groups"], json!(["Developer"]));
    assert_eq!(claims["token_use"], "id");
    assert_eq!(claims["exp"].as_i64(), claims["iat"].as_i64().map(|issued| issued + 3600));
    assert_eq!(claims["auth_time"], claims["iat"]);
    assert!(claims["jti"].is_string());
}

#[test]
fn the_key_survives_is_private_and_is_one_even_when_many_ask_at_once() {
    let directory = Directory::new();
    let opened = thread::scope(|scope| {
        let opening: Vec<_> =
            (0..4).map(|_| scope.spawn(|| Issuer::open(&directory.0).unwrap().jwks())).collect();
        opening.into_iter().map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
    });
    assert!(opened.iter().all(|jwks| *jwks == opened[0]));
    assert_eq!(Issuer::open(&directory.0).unwrap().jwks(), opened[0]);
    let files: Vec<_> =
        std::fs::read_dir(&directory.0).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(files, ["issuer.key"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let path = directory.0.join("issuer.key");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        Issuer::open(&directory.0).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn the_key_set_verifies_tokens_and_names_the_key_by_its_thumbprint() {
    let (_directory, issuer) = issuer();
    let token = issuer.token(&request()).unwrap();
    let jwks = issuer.jwks();
    let key = &jwks["keys"][0];
    assert_eq!((&key["kty"], &key["alg"], &key["use"]), (&json!("RSA"), &json!("RS256"), &json!("sig")));
    assert_eq!(jsonwebtoken::decode_header(&token).unwrap().kid.as_deref(), key["kid"].as_str());
    let jwk: jsonwebtoken::jwk::Jwk = serde_json::from_value(key.clone()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_audience(&[AUDIENCE]);
    jsonwebtoken::decode::<Value>(&token, &DecodingKey::from_jwk(&jwk).unwrap(), &validation).unwrap();
}

#[test]
fn what_is_not_ours_or_was_changed_is_refused() {
    let (_directory, issuer) = issuer();
    let token = issuer.token(&request()).unwrap();
    let other_tenant = |claims: &mut Value| claims["custom:tenant"] = json!("other");
    assert_eq!(issuer.verify(&forged(&token, None, other_tenant)), Err(TokenError::Signature));
    let unsigned = forged(&token, Some(json!({ "alg": "none", "typ": "JWT" })), other_tenant);
    assert!(issuer.verify(&unsigned).is_err());
    let public = issuer.jwks()["keys"][0]["n"].as_str().unwrap().to_owned();
    let claims = issuer.verify(&token).unwrap();
    let symmetric =
        jsonwebtoken::encode(&Header::default(), &claims, &EncodingKey::from_secret(public.as_bytes()));
    assert_eq!(issuer.verify(&symmetric.unwrap()), Err(TokenError::Signature));
    let (_elsewhere, stranger) = super::tests::issuer();
    assert_eq!(issuer.verify(&stranger.token(&request()).unwrap()), Err(TokenError::Signature));
    assert_eq!(issuer.verify("a.b.c"), Err(TokenError::Malformed));
    assert_eq!(issuer.verify(""), Err(TokenError::Malformed));
}

#[test]
fn claims_are_checked_even_under_a_good_signature() {
    let (_directory, issuer) = issuer();
    let verified = |change: &dyn Fn(&mut Value)| issuer.verify(&signed(&issuer, change)).map(drop);
    assert_eq!(verified(&|_| {}), Ok(()));
    assert_eq!(verified(&|claims| claims["iss"] = json!("http://elsewhere")), Err(TokenError::Foreign));
    assert_eq!(verified(&|claims| claims["aud"] = json!("elsewhere")), Err(TokenError::Foreign));
    assert_eq!(verified(&|claims| claims["token_use"] = json!("access")), Err(TokenError::Malformed));
    for claim in ["iss", "aud", "exp", "sub"] {
        let without = |claims: &mut Value| drop(claims.as_object_mut().unwrap().remove(claim));
        assert_eq!(verified(&without), Err(TokenError::Malformed), "{claim}");
    }
}

#[test]
fn a_token_ends_at_its_second() {
    let (_directory, issuer) = issuer();
    let token = issuer.token(&request()).unwrap();
    let expires = issuer.verify(&token).unwrap()["exp"].as_i64().unwrap();
    assert!(issuer.verify_at(&token, expires - 1).is_ok());
    assert_eq!(issuer.verify_at(&token, expires), Err(TokenError::Expired));
    let stillborn = TokenRequest { lifetime: Duration::ZERO, ..request() };
    assert_eq!(issuer.verify(&issuer.token(&stillborn).unwrap()), Err(TokenError::Expired));
}

#[test]
fn names_that_could_address_something_else_are_refused() {
    let (_directory, issuer) = issuer();
    let longest = "t".repeat(64);
    for tenant in ["a", "acme-1.eu:x_y", &longest] {
        assert!(issuer.token(&TokenRequest { tenant: tenant.into(), ..request() }).is_ok(), "{tenant}");
    }
    let too_long = "t".repeat(65);
    for tenant in ["", "_shared", "a/b", "a#b", "-a", "ä", "a b", &too_long] {
        let refused = issuer.token(&TokenRequest { tenant: tenant.into(), ..request() });
        assert!(matches!(refused, Err(RequestError::Tenant(_))), "{tenant}");
    }
    let too_long = "u".repeat(129);
    for user in ["", "a/b", "a b", "ä", "a:b", "system:saga", "System:saga", &too_long] {
        let refused = issuer.token(&TokenRequest { user: user.into(), ..request() });
        assert!(matches!(refused, Err(RequestError::User(_))), "{user}");
    }
    for email in ["", "ada", "@x", "a@", "a@b@c", "a b@c"] {
        let refused = issuer.token(&TokenRequest { email: Some(email.into()), ..request() });
        assert!(matches!(refused, Err(RequestError::Email(_))), "{email}");
    }
    assert_eq!("aDMIN".parse::<Role>().unwrap(), Role::Admin);
    assert!(matches!("Owner".parse::<Role>(), Err(RequestError::Role(_))));
}
