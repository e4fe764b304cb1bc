use skafu_events::Tenant;

use crate::{Principal, Role};

/// Everything anybody can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Ask for a project.
    CreateProject,
    /// Change, archive, restore or delete a project.
    ManageProject,
    /// Carry a project's creation on: the saga's steps.
    ProvisionProject,
    /// Ask for another attempt at a failed creation.
    RetryProject,
    /// See to a project whose creation nobody carries on.
    SettleProject,
    /// Look at a project.
    ReadProject,
    /// Begin a template.
    CreateTemplate,
    /// Change a template's files or publish it.
    ChangeTemplate,
    /// Look at a template, or use it.
    ReadTemplate,
    /// Record what became of a project's repository: the saga's steps.
    ProvisionRepository,
}

impl Action {
    /// Every action there is.
    pub const ALL: [Self; 10] = [
        Self::CreateProject,
        Self::ManageProject,
        Self::ProvisionProject,
        Self::RetryProject,
        Self::SettleProject,
        Self::ReadProject,
        Self::CreateTemplate,
        Self::ChangeTemplate,
        Self::ReadTemplate,
        Self::ProvisionRepository,
    ];
}

/// What is acted upon.
#[derive(Debug, Clone, Copy)]
pub struct Resource<'a> {
    /// The tenant it belongs to.
    pub tenant: &'a Tenant,
    /// The person it belongs to; none for what does not exist yet and for lists.
    pub owner: Option<&'a str>,
}

/// A refusal. What another tenant has does not exist for the caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The caller may not know whether it exists.
    #[error("not found")]
    NotFound,
    /// The caller may see it, but not do this.
    #[error("not allowed")]
    Forbidden,
}

/// The one place that says who may do what. Whatever is not allowed here is denied.
pub fn authorize(principal: &Principal, action: Action, resource: Resource<'_>) -> Result<(), Denied> {
    let shared = *resource.tenant == Tenant::shared();
    if shared && action == Action::ReadTemplate {
        return Ok(());
    }
    if principal.tenant() != resource.tenant {
        return Err(if shared { Denied::Forbidden } else { Denied::NotFound });
    }
    if may(principal, action, resource.owner) { Ok(()) } else { Err(Denied::Forbidden) }
}

/// Inside one tenant.
fn may(principal: &Principal, action: Action, owner: Option<&str>) -> bool {
    let owns = owner.is_none_or(|owner| owner == principal.user_id());
    match action {
        Action::ReadProject | Action::ReadTemplate => {
            principal.is_saga() || Role::ALL.into_iter().any(|role| principal.has(role))
        }
        Action::CreateProject => principal.has(Role::Admin) || principal.has(Role::Developer),
        Action::ManageProject => principal.has(Role::Admin) || (principal.has(Role::Developer) && owns),
        Action::SettleProject => principal.is_operator() || principal.has(Role::Admin),
        Action::RetryProject | Action::CreateTemplate | Action::ChangeTemplate => {
            principal.is_operator() || principal.has(Role::Admin) || (principal.has(Role::Developer) && owns)
        }
        Action::ProvisionProject | Action::ProvisionRepository => principal.is_saga(),
    }
}
