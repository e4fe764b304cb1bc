use std::str::FromStr;

use chrono::{DateTime, Utc};
use skafu_store::History;

use crate::cli::failure::Failure;

/// A point in an aggregate's history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Moment {
    /// Right after that version; 0 is before the first event.
    Version(u64),
    /// At that time.
    Time(DateTime<Utc>),
}

impl FromStr for Moment {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(version) = text.parse() {
            return Ok(Self::Version(version));
        }
        let time = DateTime::parse_from_rfc3339(text);
        time.map(|time| Self::Time(time.to_utc()))
            .map_err(|_| "must be a version, or a time as in RFC 3339: `2026-01-31T10:00:00Z`")
    }
}

impl Moment {
    /// The version the aggregate was at; 0 before its first event.
    pub(super) fn version(self, history: &History) -> Result<u64, Failure> {
        match self {
            Self::Version(version) if version <= history.version() => Ok(version),
            Self::Version(version) => {
                let message = format!(
                    "{} has no version {version}: its last is {}",
                    history.stream(),
                    history.version()
                );
                Err(Failure::new("NO_SUCH_VERSION", message))
            }
            Self::Time(time) => Ok(history.version_at(time.into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_a_version_or_a_time() {
        assert_eq!("7".parse(), Ok(Moment::Version(7)));
        let time = DateTime::from_timestamp(1_769_853_600, 500_000_000).unwrap();
        for text in ["2026-01-31T10:00:00.5Z", "2026-01-31T11:00:00.500+01:00"] {
            assert_eq!(text.parse(), Ok(Moment::Time(time)), "{text}");
        }
        for text in ["", "-1", "yesterday", "2026-01-31", "2026-01-31T10:00:00"] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }
}
