//! Which templates are rendered where.

use std::sync::Arc;
use std::time::Duration;

use skafu_events::Tenant;
use skafu_forge::sandbox::{InProcess, Renderer, Sandbox, SandboxError};
use skafu_forge::source::Limits;

/// What a rendering takes from the memory of the function it belongs to.
const SHARE: u64 = 2;

/// Renders the shared templates, which operators published, in this process, and those of tenants where they can do no
/// harm.
#[derive(Clone)]
pub struct Renderers {
    tenants: Arc<dyn Renderer>,
}

impl Renderers {
    /// Templates of tenants are rendered there.
    pub fn new(tenants: Arc<dyn Renderer>) -> Self {
        Self { tenants }
    }

    /// All in this process: where every template is trusted, as in tests.
    pub fn trusting() -> Self {
        Self::new(Arc::new(InProcess))
    }

    /// Templates of tenants in processes of their own, with half of the function's memory (in bytes) at most.
    pub fn sandboxed(memory: u64, time: Duration) -> Result<Self, SandboxError> {
        Ok(Self::new(Arc::new(Sandbox::of_this_program(Limits::PLATFORM, memory / SHARE, time)?)))
    }

    /// The one for templates of that tenant.
    pub fn of(&self, tenant: &Tenant) -> &dyn Renderer {
        if *tenant == Tenant::shared() { &InProcess } else { &*self.tenants }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use skafu_domain::project::RUNTIMES;
    use skafu_forge::runtimes::{self, Status};

    #[test]
    fn what_projects_may_ask_for_is_what_templates_know() {
        let asked: BTreeMap<&str, bool> = RUNTIMES.iter().map(|it| (it.name, it.supported)).collect();
        let known: BTreeMap<&str, bool> = runtimes::all()
            .iter()
            .flat_map(|it| it.aliases.iter().chain([&it.id]).map(|name| (name.as_str(), it.status)))
            .map(|(name, status)| (name, status == Status::Supported))
            .collect();
        assert_eq!(asked, known);
    }
}
