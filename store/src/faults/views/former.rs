use std::collections::{BTreeMap, VecDeque};

use super::super::Random;
use crate::{Row, RowKey};

/// What rows were before they were written, newest last: what replicas that lag may still have.
#[derive(Default)]
pub(super) struct Former(BTreeMap<RowKey, VecDeque<Option<Row>>>);

impl Former {
    /// That row was this until now. No more than `most` are remembered.
    pub(super) fn remember(&mut self, key: &RowKey, row: Option<Row>, most: usize) {
        let former = self.0.entry(key.clone()).or_default();
        former.push_back(row);
        while former.len() > most {
            former.pop_front();
        }
    }

    /// One of the last `most` things that row was, if it was ever written.
    pub(super) fn any(&self, key: &RowKey, most: usize, random: &mut Random) -> Option<Option<Row>> {
        let former = self.0.get(key)?;
        let back = random.below(former.len().min(most));
        former.iter().rev().take(most).nth(back).cloned()
    }
}
