use std::collections::BTreeMap;

use serde_json::Value;

/// One place in an index of the view table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The first index, `GSI1`.
    First,
    /// The second index, `GSI2`.
    Second,
}

/// A row's key in one index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    /// Which index.
    pub place: Place,
    /// Groups the rows of one list; begins with the tenant.
    pub partition: String,
    /// Their order in the list.
    pub sort: String,
}

/// What becomes of a row beside an aggregate's own.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// It shows this from now on. Only this aggregate writes it.
    Put {
        /// Begins with the tenant.
        partition: String,
        /// Tells the rows of a partition apart.
        sort: String,
        /// What it shows.
        content: Value,
        /// Its places in the indexes.
        places: Vec<Placement>,
    },
    /// It is gone.
    Delete {
        /// Begins with the tenant.
        partition: String,
        /// Tells the rows of a partition apart.
        sort: String,
    },
    /// Its counters change by so much. Any number of aggregates may do so.
    Add {
        /// Begins with the tenant.
        partition: String,
        /// Tells the rows of a partition apart.
        sort: String,
        /// By how much each counter changes; none by zero.
        counters: BTreeMap<String, i64>,
    },
}
