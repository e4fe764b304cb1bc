use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::Error;
use async_graphql::dataloader::Loader;
use skafu_events::template::TemplateEvent;
use skafu_events::{AggregateKind, DomainEvent, StreamId, Tenant};
use skafu_store::{Consistency, Cursor, EventStore, Index, Order, Row, RowKey, RowPage, ViewStore};
use skafu_views::row_key;

use crate::error::{internal, store};

/// Reads rows of views.
pub(crate) struct Reader {
    pub views: Arc<dyn ViewStore>,
}

impl Reader {
    /// One aggregate's row, unless there is none or only its tombstone.
    pub(crate) async fn row<R: serde::de::DeserializeOwned>(
        &self,
        tenant: &Tenant,
        view: &str,
        id: &str,
    ) -> Result<Option<R>, Error> {
        let key = RowKey { partition: row_key(tenant, view, id), sort: "ROW".to_owned() };
        let row = self.views.get(&key, Consistency::Eventual).await.map_err(|error| store(&error))?;
        row.and_then(content).transpose()
    }

    /// One page of a list, newest first.
    pub(crate) async fn page<R: serde::de::DeserializeOwned>(
        &self,
        index: Index,
        partition: &str,
        limit: u32,
        after: Option<&Cursor>,
    ) -> Result<(Vec<R>, Option<Cursor>), Error> {
        let page = self.views.query(index, partition, Order::Descending, limit, after).await;
        let RowPage { rows, next } = page.map_err(|error| store(&error))?;
        Ok((rows.into_iter().filter_map(content).collect::<Result<_, _>>()?, next))
    }
}

fn content<R: serde::de::DeserializeOwned>(row: Row) -> Option<Result<R, Error>> {
    let content = row.content?;
    Some(serde_json::from_value(content).map_err(|error| {
        tracing::error!(%error, key = row.key.partition, "a row cannot be read");
        internal()
    }))
}

/// The names of templates, which belong to the templates and are joined when asked for.
pub(crate) struct TemplateNames {
    pub events: Arc<dyn EventStore>,
    pub tenant: Tenant,
}

impl TemplateNames {
    /// The name the template began with; a built-in one's if the tenant has none of that id.
    async fn name(&self, id: &str) -> Result<Option<String>, Error> {
        for tenant in [self.tenant.clone(), Tenant::shared()] {
            let Ok(stream) = StreamId::new(tenant, AggregateKind::Template, id) else { return Ok(None) };
            let history = self.events.load(&stream, Consistency::Eventual).await.map_err(|it| store(&it))?;
            let created = history
                .events()
                .next()
                .map(|event| TemplateEvent::decode(&event.event_type, event.event_version, &event.data));
            match created {
                Some(Ok(TemplateEvent::TemplateCreated(created))) => return Ok(Some(created.name)),
                Some(Ok(_)) => return Err(internal()),
                Some(Err(error)) => {
                    tracing::error!(%error, %stream, "a template cannot be read");
                    return Err(internal());
                }
                None => {}
            }
        }
        Ok(None)
    }
}

impl Loader<String> for TemplateNames {
    type Value = String;
    type Error = Error;

    /// One query per different template, whatever the number of projects.
    async fn load(&self, ids: &[String]) -> Result<HashMap<String, String>, Error> {
        let mut names = HashMap::new();
        for id in ids {
            if let Some(name) = self.name(id).await? {
                names.insert(id.clone(), name);
            }
        }
        Ok(names)
    }
}
