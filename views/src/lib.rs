//! What is shown.
//!
//! A view is a pure fold from events to one row per aggregate, the keys under which that row is found,
//! and what else a commit changes. How rows are kept in step with events is not its business.

#![forbid(unsafe_code)]

mod activity;
mod analytics;
mod change;
mod fold_hash;
mod keys;
mod operation;
mod progress;
mod project;
mod template;
mod user;
mod view;

pub use activity::{Activity, ActivityFailure, ActivityRow, ActivityView};
pub use analytics::{AnalyticsRow, AnalyticsView, Counters};
pub use change::{Change, Place, Placement};
pub use fold_hash::fold_hash;
pub use keys::{FIRST_GENERATION, Keys, ROW, parked};
pub use operation::{OperationEvent, OperationPart, OperationRow, OperationView};
pub use progress::{Operation, OperationError, OperationStatus, OperationStep};
pub use project::{Creation, CreationState, ListedProject, ProjectRow, ProjectView};
pub use template::{TemplateRow, TemplateStatus, TemplateView};
pub use user::{Member, Summary, UserRow, UserView};
pub use view::{FoldError, Step, View};

/// The name of every view there is.
pub const NAMES: [&str; 6] = [
    ProjectView::NAME,
    UserView::NAME,
    AnalyticsView::NAME,
    TemplateView::NAME,
    ActivityView::NAME,
    OperationView::NAME,
];
