use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The tenant that holds what every tenant may read, such as the built-in templates.
/// No token can claim it: a tenant of a person starts with a letter or a digit.
pub const SHARED_TENANT: &str = "_shared";

/// The most characters a tenant or an aggregate's id may have.
pub const MAX_ID_LENGTH: usize = 100;

/// An identifier outside its character set. Names what it was to be, never echoes a long value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {0}: letters, digits, `.`, `_`, `-`, `:`, at most {MAX_ID_LENGTH} characters")]
pub struct InvalidId(pub &'static str);

/// `/` and `#` separate the parts of a key, so no part may contain them.
fn is_plain(value: &str) -> bool {
    (1..=MAX_ID_LENGTH).contains(&value.len())
        && value.chars().all(|c| c.is_ascii_alphanumeric() || "._:-".contains(c))
        && value.starts_with(|c: char| c.is_ascii_alphanumeric())
}

/// An organisation whose data no other can address: the first part of every key.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Tenant(String);

impl Tenant {
    /// The tenant of a caller. Refuses the shared tenant.
    pub fn new(value: impl Into<String>) -> Result<Self, InvalidId> {
        let value = value.into();
        if is_plain(&value) { Ok(Self(value)) } else { Err(InvalidId("tenant")) }
    }

    /// The tenant every other may read.
    pub fn shared() -> Self {
        Self(SHARED_TENANT.to_owned())
    }

    /// The tenant as it stands in keys.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Tenant {
    type Error = InvalidId;

    fn try_from(value: String) -> Result<Self, InvalidId> {
        if value == SHARED_TENANT { Ok(Self::shared()) } else { Self::new(value) }
    }
}

impl From<Tenant> for String {
    fn from(tenant: Tenant) -> Self {
        tenant.0
    }
}

impl fmt::Display for Tenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The kinds of aggregate: one stream of events each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AggregateKind {
    /// A project and its provisioning.
    Project,
    /// A template: its files and its published revisions.
    Template,
    /// The git repository made for a project.
    Repository,
}

impl AggregateKind {
    /// Every kind there is.
    pub const ALL: [Self; 3] = [Self::Project, Self::Template, Self::Repository];

    /// The prefix in keys: `PROJECT`.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Project => "PROJECT",
            Self::Template => "TEMPLATE",
            Self::Repository => "REPOSITORY",
        }
    }

    /// The bounded context: the last part of the bus `Source` and the path segment of commands.
    pub fn context(self) -> &'static str {
        match self {
            Self::Project => "project",
            Self::Template => "template",
            Self::Repository => "repository",
        }
    }
}

/// One aggregate's stream: the partition key `<tenant>/PROJECT#<id>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct StreamId {
    tenant: Tenant,
    kind: AggregateKind,
    id: String,
}

impl StreamId {
    /// The stream of one aggregate in one tenant.
    pub fn new(tenant: Tenant, kind: AggregateKind, id: impl Into<String>) -> Result<Self, InvalidId> {
        let id = id.into();
        if is_plain(&id) { Ok(Self { tenant, kind, id }) } else { Err(InvalidId("aggregate id")) }
    }

    /// The tenant that owns the aggregate.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// What kind of aggregate it is.
    pub fn kind(&self) -> AggregateKind {
        self.kind
    }

    /// The id alone, without tenant and kind.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The `aggregateId` of published events: `PROJECT#<id>`.
    pub fn aggregate_id(&self) -> String {
        format!("{}#{}", self.kind.prefix(), self.id)
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}#{}", self.tenant, self.kind.prefix(), self.id)
    }
}

impl FromStr for StreamId {
    type Err = InvalidId;

    fn from_str(key: &str) -> Result<Self, InvalidId> {
        let invalid = InvalidId("stream key");
        let (tenant, rest) = key.split_once('/').ok_or(invalid.clone())?;
        let (prefix, id) = rest.split_once('#').ok_or(invalid.clone())?;
        let kind = AggregateKind::ALL.into_iter().find(|kind| kind.prefix() == prefix).ok_or(invalid)?;
        Self::new(Tenant::try_from(tenant.to_owned())?, kind, id)
    }
}

impl TryFrom<String> for StreamId {
    type Error = InvalidId;

    fn try_from(key: String) -> Result<Self, InvalidId> {
        key.parse()
    }
}

impl From<StreamId> for String {
    fn from(stream: StreamId) -> Self {
        stream.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_key_names_tenant_kind_and_id() {
        let stream: StreamId = "acme/PROJECT#123".parse().unwrap();
        assert_eq!(stream.tenant().as_str(), "acme");
        assert_eq!(stream.aggregate_id(), "PROJECT#123");
        assert_eq!(stream.to_string(), "acme/PROJECT#123");
    }

    #[test]
    fn no_part_of_a_key_can_smuggle_in_a_separator() {
        for tenant in ["a/b", "a#b", "", "_shared", ".", "..", "-x", &"x".repeat(101)] {
            assert!(Tenant::new(tenant).is_err(), "{tenant}");
        }
        for id in ["1/2", "1#2", "", "../x"] {
            assert!(StreamId::new(Tenant::shared(), AggregateKind::Project, id).is_err(), "{id}");
        }
        assert!("acme/NOTHING#1".parse::<StreamId>().is_err());
    }
}
