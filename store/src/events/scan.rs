use serde::{Deserialize, Serialize};
use skafu_events::Commit;

/// One of several parts of the whole table that may be read side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Segment {
    /// From 0.
    pub index: u32,
    /// How many segments there are: 1 to a million.
    pub total: u32,
}

impl Segment {
    /// The whole table in one segment.
    pub const WHOLE: Self = Self { index: 0, total: 1 };
}

/// Where a scan of a segment stands. It can be kept and taken up by another process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScanPosition {
    pub(crate) partition: String,
    pub(crate) sort: String,
}

/// Some commits of a segment.
#[derive(Debug, Clone, PartialEq)]
pub struct ScanPage {
    /// Those of one stream stand together, in order.
    pub commits: Vec<Commit>,
    /// Where to go on; none at the end of the segment.
    pub next: Option<ScanPosition>,
}
