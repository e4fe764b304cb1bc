use sha2::{Digest, Sha256};
use skafu_events::Tenant;
use uuid::Uuid;

use crate::Principal;

/// Namespaces of derived ids; any fixed values serve.
const AGGREGATES: Uuid = Uuid::from_u128(0x2b0d_19f3_8a0c_4c55_9d53_6c58_8b2e_11a4);
const STEPS: Uuid = Uuid::from_u128(0x91e6_9e4e_0b7a_4b53_a1f7_4d0f_5d83_7c60);

/// The id of the aggregate a creating command makes: the same command sent again by the same caller
/// means the same aggregate, wherever and whenever it is handled.
pub fn aggregate_id(caller: &Principal, command_id: Uuid) -> Uuid {
    let name = format!("{}/{}/{command_id}", caller.tenant(), caller.user_id());
    Uuid::new_v5(&AGGREGATES, name.as_bytes())
}

/// The id of the command a saga's step issues: a step that runs twice sends the same command twice.
pub fn step_command_id(tenant: &Tenant, project_id: &str, attempt: u32, step: &str) -> Uuid {
    Uuid::new_v5(&STEPS, format!("{tenant}/{project_id}/{attempt}/{step}").as_bytes())
}

/// The first half of the SHA-256 (hex) of what identifies a command's content, whatever the formatting of its JSON.
pub fn body_hash(context: &str, name: &str, data: &serde_json::Value) -> String {
    let digest = Sha256::digest(format!("{context}/{name}\n{}", sorted(data)));
    // 128 bits tell bodies apart; every byte of a commit is paid for.
    digest[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The value with the keys of every object in order, so that equal bodies have equal text.
fn sorted(value: &serde_json::Value) -> serde_json::Value {
    use serde_json::Value;
    match value {
        Value::Array(items) => items.iter().map(sorted).collect(),
        Value::Object(fields) => {
            let mut keys: Vec<_> = fields.keys().collect();
            keys.sort();
            keys.into_iter().map(|key| (key.clone(), sorted(&fields[key]))).collect()
        }
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::given::{acme, alice};

    #[test]
    fn the_order_of_keys_does_not_change_a_body() {
        let (one, other) = (json!({"a": 1, "b": {"c": 2, "d": 3}}), json!({"b": {"d": 3, "c": 2}, "a": 1}));
        assert_eq!(
            body_hash("project", "CreateProject", &one),
            body_hash("project", "CreateProject", &other)
        );
        assert_ne!(body_hash("project", "CreateProject", &one), body_hash("template", "CreateProject", &one));
    }

    #[test]
    fn a_derived_id_depends_on_everything_that_names_the_caller_and_the_command() {
        let bob = Principal::person(acme(), "bob", []).unwrap();
        let command = Uuid::from_u128(7);
        assert_eq!(aggregate_id(&alice(), command), aggregate_id(&alice(), command));
        assert_ne!(aggregate_id(&alice(), command), aggregate_id(&bob, command));
        assert_ne!(step_command_id(&acme(), "p", 1, "Begin"), step_command_id(&acme(), "p", 2, "Begin"));
    }
}
