use std::io;

use rlimit::Resource;

/// Has the operating system keep this process below so much address space and processor time. Where a system
/// has no such limit, the caller's clock is what remains.
pub(super) fn keep(memory: u64, seconds: u64, file_bytes: u64) -> io::Result<()> {
    for (resource, most) in
        [(Resource::AS, memory), (Resource::CPU, seconds), (Resource::FSIZE, file_bytes), (Resource::CORE, 0)]
    {
        if !resource.is_supported() {
            continue;
        }
        let (_, hard) = resource.get()?;
        let most = most.min(hard);
        resource.set(most, most)?;
    }
    Ok(())
}
