use skafu_events::{StreamId, Tenant};

/// The sort key of the row an aggregate has in a view.
pub const ROW: &str = "ROW";

/// The generation views begin with. A rebuilt one grows beside the old one under the next number.
pub const FIRST_GENERATION: u32 = 1;

/// Where the rows of one view stand, in one tenant and generation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    prefix: String,
}

impl Keys {
    /// The keys of a view's generation in a tenant.
    pub fn new(tenant: &Tenant, view: &str, generation: u32) -> Self {
        Self { prefix: format!("{tenant}/{view}.{generation}") }
    }

    /// What every partition key of it begins with: `acme/project.1`.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The partition of one aggregate: `acme/project.1/PROJECT#<id>`. Its own row is [`ROW`] in it.
    pub fn aggregate(&self, stream: &StreamId) -> String {
        self.within(&stream.aggregate_id())
    }

    /// A partition of that name: `acme/project.1/<name>`.
    pub fn within(&self, name: &str) -> String {
        format!("{}/{name}", self.prefix)
    }
}

/// The index partition of a view's parked aggregates, of all tenants: only operators read it.
pub fn parked(view: &str, generation: u32) -> String {
    format!("_parked/{view}.{generation}")
}
