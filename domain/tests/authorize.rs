//! Who may do what: every action × every caller × every owner, against the rules in words.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

use skafu_domain::command::CATALOGUE;
use skafu_domain::{Action, Denied, Principal, Resource, Role, authorize};
use skafu_events::Tenant;

fn tenant(name: &str) -> Tenant {
    Tenant::new(name).unwrap()
}

/// Every caller in tenant `acme`, named.
fn callers() -> Vec<(String, Principal)> {
    let person = |roles: &[Role]| Principal::person(tenant("acme"), "alice", roles.iter().copied()).unwrap();
    let mut callers: Vec<_> = Role::ALL.iter().map(|role| (format!("{role:?}"), person(&[*role]))).collect();
    callers.push(("nobody".to_owned(), person(&[])));
    callers.push(("saga".to_owned(), Principal::saga(tenant("acme"))));
    callers.push(("operator".to_owned(), Principal::operator()));
    callers.push(("operator here".to_owned(), Principal::operator_in(tenant("acme"))));
    callers
}

/// The rules in words, told apart from how they are written in code: who may do it in the own tenant,
/// `(to what is theirs, to what is another's)`.
fn allowed(action: Action, caller: &str) -> (bool, bool) {
    let both = |yes| (yes, yes);
    match (action, caller) {
        (Action::ReadProject | Action::ReadTemplate, "Admin" | "Developer" | "Viewer" | "saga") => both(true),
        (Action::CreateProject, "Admin" | "Developer") => both(true),
        (
            Action::ManageProject | Action::RetryProject | Action::CreateTemplate | Action::ChangeTemplate,
            "Admin",
        ) => both(true),
        (
            Action::ManageProject | Action::RetryProject | Action::CreateTemplate | Action::ChangeTemplate,
            "Developer",
        ) => (true, false),
        (Action::ProvisionProject | Action::ProvisionRepository, "saga") => both(true),
        (Action::SettleProject, "Admin" | "operator here") => both(true),
        (Action::RetryProject | Action::CreateTemplate | Action::ChangeTemplate, "operator here") => {
            both(true)
        }
        _ => both(false),
    }
}

#[test]
fn in_the_own_tenant_the_role_and_the_owner_decide() {
    let acme = tenant("acme");
    for (name, caller) in callers().into_iter().filter(|(name, _)| name != "operator") {
        for action in Action::ALL {
            let (own, others) = allowed(action, &name);
            for (owner, expected) in [(caller.user_id(), own), ("somebody-else", others)] {
                let resource = Resource { tenant: &acme, owner: Some(owner) };
                let expected = if expected { Ok(()) } else { Err(Denied::Forbidden) };
                assert_eq!(authorize(&caller, action, resource), expected, "{name} {action:?} of {owner}");
            }
        }
    }
}

#[test]
fn what_another_tenant_has_does_not_exist() {
    let other = tenant("other");
    for (name, caller) in callers() {
        for action in Action::ALL {
            for owner in [None, Some(caller.user_id()), Some("somebody-else")] {
                let resource = Resource { tenant: &other, owner };
                assert_eq!(authorize(&caller, action, resource), Err(Denied::NotFound), "{name} {action:?}");
            }
        }
    }
}

#[test]
fn everybody_reads_shared_templates_and_only_the_operator_writes_them() {
    let shared = Tenant::shared();
    for (name, caller) in callers() {
        for action in Action::ALL {
            let resource = Resource { tenant: &shared, owner: Some("system:operator") };
            let writes =
                !matches!(action, Action::CreateProject | Action::ManageProject | Action::ReadProject)
                    && !matches!(action, Action::ProvisionProject | Action::ProvisionRepository);
            let expected = action == Action::ReadTemplate || (name == "operator" && writes);
            assert_eq!(authorize(&caller, action, resource).is_ok(), expected, "{name} {action:?}");
        }
    }
}

#[test]
fn every_command_asks_for_an_action_that_no_viewer_has() {
    let viewer = Principal::person(tenant("acme"), "vera", [Role::Viewer]).unwrap();
    for spec in CATALOGUE {
        let acme = tenant("acme");
        let resource = Resource { tenant: &acme, owner: Some("vera") };
        assert_eq!(authorize(&viewer, spec.action, resource), Err(Denied::Forbidden), "{}", spec.name);
    }
}
