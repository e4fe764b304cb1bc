//! Given events, then what is shown of a template.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails the test")]

mod support;

use skafu_events::template::TemplateType;
use skafu_events::{Envelope, Tenant};
use skafu_views::{
    FIRST_GENERATION, FoldError, Keys, Place, Placement, TemplateRow, TemplateStatus, TemplateView, View,
};
use support::golden;

fn shown(events: &[&str]) -> TemplateRow {
    events.iter().fold(None, |row, event| TemplateView::apply(row, &golden(event)).unwrap()).unwrap()
}

#[test]
fn a_created_template_is_a_draft() {
    let row = shown(&["TemplateCreated", "TemplateUploaded"]);
    assert_eq!((row.id.as_str(), row.name.as_str()), ("sam-python-api", "SAM Python API"));
    assert_eq!((row.template_type, row.owner_id.as_str()), (TemplateType::Project, "system:operator"));
    assert_eq!(row.status, TemplateStatus::Draft);
    assert_eq!((row.revision, row.file_count, row.published_at), (None, None, None));
}

#[test]
fn a_published_template_shows_its_latest_revision() {
    let mut row = shown(&["TemplateCreated", "TemplateUploaded", "TemplatePublished"]);
    assert_eq!((row.status, row.file_count), (TemplateStatus::Published, Some(3)));
    assert_eq!(row.parameters.iter().map(|it| it.name.as_str()).collect::<Vec<_>>(), ["runtime", "stack"]);
    let mut again = golden("TemplatePublished");
    again.data["revision"] = "abc".into();
    again.data["parameters"] = serde_json::json!([]);
    again.timestamp = support::at(60);
    row = TemplateView::apply(Some(row), &again).unwrap().unwrap();
    assert_eq!((row.revision.as_deref(), row.parameters.len()), (Some("abc"), 0));
    assert_eq!(
        (row.published_at, row.updated_at, row.created_at),
        (Some(support::at(60)), support::at(60), support::at(0))
    );
}

#[test]
fn an_upload_after_it_leaves_the_published_revision() {
    let row = shown(&["TemplateCreated", "TemplateUploaded", "TemplatePublished", "TemplateUploaded"]);
    assert_eq!((row.status, row.file_count), (TemplateStatus::Published, Some(3)));
}

#[test]
fn the_templates_of_a_tenant_are_listed_in_the_order_of_their_creation() {
    let keys = Keys::new(&Tenant::shared(), TemplateView::NAME, FIRST_GENERATION);
    let sort = "2025-01-18T10:30:00.123Z#sam-python-api".to_owned();
    let place = Placement { place: Place::First, partition: "_shared/template.1".to_owned(), sort };
    assert_eq!(TemplateView::places(&keys, &shown(&["TemplateCreated"])), [place]);
}

#[test]
fn a_row_survives_being_stored() {
    let row = shown(&["TemplateCreated", "TemplateUploaded", "TemplatePublished"]);
    let stored = serde_json::to_value(&row).unwrap();
    assert_eq!(serde_json::from_value::<TemplateRow>(stored).unwrap(), row);
}

#[test]
fn nothing_happens_to_a_template_before_it_begins() {
    let early = TemplateView::apply(None, &Envelope { aggregate_version: 2, ..golden("TemplatePublished") });
    assert!(matches!(early, Err(FoldError::NotBegun(_))), "{early:?}");
}
