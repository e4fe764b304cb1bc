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
