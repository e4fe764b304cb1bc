use async_graphql::{Context, ID, InputObject, Object, Result};
use serde::Serialize;
use skafu_events::AggregateKind;

use super::envelope::Envelope;
use super::payload::{CreateTemplatePayload, PublishTemplatePayload, UploadTemplateFilesPayload};
use super::send::{Sent, send};
use crate::template::TemplateType;

/// Begins a template.
#[derive(InputObject, Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateTemplateInput {
    /// Lower-case letters, digits and `-`; unique in the tenant.
    template_id: ID,
    /// For people.
    name: String,
    /// What it is for: `project` if left out.
    #[graphql(name = "type")]
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    template_type: Option<TemplateType>,
    /// A sentence or two.
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[graphql(flatten)]
    #[serde(skip)]
    envelope: Envelope,
}

/// One file. Exactly one of `text`, `base64` and `symlink` says what it holds.
#[derive(InputObject, Serialize)]
#[serde(rename_all = "camelCase")]
struct TemplateFileInput {
    /// Relative, with `/` between its parts; may hold expressions.
    path: String,
    /// The content, where it is text.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    /// The content in base64, where it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    base64: Option<String>,
    /// The target, where the file is a symbolic link.
    #[serde(skip_serializing_if = "Option::is_none")]
    symlink: Option<String>,
    /// Whether it may be run.
    #[graphql(default)]
    executable: bool,
}

/// Adds or replaces files of a template.
#[derive(InputObject, Serialize)]
#[serde(rename_all = "camelCase")]
struct UploadTemplateFilesInput {
    /// The template.
    template_id: ID,
    /// Whether the files named here are all there is: every other is dropped.
    #[graphql(default)]
    replace: bool,
    /// 1 to 500 files.
    files: Vec<TemplateFileInput>,
    #[graphql(flatten)]
    #[serde(skip)]
    envelope: Envelope,
}

/// Names a template.
#[derive(InputObject, Serialize)]
#[serde(rename_all = "camelCase")]
struct PublishTemplateInput {
    /// The template.
    template_id: ID,
    #[graphql(flatten)]
    #[serde(skip)]
    envelope: Envelope,
}

#[derive(Default)]
pub(crate) struct TemplateMutations;

fn sent<D>(command: &'static str, envelope: Envelope, data: D) -> Sent<D> {
    Sent { kind: AggregateKind::Template, command, envelope, conflict_strategy: None, data }
}

#[Object]
impl TemplateMutations {
    /// Begins a template of the caller's own.
    async fn create_template(
        &self,
        context: &Context<'_>,
        mut input: CreateTemplateInput,
    ) -> Result<Option<CreateTemplatePayload>> {
        let envelope = std::mem::take(&mut input.envelope);
        send(context, sent("CreateTemplate", envelope, input)).await
    }

    /// Adds or replaces files of a template. A request has at most 1 MiB.
    async fn upload_template_files(
        &self,
        context: &Context<'_>,
        mut input: UploadTemplateFilesInput,
    ) -> Result<Option<UploadTemplateFilesPayload>> {
        let envelope = std::mem::take(&mut input.envelope);
        send(context, sent("UploadTemplateFiles", envelope, input)).await
    }

    /// Checks a template's files and makes them a revision that projects can use.
    async fn publish_template(
        &self,
        context: &Context<'_>,
        mut input: PublishTemplateInput,
    ) -> Result<Option<PublishTemplatePayload>> {
        let envelope = std::mem::take(&mut input.envelope);
        send(context, sent("PublishTemplate", envelope, input)).await
    }
}
