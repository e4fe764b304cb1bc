use std::process::ExitCode;
use std::time::Duration;

use serde_json::json;

use super::args::{Caller, Global, TokenArgs};
use super::failure::Failure;
use crate::cli::out::say;
use crate::data::DataDir;
use crate::issuer::{Issuer, Role, TokenRequest};

/// How long the command line's own tokens are valid: as long as anything it waits for may take.
const OWN_LIFETIME: Duration = Duration::from_secs(3600);

/// Prints a token. Needs the issuer's key alone, so it works beside a running system.
pub(super) fn run(global: &Global, args: &TokenArgs) -> Result<ExitCode, Failure> {
    let request = TokenRequest {
        user: args.caller.user.clone(),
        tenant: args.caller.tenant.clone(),
        role: args.role.parse()?,
        email: args.email.clone(),
        lifetime: Duration::from_secs(args.lifetime),
    };
    let token = Issuer::open(DataDir::new(&global.data)?.root())?.token(&request)?;
    if global.json {
        say!("{}", json!({ "token": token }));
    } else {
        say!("{token}");
    }
    Ok(ExitCode::SUCCESS)
}

/// A token for the command line itself, on behalf of a developer.
pub(super) fn own(issuer: &Issuer, caller: &Caller) -> Result<String, Failure> {
    sign(issuer, &caller.user, &caller.tenant, Role::Developer)
}

/// A token for the command line itself, on behalf of whoever operates this machine.
pub(super) fn operator(issuer: &Issuer) -> Result<String, Failure> {
    operator_in(issuer, "local")
}

/// The same, at work in one tenant.
pub(super) fn operator_in(issuer: &Issuer, tenant: &str) -> Result<String, Failure> {
    sign(issuer, "operator", tenant, Role::Admin)
}

fn sign(issuer: &Issuer, user: &str, tenant: &str, role: Role) -> Result<String, Failure> {
    let request = TokenRequest {
        user: user.to_owned(),
        tenant: tenant.to_owned(),
        role,
        email: None,
        lifetime: OWN_LIFETIME,
    };
    Ok(issuer.token(&request)?)
}
