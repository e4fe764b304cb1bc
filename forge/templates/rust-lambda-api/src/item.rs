//! What the API keeps.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The most characters a name may have.
const MAX_NAME: usize = 100;

/// One item, as it is kept and as it is answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    pub id: String,
    pub name: String,
}

/// What a client sends to have an item.
#[derive(Debug, Deserialize)]
pub struct NewItem {
    name: String,
}

impl Item {
    /// A new item with an id of its own; if it cannot be one, a sentence for the client says why.
    pub fn new(wanted: &NewItem) -> Result<Self, &'static str> {
        let name = wanted.name.trim();
        if name.is_empty() {
            return Err("An item needs a name.");
        }
        if name.chars().count() > MAX_NAME {
            return Err("A name has at most 100 characters.");
        }
        Ok(Self {
            id: Uuid::new_v4().to_string(),
            name: name.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Result<Item, &'static str> {
        Item::new(&NewItem { name: name.to_owned() })
    }

    #[test]
    fn a_name_loses_the_space_around_it() {
        assert_eq!(named("  tea ").unwrap().name, "tea");
    }

    #[test]
    fn a_name_has_one_to_a_hundred_characters() {
        for (name, fits) in [
            ("", false),
            (" \t", false),
            ("é", true),
            (&"é".repeat(100), true),
            (&"é".repeat(101), false),
        ] {
            assert_eq!(named(name).is_ok(), fits, "{name:?}");
        }
    }

    #[test]
    fn every_item_has_an_id_of_its_own() {
        assert_ne!(named("tea").unwrap().id, named("tea").unwrap().id);
    }
}
