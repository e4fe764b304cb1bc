use serde::{Deserialize, Serialize};
use skafu_events::template::{Parameter, TemplateEvent, TemplateType};
use skafu_events::{AggregateKind, DomainEvent, Envelope, Timestamp};

use crate::{FoldError, Keys, Place, Placement, View};

/// One template, and the list of a tenant's templates in the order of their creation.
///
/// Price: 1 WCU per commit and KB for the row, and as much for the index, which copies it.
#[derive(Debug)]
pub struct TemplateView;

/// Whether a template can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TemplateStatus {
    /// Nothing of it has been published.
    Draft,
    /// It has a revision that projects can be made from.
    Published,
}

/// What is shown of a template.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TemplateRow {
    /// The template's id.
    pub id: String,
    /// For people.
    pub name: String,
    /// What it is for.
    #[serde(rename = "type")]
    pub template_type: TemplateType,
    /// A sentence or two.
    #[serde(default)]
    pub description: Option<String>,
    /// The `sub` of the person who may change it, or the system that keeps it.
    pub owner_id: String,
    /// Whether it can be used.
    pub status: TemplateStatus,
    /// SHA-256 (hex) of the latest revision's manifest; none before the first is published.
    #[serde(default)]
    pub revision: Option<String>,
    /// What the latest revision asks of whoever uses it.
    #[serde(default)]
    pub parameters: Vec<Parameter>,
    /// How many files the latest revision has; none before the first is published.
    #[serde(default)]
    pub file_count: Option<u32>,
    /// When it was begun.
    pub created_at: Timestamp,
    /// When something last happened to it.
    pub updated_at: Timestamp,
    /// When its latest revision was published.
    #[serde(default)]
    pub published_at: Option<Timestamp>,
}

impl TemplateView {
    /// The index partition of a tenant's templates: [`Place::First`].
    pub fn of_tenant(keys: &Keys) -> String {
        keys.prefix().to_owned()
    }
}

impl View for TemplateView {
    const NAME: &'static str = "template";
    const KINDS: &'static [AggregateKind] = &[AggregateKind::Template];
    type Row = TemplateRow;

    fn apply(row: Option<TemplateRow>, envelope: &Envelope) -> Result<Option<TemplateRow>, FoldError> {
        let event = TemplateEvent::decode(&envelope.event_type, envelope.event_version, &envelope.data)?;
        let at = envelope.timestamp;
        let mut row = match (row, event) {
            (_, TemplateEvent::TemplateCreated(created)) => TemplateRow {
                id: envelope.aggregate_id.rsplit('#').next().unwrap_or_default().to_owned(),
                name: created.name,
                template_type: created.template_type,
                description: created.description,
                owner_id: created.owner_id,
                status: TemplateStatus::Draft,
                revision: None,
                parameters: Vec::new(),
                file_count: None,
                created_at: at,
                updated_at: at,
                published_at: None,
            },
            (None, _) => return Err(FoldError::NotBegun(envelope.event_type.clone())),
            // What is uploaded shows once it is published.
            (Some(row), TemplateEvent::TemplateUploaded(_)) => row,
            (Some(row), TemplateEvent::TemplatePublished(published)) => TemplateRow {
                status: TemplateStatus::Published,
                revision: Some(published.revision),
                parameters: published.parameters,
                file_count: Some(published.file_count),
                published_at: Some(at),
                ..row
            },
        };
        row.updated_at = at;
        Ok(Some(row))
    }

    fn places(keys: &Keys, row: &TemplateRow) -> Vec<Placement> {
        let sort = format!("{}#{}", row.created_at, row.id);
        vec![Placement { place: Place::First, partition: Self::of_tenant(keys), sort }]
    }
}
