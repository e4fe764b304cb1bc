//! Which generations of a view's rows there are, which of them questions are answered from, and which
//! are kept in step with events.

mod registry;
mod transitions;

use serde::{Deserialize, Serialize};
use skafu_events::Timestamp;

pub use registry::{Registry, RegistryError};
pub use transitions::{NoRollback, NotBuilding};

/// What becomes of a generation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum State {
    /// It is fed with what happens, while a scan catches up with what has happened.
    Building {
        /// When it was registered.
        since: Timestamp,
        /// Into how many segments the scan of the event table is divided.
        segments: u32,
    },
    /// Questions are answered from it.
    Active {
        /// When they began to be.
        since: Timestamp,
    },
    /// Questions were answered from it, and could be again.
    Kept {
        /// Until then it is fed.
        until: Timestamp,
    },
}

/// Some rows of a view, all of them made by one fold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Generation {
    /// It stands in the keys of its rows.
    pub number: u32,
    /// The hash of the fold that makes its rows.
    pub fold: String,
    /// What becomes of it.
    pub state: State,
}

/// The generations of one view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Fields", into = "Fields")]
pub struct Generations {
    /// Questions are answered from it.
    active: Generation,
    /// Those that are fed beside it, the oldest first.
    beside: Vec<Generation>,
    /// The number of the next one: none is ever used again.
    next: u32,
    /// Those that are fed no more, and whose rows still stand.
    ended: Vec<u32>,
}

/// As they are kept.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    fed: Vec<Generation>,
    next: u32,
    ended: Vec<u32>,
}

impl From<Generations> for Fields {
    fn from(it: Generations) -> Self {
        let fed = it.beside.into_iter().chain([it.active]).collect();
        Self { fed, next: it.next, ended: it.ended }
    }
}

impl TryFrom<Fields> for Generations {
    type Error = &'static str;

    fn try_from(fields: Fields) -> Result<Self, Self::Error> {
        let is_active = |it: &Generation| matches!(it.state, State::Active { .. });
        let (active, beside): (Vec<_>, Vec<_>) = fields.fed.into_iter().partition(is_active);
        let [active] = active.try_into().map_err(|_| "not exactly one generation is active")?;
        Ok(Self { active, beside, next: fields.next, ended: fields.ended })
    }
}

impl Generation {
    /// Whether code with that fold may write its rows. Only such code may build one; what is shown, or
    /// may be shown again, is kept in step by whatever code there is.
    pub fn takes(&self, fold: &str) -> bool {
        !matches!(self.state, State::Building { .. }) || self.fold == fold
    }
}

impl Generations {
    /// Those a view begins with: the first alone.
    pub fn first(fold: &str, now: Timestamp) -> Self {
        let active = Generation { number: 1, fold: fold.to_owned(), state: State::Active { since: now } };
        Self { active, beside: Vec::new(), next: 2, ended: Vec::new() }
    }

    /// The one questions are answered from.
    pub fn active(&self) -> &Generation {
        &self.active
    }

    /// The one that is being built.
    pub fn building(&self) -> Option<&Generation> {
        self.beside.iter().find(|it| matches!(it.state, State::Building { .. }))
    }

    /// The one a rollback goes back to: the latest that questions were answered from.
    pub fn kept(&self, now: Timestamp) -> Option<&Generation> {
        let is_kept = |it: &&Generation| matches!(it.state, State::Kept { until } if until > now);
        self.beside.iter().rev().find(is_kept)
    }

    /// Those to be fed at that time, the active one last: whatever it shows, the others show, too.
    pub fn fed(&self, now: Timestamp) -> Vec<&Generation> {
        let is_over = |it: &Generation| matches!(it.state, State::Kept { until } if until <= now);
        self.beside.iter().filter(|it| !is_over(it)).chain([&self.active]).collect()
    }

    /// Those that are fed no more, and whose rows still stand.
    pub fn ended(&self) -> &[u32] {
        &self.ended
    }
}
