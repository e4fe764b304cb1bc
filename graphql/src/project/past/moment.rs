use async_graphql::{Error, ErrorExtensions, OneofObject};
use skafu_events::Timestamp;
use skafu_store::History;

use crate::error::coded;
use crate::scalar::AwsDateTime;

/// A point in a project's past.
#[derive(OneofObject)]
pub(super) enum ProjectMoment {
    /// Right after that version: 1 is that of the first event.
    Version(i32),
    /// At that time by the system's clock: after everything that had happened by then.
    Time(AwsDateTime),
}

/// The same, when it can be one.
#[derive(Debug, Clone, Copy)]
pub(super) enum Moment {
    Version(u64),
    Time(Timestamp),
}

impl ProjectMoment {
    /// Refuses what is no version of anything.
    pub(super) fn checked(self) -> Result<Moment, Error> {
        match self {
            Self::Time(AwsDateTime(time)) => Ok(Moment::Time(time)),
            Self::Version(version) => match u64::try_from(version) {
                Ok(version @ 1..) => Ok(Moment::Version(version)),
                _ => Err(coded("VALIDATION_ERROR", "version must be at least 1")),
            },
        }
    }
}

impl Moment {
    /// The version the project was at; 0 before its first event.
    pub(super) fn version(self, history: &History) -> Result<u64, Error> {
        let last = history.version();
        match self {
            Self::Time(time) => Ok(history.version_at(time)),
            Self::Version(version) if version <= last => Ok(version),
            Self::Version(version) => {
                let message = format!("the project has no version {version}: its last is {last}");
                let error = coded("NO_SUCH_VERSION", &message);
                Err(error.extend_with(|_, extensions| extensions.set("lastVersion", last)))
            }
        }
    }
}
