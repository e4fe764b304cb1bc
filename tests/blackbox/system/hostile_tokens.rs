//! Tokens that somebody made up, or made into more than they were.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};

use crate::support::{ALICE, BUILT_IN, Home, World, create_project};

const CREATE: &str = "project/CreateProject";

fn demo() -> Value {
    create_project("Demo", BUILT_IN, json!({}))
}

#[test]
fn nobody_gets_in_without_a_good_token() {
    let world = World::new();
    let good = world.token(ALICE);
    let [header, payload, signature] = good.split('.').collect::<Vec<_>>()[..] else { panic!("{good}") };
    let mut claims: Value = serde_json::from_slice(&BASE64.decode(payload).unwrap()).unwrap();
    let encode = |value: &Value| BASE64.encode(value.to_string());

    let unsigned = encode(&json!({ "alg": "none", "typ": "JWT" }));
    // Whoever takes the public key for a shared secret would accept this.
    let jwks = world.jwks();
    let of_header: Value = serde_json::from_slice(&BASE64.decode(header).unwrap()).unwrap();
    let key = jwks["keys"].as_array().unwrap().iter().find(|key| key["kid"] == of_header["kid"]).unwrap();
    let secret = EncodingKey::from_secret(key["n"].as_str().unwrap().as_bytes());
    let symmetric = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &secret).unwrap();
    claims["cognito:groups"] = json!(["Admin"]);
    let promoted = encode(&claims);
    let first = if signature.starts_with('A') { 'B' } else { 'A' };

    for (reason, token) in [
        ("nothing", String::new()),
        ("no token", "nonsense".to_owned()),
        ("another role under the same signature", format!("{header}.{promoted}.{signature}")),
        ("another signature", format!("{header}.{payload}.{first}{}", &signature[1..])),
        ("no signature", format!("{header}.{payload}.")),
        ("alg none", format!("{unsigned}.{payload}.")),
        ("alg none, the old signature", format!("{unsigned}.{payload}.{signature}")),
        ("alg HS256 with the public key", symmetric),
        ("another system's key", Home::new().token(ALICE)),
    ] {
        let api = world.api_with(&token);
        for answer in [api.command(CREATE, &demo()), api.post("/graphql", b"{}"), api.get("/graphql")] {
            assert_eq!(answer.status, 401, "{reason}");
            world.turned_away(&answer, 401, "UNAUTHORIZED");
        }
    }
    world.turned_away(&world.anonymous().command(CREATE, &demo()), 401, "UNAUTHORIZED");
    assert_eq!(world.api_with(&good).command(CREATE, &demo()).status, 202, "the good one");
}
