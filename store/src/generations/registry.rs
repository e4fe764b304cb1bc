use std::sync::Arc;

use skafu_events::Timestamp;

use super::Generations;
use crate::{Consistency, PutError, Row, RowKey, StoreError, ViewStore};

/// How often a change is made anew when somebody else changed the same view's generations meanwhile.
const MAX_ATTEMPTS: u32 = 8;

/// Why the generations of a view were not read or changed.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError<E: std::error::Error + 'static = std::convert::Infallible> {
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What is kept of them cannot be read or written.
    #[error("the generations of the view {0} cannot be read or written")]
    Unreadable(String, #[source] serde_json::Error),
    /// Others kept changing them.
    #[error("the generations of the view {0} are being changed by others: try again")]
    Contended(String),
    /// The change is not possible.
    #[error(transparent)]
    Refused(E),
}

/// Keeps the generations of all views: one item of the view table for each.
#[derive(Clone)]
pub struct Registry(Arc<dyn ViewStore>);

impl Registry {
    /// The registry in that table.
    pub fn new(rows: Arc<dyn ViewStore>) -> Self {
        Self(rows)
    }

    /// Where the generations of a view are kept. No tenant's name begins with `_`.
    pub fn key(view: &str) -> RowKey {
        RowKey { partition: format!("_views/{view}"), sort: "GENERATIONS".to_owned() }
    }

    /// A view's generations; none if nobody has registered one yet.
    pub async fn read(
        &self,
        view: &str,
        consistency: Consistency,
    ) -> Result<Option<Generations>, RegistryError> {
        Ok(self.load(view, consistency).await?.map(|(generations, _)| generations))
    }

    /// The generations of several views, in one request and in that order; each may be unreadable by itself.
    pub async fn read_all(
        &self,
        views: &[&str],
        consistency: Consistency,
    ) -> Result<Vec<Result<Option<Generations>, RegistryError>>, StoreError> {
        let keys: Vec<_> = views.iter().map(|view| Self::key(view)).collect();
        let rows = self.0.get_many(&keys, consistency).await?;
        let read = |(view, row): (&&str, Option<Row>)| row.map(|row| content(view, row)).transpose();
        Ok(views.iter().zip(rows).map(read).collect())
    }

    /// A view's generations, read strongly. If there are none yet, the first is registered for `fold`:
    /// the rows that stand there are taken to be its work.
    pub async fn ensure(&self, view: &str, fold: &str, now: Timestamp) -> Result<Generations, RegistryError> {
        if let Some(generations) = self.read(view, Consistency::Strong).await? {
            return Ok(generations);
        }
        self.change(view, fold, now, |_| Ok(())).await.map(|((), generations)| generations)
    }

    /// Changes a view's generations, whatever others do at the same time. Returns what `change` returned
    /// and the generations afterwards.
    pub async fn change<T, E: std::error::Error + 'static>(
        &self,
        view: &str,
        fold: &str,
        now: Timestamp,
        change: impl Fn(&mut Generations) -> Result<T, E> + Send + Sync,
    ) -> Result<(T, Generations), RegistryError<E>> {
        for _ in 0..MAX_ATTEMPTS {
            let found = self.load(view, Consistency::Strong).await?;
            let (before, version) = found.unzip();
            let mut generations = before.clone().unwrap_or_else(|| Generations::first(fold, now));
            let answer = change(&mut generations).map_err(RegistryError::Refused)?;
            if before.as_ref() == Some(&generations) {
                return Ok((answer, generations));
            }
            let unreadable = |error| RegistryError::Unreadable(view.to_owned(), error);
            let content = serde_json::to_value(&generations).map_err(unreadable)?;
            let row = Row {
                key: Self::key(view),
                version: version.unwrap_or_default() + 1,
                content: Some(content),
                indexes: Vec::new(),
                parked: None,
            };
            match self.0.put(&row, version).await {
                Ok(()) => return Ok((answer, generations)),
                Err(PutError::Conflict) => {}
                Err(PutError::Store(error)) => return Err(error.into()),
            }
        }
        Err(RegistryError::Contended(view.to_owned()))
    }

    async fn load<E: std::error::Error + 'static>(
        &self,
        view: &str,
        consistency: Consistency,
    ) -> Result<Option<(Generations, u64)>, RegistryError<E>> {
        let Some(row) = self.0.get(&Self::key(view), consistency).await? else { return Ok(None) };
        let version = row.version;
        Ok(Some((content(view, row)?, version)))
    }
}

fn content<E: std::error::Error + 'static>(view: &str, row: Row) -> Result<Generations, RegistryError<E>> {
    serde_json::from_value(row.content.unwrap_or_default())
        .map_err(|error| RegistryError::Unreadable(view.to_owned(), error))
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registry").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{NoRollback, State};
    use super::*;
    use crate::MemoryViewStore;

    fn now() -> Timestamp {
        "2025-01-18T10:30:00Z".parse().unwrap()
    }

    #[tokio::test]
    async fn what_stands_there_is_the_first_generation() {
        let registry = Registry::new(Arc::new(MemoryViewStore::default()));
        assert_eq!(registry.read("project", Consistency::Strong).await.unwrap(), None);
        let first = registry.ensure("project", "a", now()).await.unwrap();
        assert_eq!(first, Generations::first("a", now()));
        assert_eq!(registry.ensure("project", "b", now()).await.unwrap(), first);
        assert_eq!(registry.read("user", Consistency::Strong).await.unwrap(), None);
    }

    #[tokio::test]
    async fn changes_made_at_once_are_made_one_after_the_other() {
        let registry = Registry::new(Arc::new(MemoryViewStore::default()));
        let begin = |fold: &'static str| {
            registry.change("project", "a", now(), move |it| Ok::<_, NoRollback>(it.begin(fold, 1, now())))
        };
        let (one, other) = tokio::join!(begin("b"), begin("c"));
        let mut numbers = [one.unwrap().0, other.unwrap().0];
        numbers.sort_unstable();
        assert_eq!(numbers, [2, 3]);
        let after = registry.read("project", Consistency::Strong).await.unwrap().unwrap();
        assert!(matches!(after.building().unwrap().state, State::Building { segments: 1, .. }));
        assert_eq!(after.ended().len(), 1);
    }

    #[tokio::test]
    async fn a_change_that_is_refused_changes_nothing() {
        let registry = Registry::new(Arc::new(MemoryViewStore::default()));
        let refused = registry.change("project", "a", now(), |it| it.rollback(now())).await;
        assert!(matches!(refused, Err(RegistryError::Refused(NoRollback))));
        assert_eq!(registry.read("project", Consistency::Strong).await.unwrap(), None);
    }

    #[tokio::test]
    async fn what_has_no_active_generation_is_not_read() {
        let rows = Arc::new(MemoryViewStore::default());
        let content = Some(serde_json::json!({ "fed": [], "next": 1, "ended": [] }));
        let key = Registry::key("project");
        rows.put(&Row { key, version: 1, content, indexes: Vec::new(), parked: None }, None).await.unwrap();
        let read = Registry::new(rows).read("project", Consistency::Strong).await;
        assert!(matches!(read, Err(RegistryError::Unreadable(view, _)) if view == "project"));
    }
}
