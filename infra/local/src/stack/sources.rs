//! What calls a function.

use serde_json::{Value, json};

use super::{
    messaging::{event_pattern, queue_at},
    model::Source,
    problem::ProblemKind,
    section::Section,
};

const API: &str = "AWS::Serverless::HttpApi";
const TABLE: &str = "AWS::DynamoDB::Table";
const METHODS: &[&str] = &["GET", "POST", "PUT", "PATCH", "DELETE"];

pub(super) fn source(event: &Section<'_>) -> Option<Source> {
    let kind = event.text("Type");
    let properties = event.section_or_empty("Properties");
    event.finish();
    let source = match kind?.as_str() {
        "HttpApi" => http(&properties),
        "SQS" => queue(&properties),
        "DynamoDB" => stream(&properties),
        // For a stack that runs day and night; here, an operator asks.
        "ScheduleV2" => {
            properties.inert(&[
                "DeadLetterConfig",
                "Description",
                "Input",
                "Name",
                "RetryPolicy",
                "ScheduleExpression",
            ]);
            properties.finish();
            return None;
        }
        unknown => {
            event.report("Type", ProblemKind::UnknownSource(unknown.to_owned()));
            return None;
        }
    };
    properties.finish();
    source
}

/// An HTTP API is built from its routes; here only what it may ask for is checked.
pub(super) fn api(properties: &Section<'_>) {
    properties.inert(&[
        "Name",
        "AccessLogSettings",
        // Pages of other origins are for a deployed API; the console has the origin of this one.
        "CorsConfiguration",
        "DefaultRouteSettings",
        "Description",
        "Tags",
    ]);
    let auth = properties.section_or_empty("Auth");
    auth.inert(&["DefaultAuthorizer"]);
    for (_, authorizer) in auth.sections("Authorizers") {
        authorizer.only("IdentitySource", json!("$request.header.Authorization"), None);
        authorizer.inert(&["JwtConfiguration"]);
        authorizer.finish();
    }
    auth.finish();
}

fn http(properties: &Section<'_>) -> Option<Source> {
    properties.inert(&["RouteSettings", "TimeoutInMillis"]);
    properties.only("PayloadFormatVersion", json!("2.0"), Some(json!("2.0")));
    let method = properties.text("Method").map(|method| method.to_uppercase());
    let path = properties.text("Path");
    let authorized = authorized(properties);
    let method = method.filter(|method| {
        let known = METHODS.contains(&method.as_str());
        if !known {
            let (found, supported) = (method.clone(), METHODS.join(", "));
            properties.report("Method", ProblemKind::Unsupported { found, supported });
        }
        known
    });
    let path = path.filter(|path| {
        let known = is_route(path);
        if !known {
            let supported = "/literal/{parameter}".to_owned();
            properties.report("Path", ProblemKind::Unsupported { found: path.clone(), supported });
        }
        known
    });
    Some(Source::Http { method: method?, path: path?, authorized: authorized? })
}

fn authorized(properties: &Section<'_>) -> Option<bool> {
    let auth = properties.section("Auth");
    let own = auth.as_ref().and_then(|auth| auth.value("Authorizer"));
    if let Some(auth) = auth {
        auth.finish();
    }
    let api = properties.text("ApiId")?;
    let template = properties.template();
    let Some((logical_id, _)) = template.named_by(API, None, &api) else {
        properties.report("ApiId", ProblemKind::Dangling(format!("HTTP API {api}")));
        return None;
    };
    let default = template.raw_property(logical_id, "Auth").and_then(|auth| auth.get("DefaultAuthorizer"));
    let authorizer = own.as_ref().or(default).and_then(Value::as_str);
    Some(authorizer.is_some_and(|name| name != "NONE"))
}

/// Whether every segment is a literal or a parameter; greedy parameters and catch-alls are not offered.
fn is_route(path: &str) -> bool {
    let literal = |segment: &str| {
        !segment.is_empty()
            && segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte))
    };
    let parameter = |segment: &str| {
        segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).is_some_and(literal)
    };
    let segments = path.strip_prefix('/');
    segments.is_some_and(|segments| segments.split('/').all(|segment| literal(segment) || parameter(segment)))
}

/// A route without the names of its parameters.
pub(super) fn shape(path: &str) -> String {
    let segments = path.split('/').map(|segment| if segment.starts_with('{') { "{}" } else { segment });
    segments.collect::<Vec<_>>().join("/")
}

fn queue(properties: &Section<'_>) -> Option<Source> {
    batch_terms(properties);
    // One process polls; how far it could scale out makes no difference.
    properties.inert(&["ScalingConfig"]);
    let batch_size = properties.whole("BatchSize").unwrap_or(10);
    Some(Source::Queue { queue: queue_at(properties, "Queue")?, batch_size })
}

fn stream(properties: &Section<'_>) -> Option<Source> {
    batch_terms(properties);
    properties.only("StartingPosition", json!("TRIM_HORIZON"), None);
    properties.only("ParallelizationFactor", json!(1), Some(json!(1)));
    let batch_size = properties.whole("BatchSize").unwrap_or(100);
    let retries = properties.whole::<i64>("MaximumRetryAttempts").unwrap_or(-1);
    let bisect = properties.switch("BisectBatchOnFunctionError");
    let filters = filters(properties);
    let on_failure = properties.section("DestinationConfig").map(|destination| {
        let failure = destination.section_or_empty("OnFailure");
        failure.only("Type", json!("SQS"), None);
        let queue = queue_at(&failure, "Destination");
        failure.finish();
        destination.finish();
        queue
    });
    let arn = properties.text("Stream")?;
    let Some((_, table)) = properties.template().named_by(TABLE, Some("StreamArn"), &arn) else {
        properties.report("Stream", ProblemKind::Dangling(format!("stream {arn}")));
        return None;
    };
    let on_failure = match on_failure {
        Some(queue) => Some(queue?),
        None => None,
    };
    let retries = u32::try_from(retries).ok();
    Some(Source::Stream { table, batch_size, filters, retries, bisect, on_failure })
}

/// Terms every polled source must agree to: batches are handed over at once and may fail in part.
fn batch_terms(properties: &Section<'_>) {
    properties.only("FunctionResponseTypes", json!(["ReportBatchItemFailures"]), None);
    properties.only("MaximumBatchingWindowInSeconds", json!(0), Some(json!(0)));
    properties.only("Enabled", json!(true), Some(json!(true)));
}

fn filters(properties: &Section<'_>) -> Vec<Value> {
    let criteria = properties.section_or_empty("FilterCriteria");
    let filters = criteria.sections("Filters");
    criteria.finish();
    let patterns = filters.iter().filter_map(|(_, filter)| {
        let text = filter.text("Pattern");
        filter.finish();
        match serde_json::from_str(&text?) {
            Ok(pattern) => event_pattern(filter, "Pattern", pattern),
            Err(_) => {
                filter.report("Pattern", ProblemKind::Shape("an event pattern in JSON"));
                None
            }
        }
    });
    patterns.collect()
}
