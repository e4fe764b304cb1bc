//! What the API asks of the place that keeps its items.

use std::error::Error;
use std::fmt;
use std::future::Future;

use crate::item::Item;

/// Keeps items.
pub trait Items: Send + Sync {
    /// Keeps a new item.
    fn add(&self, item: &Item) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The item with this id, if there is one.
    fn find(&self, id: &str) -> impl Future<Output = Result<Option<Item>, StoreError>> + Send;

    /// Up to a hundred items, in no particular order, from where an earlier page ended.
    fn page(&self, after: Option<&str>) -> impl Future<Output = Result<Page, StoreError>> + Send;
}

/// Some of the items.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    pub items: Vec<Item>,
    /// The id to go on after; nothing when this was the last page.
    pub next: Option<String>,
}

/// The place could not be asked. Nothing a client could change.
#[derive(Debug)]
pub struct StoreError(Box<dyn Error + Send + Sync>);

impl StoreError {
    pub fn new(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the items could not be reached")
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.0.as_ref())
    }
}

#[cfg(test)]
pub mod memory {
    //! The same in memory, for tests.

    use std::collections::BTreeMap;
    use std::sync::{Mutex, MutexGuard};

    use super::{Item, Items, Page, StoreError};

    /// Small, so that a test needs few items to turn one over.
    const PAGE: usize = 2;

    #[derive(Default)]
    pub struct MemoryItems {
        items: Mutex<BTreeMap<String, Item>>,
        unplugged: bool,
    }

    impl MemoryItems {
        /// Cannot be reached.
        pub fn unplugged() -> Self {
            Self {
                unplugged: true,
                ..Self::default()
            }
        }

        fn reach(&self) -> Result<MutexGuard<'_, BTreeMap<String, Item>>, StoreError> {
            if self.unplugged {
                Err(StoreError::new("unplugged"))
            } else {
                Ok(self.items.lock().unwrap())
            }
        }
    }

    impl Items for MemoryItems {
        async fn add(&self, item: &Item) -> Result<(), StoreError> {
            self.reach()?.insert(item.id.clone(), item.clone());
            Ok(())
        }

        async fn find(&self, id: &str) -> Result<Option<Item>, StoreError> {
            Ok(self.reach()?.get(id).cloned())
        }

        async fn page(&self, after: Option<&str>) -> Result<Page, StoreError> {
            let items = self.reach()?;
            let mut rest = items
                .values()
                .filter(|item| after.is_none_or(|after| item.id.as_str() > after));
            let page: Vec<Item> = rest.by_ref().take(PAGE).cloned().collect();
            let next = rest.next().and(page.last()).map(|item| item.id.clone());
            Ok(Page { items: page, next })
        }
    }
}
