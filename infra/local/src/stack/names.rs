//! The names resources get here, and what `!Ref` and `!GetAtt` give for each type.

/// The account and region of the embedded cloud, as they stand in its ARNs.
pub(super) const ACCOUNT: &str = "000000000000";
pub(super) const REGION: &str = "local";
/// The name of the one stack.
pub(super) const STACK_NAME: &str = "skafu";

/// Types that are built, with the property that names them.
pub(super) const BUILT: &[(&str, &str)] = &[
    ("AWS::DynamoDB::Table", "TableName"),
    ("AWS::Events::EventBus", "Name"),
    ("AWS::Events::Rule", "Name"),
    ("AWS::S3::Bucket", "BucketName"),
    ("AWS::SQS::Queue", "QueueName"),
    ("AWS::Serverless::Function", "FunctionName"),
    ("AWS::Serverless::HttpApi", "Name"),
    ("AWS::Serverless::StateMachine", "Name"),
];

/// Types that change nothing on one machine, with the reason.
pub(super) const IGNORED: &[(&str, &str)] = &[
    ("AWS::CloudWatch::Alarm", "nothing measures here; failures are logged"),
    ("AWS::CloudWatch::CompositeAlarm", "nothing measures here; failures are logged"),
    ("AWS::CloudWatch::Dashboard", "nothing measures here"),
    ("AWS::Cognito::UserPool", "the local issuer signs the tokens"),
    ("AWS::Cognito::UserPoolClient", "the local issuer signs the tokens"),
    ("AWS::Cognito::UserPoolGroup", "roles are claims of the local issuer's tokens"),
    ("AWS::Events::Archive", "nothing is replayed here; the event table keeps everything"),
    ("AWS::IAM::ManagedPolicy", "one process, one user: there is no one to keep out"),
    ("AWS::Logs::LogGroup", "logs go to standard error"),
    ("AWS::Logs::MetricFilter", "nothing measures here"),
    ("AWS::Logs::ResourcePolicy", "one process, one user: there is no one to keep out"),
    ("AWS::S3::BucketPolicy", "one process, one user: there is no one to keep out"),
    ("AWS::SNS::Topic", "only alarms publish to topics"),
    ("AWS::SNS::TopicPolicy", "only alarms publish to topics"),
    ("AWS::SQS::QueuePolicy", "one process, one user: there is no one to keep out"),
    ("Custom::Catalogue", "the built-in templates are published at each start"),
];

pub(super) fn naming_property(kind: &str) -> Option<&'static str> {
    BUILT.iter().find(|(built, _)| *built == kind).map(|(_, property)| *property)
}

pub(super) fn is_ignored(kind: &str) -> bool {
    IGNORED.iter().any(|(ignored, _)| *ignored == kind)
}

/// The name of a resource the template leaves unnamed.
pub(super) fn default_name(kind: &str, logical_id: &str) -> String {
    let name = format!("{STACK_NAME}-{logical_id}");
    if kind == "AWS::S3::Bucket" { name.to_lowercase() } else { name }
}

fn arn(kind: &str, name: &str) -> Option<String> {
    let (service, resource) = match kind {
        "AWS::DynamoDB::Table" => ("dynamodb", format!("table/{name}")),
        "AWS::Events::EventBus" => ("events", format!("event-bus/{name}")),
        "AWS::Events::Rule" => ("events", format!("rule/{name}")),
        "AWS::S3::Bucket" => return Some(format!("arn:aws:s3:::{name}")),
        "AWS::SQS::Queue" => ("sqs", name.to_owned()),
        "AWS::Serverless::Function" => ("lambda", format!("function:{name}")),
        "AWS::Serverless::StateMachine" => ("states", format!("stateMachine:{name}")),
        _ => return None,
    };
    Some(format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"))
}

/// What `!Ref` gives. A queue's is its name here, for want of a URL.
pub(super) fn reference(kind: &str, name: &str) -> Option<String> {
    match kind {
        "AWS::Serverless::StateMachine" => arn(kind, name),
        _ => Some(name.to_owned()),
    }
}

/// What `!GetAtt` gives.
pub(super) fn attribute(kind: &str, name: &str, attribute: &str) -> Option<String> {
    match (kind, attribute) {
        ("AWS::DynamoDB::Table", "StreamArn") => arn(kind, name).map(|arn| format!("{arn}/stream/local")),
        ("AWS::SQS::Queue", "QueueName") | ("AWS::Serverless::StateMachine", "Name") => Some(name.to_owned()),
        (_, "Arn") => arn(kind, name),
        _ => None,
    }
}
