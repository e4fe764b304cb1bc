//! What a token is asked for.

use std::{str::FromStr, time::Duration};

/// Who a token is for, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// The `sub`: 1 to 128 of letters, digits and `._@+-`; what the system itself bears has a `:`.
    pub user: String,
    /// The tenant: a letter or digit, then up to 63 of letters, digits and `._:-`.
    pub tenant: String,
    /// The one group the user is in.
    pub role: Role,
    /// The `email`, if the token shall have one.
    pub email: Option<String>,
    /// How long it is valid, in whole seconds.
    pub lifetime: Duration,
}

/// What a user may do; the name of a Cognito group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Everything in the tenant.
    Admin,
    /// Work on projects.
    Developer,
    /// Look.
    Viewer,
}

impl Role {
    /// The group's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "Admin",
            Self::Developer => "Developer",
            Self::Viewer => "Viewer",
        }
    }
}

impl FromStr for Role {
    type Err = RequestError;

    fn from_str(text: &str) -> Result<Self, RequestError> {
        let known = [Self::Admin, Self::Developer, Self::Viewer];
        let role = known.into_iter().find(|role| role.as_str().eq_ignore_ascii_case(text));
        role.ok_or_else(|| RequestError::Role(text.to_owned()))
    }
}

/// Why no token is given.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// Not a tenant's name.
    #[error("{0:?} is no tenant: a letter or digit, then up to 63 letters, digits or any of ._:-")]
    Tenant(String),
    /// Not a user's name, or one that only the system itself bears.
    #[error("{0:?} is no user: up to 128 letters, digits or any of ._@+-")]
    User(String),
    /// Not an e-mail address.
    #[error("{0:?} is no e-mail address")]
    Email(String),
    /// Not a role.
    #[error("{0:?} is no role: Admin, Developer or Viewer")]
    Role(String),
    /// The key refused to sign.
    #[error("the token could not be signed")]
    Signing(#[source] jsonwebtoken::errors::Error),
}

impl TokenRequest {
    pub(super) fn check(&self) -> Result<(), RequestError> {
        if !is_tenant(&self.tenant) {
            return Err(RequestError::Tenant(self.tenant.clone()));
        }
        if !is_user(&self.user) {
            return Err(RequestError::User(self.user.clone()));
        }
        match &self.email {
            Some(email) if !is_email(email) => Err(RequestError::Email(email.clone())),
            _ => Ok(()),
        }
    }
}

fn is_tenant(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
    text.len() <= 64
        && text.bytes().all(allowed)
        && text.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric())
}

fn is_user(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._@+-".contains(&byte);
    (1..=128).contains(&text.len()) && text.bytes().all(allowed)
}

fn is_email(text: &str) -> bool {
    let plain = text.len() <= 254 && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    plain
        && text
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
}
