use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use skafu_events::Tenant;

/// What a person may do in their tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Role {
    /// Everything in the tenant.
    Admin,
    /// Creates, and changes what is their own.
    Developer,
    /// Looks.
    Viewer,
}

impl Role {
    /// Every role there is.
    pub const ALL: [Self; 3] = [Self::Admin, Self::Developer, Self::Viewer];

    /// The role of an identity provider's group of the same name.
    pub fn from_group(group: &str) -> Option<Self> {
        match group {
            "Admin" => Some(Self::Admin),
            "Developer" => Some(Self::Developer),
            "Viewer" => Some(Self::Viewer),
            _ => None,
        }
    }
}

/// A name that cannot be a caller's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid user: 1 to 128 letters, digits, `.`, `_`, `-`, `@`, `+`")]
pub struct InvalidPrincipal;

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Principal {
    tenant: Tenant,
    user_id: String,
    #[serde(default)]
    roles: BTreeSet<Role>,
}

/// The project-creation saga.
const SAGA: &str = "system:saga";
/// Whoever deploys the system and publishes its built-in templates.
const OPERATOR: &str = "system:operator";

impl Principal {
    /// A signed-in person. `user_id` is the token's `sub`, which can never pass for a system's name.
    pub fn person(
        tenant: Tenant,
        user_id: impl Into<String>,
        roles: impl IntoIterator<Item = Role>,
    ) -> Result<Self, InvalidPrincipal> {
        let user_id = user_id.into();
        let plain = user_id.chars().all(|c| c.is_ascii_alphanumeric() || "._-@+".contains(c));
        if !plain || !(1..=128).contains(&user_id.len()) {
            return Err(InvalidPrincipal);
        }
        Ok(Self { tenant, user_id, roles: roles.into_iter().collect() })
    }

    /// The saga, working on behalf of one tenant.
    pub fn saga(tenant: Tenant) -> Self {
        Self { tenant, user_id: SAGA.to_owned(), roles: BTreeSet::new() }
    }

    /// The operator, who alone writes what all tenants share.
    pub fn operator() -> Self {
        Self { tenant: Tenant::shared(), user_id: OPERATOR.to_owned(), roles: BTreeSet::new() }
    }

    /// The operator, at work in one tenant: on the command line of whoever has the tables at hand.
    pub fn operator_in(tenant: Tenant) -> Self {
        Self { tenant, ..Self::operator() }
    }

    /// The tenant the caller acts in.
    pub fn tenant(&self) -> &Tenant {
        &self.tenant
    }

    /// The `sub` of a person, or `system:<name>`.
    pub fn user_id(&self) -> &str {
        &self.user_id
    }

    /// Whether the caller has the role.
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether the caller is the saga.
    pub fn is_saga(&self) -> bool {
        self.user_id == SAGA
    }

    /// Whether the caller is the operator.
    pub fn is_operator(&self) -> bool {
        self.user_id == OPERATOR
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_can_sign_in_as_a_system() {
        let tenant = Tenant::new("acme").unwrap();
        assert!(Principal::person(tenant.clone(), "alice@example.com", []).is_ok());
        for name in ["system:saga", "system:operator", "", "a b", "a/b", "a#b"] {
            assert_eq!(Principal::person(tenant.clone(), name, []), Err(InvalidPrincipal), "{name}");
        }
    }
}
