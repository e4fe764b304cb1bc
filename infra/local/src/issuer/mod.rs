//! The identity provider of one machine: it signs and checks ID tokens shaped like those of Cognito.
//!
//! Who can read the key may be anyone, so tokens are worth as much as the data directory is guarded. Nothing here is
//! meant to face a network.

mod key;
mod request;
#[cfg(test)]
mod tests;

use std::path::Path;

use chrono::Utc;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, errors::ErrorKind};
use serde_json::{Map, Value, json};
use uuid::Uuid;

pub use key::KeyError;
pub use request::{RequestError, Role, TokenRequest};

use key::SigningKey;

/// The `iss` of every token.
pub const ISSUER: &str = "http://127.0.0.1/skafu-local";
/// The `aud` of every token.
pub const AUDIENCE: &str = "skafu-local";

/// Why a token is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Not a JWT, or one without the claims an ID token has.
    #[error("not an ID token")]
    Malformed,
    /// Signed by another key, in another way, or changed since.
    #[error("the signature does not hold")]
    Signature,
    /// From another issuer, or for another audience.
    #[error("issued by or for someone else")]
    Foreign,
    /// Its time is over.
    #[error("expired")]
    Expired,
}

/// Signs tokens, and checks them.
pub struct Issuer {
    encoding: EncodingKey,
    decoding: DecodingKey,
    modulus: String,
    exponent: String,
    key_id: String,
}

impl Issuer {
    /// Opens the key of a data directory, making one the first time. However many processes do so at once, all end
    /// with the same key.
    pub fn open(data_dir: &Path) -> Result<Self, KeyError> {
        let SigningKey { pem, modulus, exponent, thumbprint } =
            SigningKey::open(&data_dir.join("issuer.key"))?;
        let encoding = EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(KeyError::Unusable)?;
        let decoding = DecodingKey::from_rsa_components(&modulus, &exponent).map_err(KeyError::Unusable)?;
        Ok(Self { encoding, decoding, modulus, exponent, key_id: thumbprint })
    }

    /// The public key, as a JSON Web Key Set. The key's id is its RFC 7638 thumbprint.
    pub fn jwks(&self) -> Value {
        json!({ "keys": [{
            "kty": "RSA",
            "use": "sig",
            "alg": "RS256",
            "kid": self.key_id,
            "n": self.modulus,
            "e": self.exponent,
        }]})
    }

    /// Signs a token that is valid from now on.
    pub fn token(&self, request: &TokenRequest) -> Result<String, RequestError> {
        request.check()?;
        let now = Utc::now().timestamp();
        let lifetime = i64::try_from(request.lifetime.as_secs()).unwrap_or(i64::MAX);
        let mut claims = json!({
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": request.user,
            "cognito:username": request.user,
            "custom:tenant": request.tenant,
            "cognito:groups": [request.role.as_str()],
            "token_use": "id",
            "auth_time": now,
            "iat": now,
            "exp": now.saturating_add(lifetime),
            "jti": Uuid::new_v4(),
        });
        if let Some(email) = &request.email {
            claims["email"] = json!(email);
        }
        let header = Header { kid: Some(self.key_id.clone()), ..Header::new(Algorithm::RS256) };
        jsonwebtoken::encode(&header, &claims, &self.encoding).map_err(RequestError::Signing)
    }

    /// The claims of a token that is ours, untouched, and valid now.
    pub fn verify(&self, token: &str) -> Result<Map<String, Value>, TokenError> {
        self.verify_at(token, Utc::now().timestamp())
    }

    fn verify_at(&self, token: &str, now: i64) -> Result<Map<String, Value>, TokenError> {
        let mut validation = Validation::new(Algorithm::RS256);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "exp", "sub"]);
        // The expiry is checked below, to the second and without leeway.
        validation.validate_exp = false;
        let decoded = jsonwebtoken::decode::<Map<String, Value>>(token, &self.decoding, &validation);
        let claims = decoded.map_err(|error| reason(error.kind()))?.claims;
        let expires = claims.get("exp").and_then(Value::as_i64).ok_or(TokenError::Malformed)?;
        if claims.get("token_use") != Some(&json!("id")) {
            return Err(TokenError::Malformed);
        }
        if now < expires { Ok(claims) } else { Err(TokenError::Expired) }
    }
}

fn reason(kind: &ErrorKind) -> TokenError {
    match kind {
        ErrorKind::InvalidSignature
        | ErrorKind::InvalidAlgorithm
        | ErrorKind::InvalidAlgorithmName
        | ErrorKind::UnsupportedAlgorithm => TokenError::Signature,
        ErrorKind::InvalidIssuer | ErrorKind::InvalidAudience => TokenError::Foreign,
        _ => TokenError::Malformed,
    }
}
