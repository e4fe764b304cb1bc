use std::sync::Arc;

use skafu_store::{EventStore, ViewStore};
use skafu_views::{ActivityView, AnalyticsView, OperationView, ProjectView, TemplateView, UserView, View};

use super::feed::Feed;

/// No view has that name.
#[derive(Debug, thiserror::Error)]
#[error("there is no view named {0}")]
pub struct UnknownView(pub String);

type Events = Arc<dyn EventStore>;
type Rows = Arc<dyn ViewStore>;
type Make = fn(Events, Rows) -> Feed;

/// Every view there is.
const VIEWS: [(&str, Make); 6] = [
    (ProjectView::NAME, Feed::new::<ProjectView>),
    (UserView::NAME, Feed::new::<UserView>),
    (AnalyticsView::NAME, Feed::new::<AnalyticsView>),
    (TemplateView::NAME, Feed::new::<TemplateView>),
    (ActivityView::NAME, Feed::new::<ActivityView>),
    (OperationView::NAME, Feed::new::<OperationView>),
];

/// The view of that name.
pub fn feed(view: &str, events: Events, rows: Rows) -> Result<Arc<Feed>, UnknownView> {
    let found = VIEWS.iter().find(|(name, _)| *name == view);
    let (_, make) = found.ok_or_else(|| UnknownView(view.to_owned()))?;
    Ok(Arc::new(make(events, rows)))
}

/// All views.
pub fn feeds(events: &Events, rows: &Rows) -> Vec<Arc<Feed>> {
    VIEWS.iter().map(|(_, make)| Arc::new(make(Arc::clone(events), Arc::clone(rows)))).collect()
}
