use serde::{Deserialize, Serialize};

/// The most files a template may have or make on the platform.
pub const MAX_FILES: usize = 500;
/// The most bytes one file may have on the platform.
pub const MAX_FILE_BYTES: u64 = 10 * 1024 * 1024;
/// The most bytes all files may have together on the platform.
pub const MAX_TOTAL_BYTES: u64 = 64 * 1024 * 1024;

/// How much a template may have, make and take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// The most files, directories that are listed included.
    pub files: usize,
    /// The most bytes of one file.
    pub file_bytes: u64,
    /// The most bytes of all files.
    pub total_bytes: u64,
    /// The most steps of all expressions of one rendering.
    pub fuel: u64,
    /// How deep macros may nest, and includes a tenth of it: what a thread's stack holds.
    pub depth: usize,
}

impl Limits {
    /// What is kept for others, and rendered in functions: some tenths of a second.
    pub const PLATFORM: Self = Self {
        files: MAX_FILES,
        file_bytes: MAX_FILE_BYTES,
        total_bytes: MAX_TOTAL_BYTES,
        fuel: 5_000_000,
        depth: 100,
    };
    /// What somebody renders on their own machine: templates are larger there, and nobody else waits.
    pub const LOCAL: Self = Self {
        files: 20_000,
        file_bytes: 64 * 1024 * 1024,
        total_bytes: 1024 * 1024 * 1024,
        fuel: 100_000_000,
        depth: 300,
    };
}
