/// A caller, by the names a test has for them.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    pub user: &'static str,
    pub tenant: &'static str,
    pub role: &'static str,
}

/// Somebody who may create projects.
pub const ALICE: Person = Person { user: "alice", tenant: "acme", role: "developer" };
