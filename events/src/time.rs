use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, ParseError, SecondsFormat, SubsecRound, Utc};
use serde::{Deserialize, Serialize};

/// A moment in UTC, kept and written with milliseconds (`2025-01-18T10:30:00.123Z`).
///
/// One precision everywhere: what was stored compares equal to what is read back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "DateTime<Utc>", into = "String")]
pub struct Timestamp(DateTime<Utc>);

impl Timestamp {
    /// Whole seconds since 1970-01-01T00:00:00Z.
    pub fn unix_seconds(self) -> i64 {
        self.0.timestamp()
    }

    /// The same moment as a `chrono` date.
    pub fn date_time(self) -> DateTime<Utc> {
        self.0
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(moment: DateTime<Utc>) -> Self {
        Self(moment.trunc_subsecs(3))
    }
}

impl FromStr for Timestamp {
    type Err = ParseError;

    /// Reads RFC 3339, whatever its offset.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        DateTime::parse_from_rfc3339(text).map(|moment| moment.to_utc().into())
    }
}

impl From<Timestamp> for String {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.to_string()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}
