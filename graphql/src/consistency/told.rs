use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use async_graphql::{Name, Value, value};
use skafu_events::{StreamId, Timestamp};

/// How far a view was in one demanded aggregate, and what is shown of it instead.
pub(super) struct Looked {
    /// Its place in the token: the one written last has the highest.
    pub place: usize,
    /// The version that is shown.
    pub shown: u64,
    /// How many versions the view was behind what was demanded.
    pub behind: u64,
    /// When the first commit that the view had not shown was accepted.
    pub missed: Option<Timestamp>,
}

/// What the answer to a question is told about how current it is.
#[derive(Default)]
pub(crate) struct Told(Mutex<Found>);

#[derive(Default)]
struct Found {
    looked: Vec<Looked>,
    own: BTreeMap<StreamId, u64>,
}

impl Told {
    fn found(&self) -> MutexGuard<'_, Found> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn looked(&self, looked: Looked) {
        self.found().looked.push(looked);
    }

    /// One aggregate's own row was read, at that version. In several views: the least of them counts.
    pub(super) fn own(&self, stream: &StreamId, version: u64) {
        let mut found = self.found();
        let least = found.own.entry(stream.clone()).or_insert(version);
        *least = version.min(*least);
    }

    /// `extensions.consistency` of the answer, if there is something to tell; with the token of what the
    /// request itself has written, if it has.
    pub(crate) fn extension(&self, demanding: bool, now: Timestamp, token: Option<String>) -> Option<Value> {
        let found = self.found();
        if !demanding {
            let mut versions = found.own.values();
            let (Some(version), None) = (versions.next(), versions.next()) else { return None };
            return Some(value!({ "source": "VIEW", "version": *version, "lagMs": null }));
        }
        let missed = found.looked.iter().filter_map(|it| it.missed).min();
        let source = if missed.is_some() { "CAUGHT_UP" } else { "VIEW" };
        let version = found.looked.iter().max_by_key(|it| (it.behind, it.place)).map(|it| it.shown);
        let lag = |missed: Timestamp| (now.date_time() - missed.date_time()).num_milliseconds().max(0);
        let lag = missed.map_or(0, lag);
        let mut told = value!({ "source": source, "version": version, "lagMs": lag });
        if let (Some(token), Value::Object(told)) = (token, &mut told) {
            told.insert(Name::new("token"), Value::String(token));
        }
        Some(told)
    }
}
