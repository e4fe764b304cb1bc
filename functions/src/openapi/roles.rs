//! Who may send a command, in words, as the rules of authorisation decide it.

use skafu_domain::{Action, Principal, Resource, Role, authorize};
use skafu_events::Tenant;

/// Somebody, and somebody else of the same tenant.
const ME: &str = "me";
const OTHER: &str = "other";

/// Whether any role allows it at all.
pub(super) fn is_for_people(action: Action) -> bool {
    Role::ALL.into_iter().any(|role| may(role, action, ME))
}

/// One sentence.
pub(super) fn who(action: Action) -> String {
    let allowed = Role::ALL.into_iter().filter(|role| may(*role, action, ME));
    let (any, own): (Vec<_>, Vec<_>) = allowed.partition(|role| may(*role, action, OTHER));
    let named = |roles: &[Role]| {
        roles.iter().map(|role| format!("{role:?}s").to_lowercase()).collect::<Vec<_>>().join(" and ")
    };
    match (any.is_empty(), own.is_empty()) {
        (false, true) => format!("For {}.", named(&any)),
        (true, false) => format!("For {}, unless it is somebody else's.", named(&own)),
        (false, false) => {
            format!("For {}; for {} unless it is somebody else's.", named(&any), named(&own))
        }
        (true, true) => "For nobody.".to_owned(),
    }
}

fn may(role: Role, action: Action, owner: &str) -> bool {
    let Ok(tenant) = Tenant::new("tenant") else { return false };
    let resource = Resource { tenant: &tenant, owner: Some(owner) };
    Principal::person(tenant.clone(), ME, [role])
        .is_ok_and(|person| authorize(&person, action, resource).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_may_is_told_as_it_is_decided() {
        for (action, told) in [
            (Action::CreateProject, "For admins and developers."),
            (Action::ManageProject, "For admins; for developers unless it is somebody else's."),
            (Action::SettleProject, "For admins."),
            (Action::ProvisionProject, "For nobody."),
            (Action::ReadProject, "For admins and developers and viewers."),
        ] {
            assert_eq!(who(action), told, "{action:?}");
            assert_eq!(is_for_people(action), told != "For nobody.", "{action:?}");
        }
    }
}
