//! Tables and buckets.

use serde_json::json;

use super::{
    model::{Bucket, Table},
    section::Section,
};

pub(super) fn table(logical_id: &str, properties: &Section<'_>) -> Option<Table> {
    properties.inert(&[
        "TableName",
        "PointInTimeRecoverySpecification",
        "DeletionProtectionEnabled",
        "SSESpecification",
        "ContributorInsightsSpecification",
        "Tags",
    ]);
    properties.only("BillingMode", json!("PAY_PER_REQUEST"), None);
    let attributes = properties.required("AttributeDefinitions");
    let key = properties.required("KeySchema");
    let indexes = properties.value("GlobalSecondaryIndexes");
    let view = properties.section("StreamSpecification").map(|stream| {
        let view = stream.text("StreamViewType");
        stream.finish();
        view
    });
    let name = name_of(properties, "AWS::DynamoDB::Table", logical_id)?;
    let mut create = json!({
        "TableName": name,
        "AttributeDefinitions": attributes?,
        "KeySchema": key?,
        "BillingMode": "PAY_PER_REQUEST",
    });
    if let Some(indexes) = indexes {
        create["GlobalSecondaryIndexes"] = indexes;
    }
    if let Some(view) = view {
        create["StreamSpecification"] = json!({ "StreamEnabled": true, "StreamViewType": view? });
    }
    Some(Table { logical_id: logical_id.to_owned(), name, create })
}

pub(super) fn bucket(logical_id: &str, properties: &Section<'_>) -> Option<Bucket> {
    properties.inert(&[
        "BucketName",
        "BucketEncryption",
        "LifecycleConfiguration",
        "LoggingConfiguration",
        "OwnershipControls",
        "PublicAccessBlockConfiguration",
        "Tags",
        "VersioningConfiguration",
    ]);
    let name = name_of(properties, "AWS::S3::Bucket", logical_id)?;
    Some(Bucket { logical_id: logical_id.to_owned(), name })
}

/// The name a resource has here; reports one that cannot be resolved.
pub(super) fn name_of(properties: &Section<'_>, kind: &str, logical_id: &str) -> Option<String> {
    match properties.template().physical_name(kind, logical_id) {
        Ok(name) => Some(name),
        Err(problem) => {
            properties.template().report(problem);
            None
        }
    }
}
