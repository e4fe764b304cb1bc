mod parameter;
mod queries;

use async_graphql::{Enum, ID, SimpleObject};
use serde::Serialize;
use skafu_events::template::{TemplateType as TypeOfTemplate, in_order};
use skafu_views::{TemplateRow, TemplateStatus as Status};

use crate::scalar::AwsDateTime;

pub(crate) use queries::TemplateQueries;

use parameter::TemplateParameter;

/// What a template is for.
#[derive(Enum, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[graphql(remote = "TypeOfTemplate", rename_items = "lowercase")]
pub(crate) enum TemplateType {
    /// A whole project with its repository.
    Project,
    /// One service inside a project.
    Service,
    /// A part of a service.
    Component,
    /// Configuration files.
    Config,
    /// Infrastructure.
    Infrastructure,
}

/// Whether a template can be used.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
#[graphql(remote = "Status", rename_items = "lowercase")]
pub(crate) enum TemplateStatus {
    /// Nothing of it has been published.
    Draft,
    /// Projects can be made from it.
    Published,
}

/// What projects are made from.
#[derive(SimpleObject)]
pub(crate) struct Template {
    /// Its id.
    id: ID,
    /// For people.
    name: String,
    /// What it is for.
    #[graphql(name = "type")]
    template_type: TemplateType,
    /// A sentence or two.
    description: Option<String>,
    /// The id of the person who may change it, or the system that keeps it.
    owner_id: String,
    /// Whether every tenant has it.
    shared: bool,
    /// Whether it can be used.
    status: TemplateStatus,
    /// The hash of its latest revision; null before the first is published.
    revision: Option<String>,
    /// What its latest revision asks of whoever uses it.
    parameters: Vec<TemplateParameter>,
    /// How many files its latest revision has; null before the first is published.
    file_count: Option<u32>,
    /// When it was begun.
    created_at: AwsDateTime,
    /// When something last happened to it.
    updated_at: AwsDateTime,
    /// When its latest revision was published.
    published_at: Option<AwsDateTime>,
}

impl Template {
    /// What is shown of a row of the caller's tenant or, `shared`, of everybody's.
    pub(crate) fn of(row: TemplateRow, shared: bool) -> Self {
        Self {
            parameters: in_order(&row.parameters).into_iter().map(TemplateParameter::of).collect(),
            id: row.id.into(),
            name: row.name,
            template_type: row.template_type.into(),
            description: row.description,
            owner_id: row.owner_id,
            shared,
            status: row.status.into(),
            revision: row.revision,
            file_count: row.file_count,
            created_at: AwsDateTime(row.created_at),
            updated_at: AwsDateTime(row.updated_at),
            published_at: row.published_at.map(AwsDateTime),
        }
    }
}
