use std::sync::Arc;

use skafu_store::{EventStore, ViewStore};
use skafu_views::{ActivityView, AnalyticsView, OperationView, ProjectView, TemplateView, UserView, View};

use super::port::Project;
use super::projector::Projector;

/// No view has that name.
#[derive(Debug, thiserror::Error)]
#[error("there is no view named {0}")]
pub struct UnknownView(pub String);

type Events = Arc<dyn EventStore>;
type Rows = Arc<dyn ViewStore>;
type Make = fn(Events, Rows) -> Arc<dyn Project>;

fn make<V: View>(events: Events, rows: Rows) -> Arc<dyn Project> {
    Arc::new(Projector::<V>::new(events, rows))
}

/// Every view there is.
const VIEWS: [(&str, Make); 6] = [
    (ProjectView::NAME, make::<ProjectView>),
    (UserView::NAME, make::<UserView>),
    (AnalyticsView::NAME, make::<AnalyticsView>),
    (TemplateView::NAME, make::<TemplateView>),
    (ActivityView::NAME, make::<ActivityView>),
    (OperationView::NAME, make::<OperationView>),
];

/// The projector of the view of that name.
pub fn projector(view: &str, events: Events, rows: Rows) -> Result<Arc<dyn Project>, UnknownView> {
    let found = VIEWS.iter().find(|(name, _)| *name == view);
    let (_, make) = found.ok_or_else(|| UnknownView(view.to_owned()))?;
    Ok(make(events, rows))
}

/// The projectors of all views.
pub fn projectors(events: &Events, rows: &Rows) -> Vec<Arc<dyn Project>> {
    VIEWS.iter().map(|(_, make)| make(Arc::clone(events), Arc::clone(rows))).collect()
}
