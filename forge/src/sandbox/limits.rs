use std::io;

use super::job::Bounds;

/// Has the operating system keep this process below so much address space and processor time. Where a system
/// has no such limit, the caller's clock is what remains.
#[cfg(unix)]
pub(super) fn keep(bounds: &Bounds) -> io::Result<()> {
    use rlimit::Resource;
    for (resource, most) in [
        (Resource::AS, bounds.memory),
        (Resource::CPU, bounds.seconds),
        (Resource::FSIZE, bounds.written),
        (Resource::CORE, 0),
    ] {
        if !resource.is_supported() {
            continue;
        }
        let (_, hard) = resource.get()?;
        let most = most.min(hard);
        resource.set(most, most)?;
    }
    Ok(())
}

#[cfg(not(unix))]
pub(super) fn keep(_: &Bounds) -> io::Result<()> {
    Ok(())
}
