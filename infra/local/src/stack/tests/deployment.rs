//! What holds on AWS alone, read from the template's text: rights, logs, encryption, what is given up.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use skafu_functions::graphql::MANIFEST_KEY;

use super::*;

fn resources(kind: &str) -> Vec<(String, Value)> {
    let template = yaml::parse(include_str!("../../../../../template.yaml")).unwrap();
    let all = template["Resources"].as_object().unwrap().iter().filter(|(_, it)| it["Type"] == kind);
    all.map(|(id, it)| (id.clone(), it["Properties"].clone())).collect()
}

fn functions() -> Vec<(String, Value)> {
    resources("AWS::Serverless::Function")
}

/// A field that may be a list or its only element.
fn each(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

/// What a function's own policies say.
fn statements(function: &Value) -> Vec<Value> {
    each(&function["Policies"]).iter().flat_map(|it| each(&it["Statement"])).collect()
}

/// The statement of a function with that name.
fn statement(function: &str, sid: &str) -> Value {
    let (_, function) = functions().into_iter().find(|(id, _)| id == function).unwrap();
    statements(&function).into_iter().find(|it| it["Sid"] == sid).unwrap_or_else(|| panic!("no {sid}"))
}

/// Which functions may do one of these on a resource whose reference contains `target`.
fn allowed(actions: &[&str], target: &str) -> BTreeSet<String> {
    let may = |properties: &Value| {
        statements(properties).iter().filter(|it| it["Effect"] == "Allow").any(|statement| {
            let acts = each(&statement["Action"]).iter().any(|it| actions.iter().any(|action| it == action));
            acts && each(&statement["Resource"]).iter().any(|it| it.to_string().contains(target))
        })
    };
    functions().into_iter().filter(|(_, properties)| may(properties)).map(|(id, _)| id).collect()
}

fn named(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

#[test]
fn only_commands_write_events_and_nobody_changes_them() {
    let writers = named(&["CatalogueFunction", "CommandsFunction"]);
    assert_eq!(allowed(&["dynamodb:PutItem"], "EventTable"), writers);
    let changes = ["dynamodb:UpdateItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem", "dynamodb:*"];
    assert_eq!(allowed(&changes, "EventTable"), named(&[]));
    let senders = named(&["GraphqlFunction", "SagaTaskFunction"]);
    assert_eq!(allowed(&["lambda:InvokeFunction"], "CommandsFunction"), senders);
    assert_eq!(allowed(&["events:PutEvents"], "\"Bus\""), named(&["RedriveFunction", "RelayFunction"]));
    let all: BTreeSet<_> = functions().into_iter().map(|(id, _)| id).collect();
    assert_eq!(allowed(&["events:PutEvents"], "\"ErrorBus\""), all, "whoever fails may say so");
    assert_eq!(allowed(&["s3:DeleteObject"], "ContentBucket"), named(&["SagaTaskFunction"]));
}

/// A project leaves one list for another, and a person's list when it is gone; who mends rows does the same.
#[test]
fn rows_are_taken_away_by_the_views_that_list_projects_and_by_who_mends_them() {
    let movers = ["ProjectViewFunction", "RebuildFunction", "SweepFunction", "UserViewFunction"];
    assert_eq!(allowed(&["dynamodb:DeleteItem"], "ViewTable"), named(&movers));
}

#[test]
fn the_built_in_templates_are_written_by_a_deployment_alone() {
    let shared = json!({ "dynamodb:LeadingKeys": ["_shared/*"] });
    let events = statement("CatalogueFunction", "LoadAndAppendCommits");
    assert_eq!(events["Condition"], json!({ "ForAllValues:StringLike": shared }));
    let content = statement("CatalogueFunction", "ReadAndKeepContent");
    let places: Vec<_> = each(&content["Resource"]).iter().map(|it| it["Fn::Sub"].clone()).collect();
    let kinds = ["files", "manifests", "payloads"];
    assert_eq!(places, kinds.map(|kind| json!(format!("${{ContentBucket.Arn}}/_shared/{kind}/*"))));

    let denied = statement("CommandsFunction", "NoBuiltInEvents");
    assert_eq!([&denied["Effect"], &denied["Action"]], ["Deny", "dynamodb:PutItem"]);
    assert_eq!(denied["Condition"], json!({ "ForAnyValue:StringLike": shared }));
    let denied = statement("CommandsFunction", "NoBuiltInContent");
    assert_eq!([&denied["Effect"], &denied["Action"]], ["Deny", "s3:PutObject"]);
    assert_eq!(denied["Resource"], json!({ "Fn::Sub": "${ContentBucket.Arn}/_shared/*" }));
}

#[test]
fn who_polls_reads_its_own_queue_or_stream_alone() {
    let queue = (json!(["sqs:ReceiveMessage", "sqs:DeleteMessage"]), "Queue", "OnlyItsQueue");
    let stream = ["dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"];
    let stream = (json!(stream), "Stream", "OnlyItsStream");
    let mut polling = Vec::new();
    for (id, function) in functions() {
        for event in function["Events"].as_object().into_iter().flat_map(|events| events.values()) {
            let (actions, source, sid) = match event["Type"].as_str() {
                Some("SQS") => &queue,
                Some("DynamoDB") => &stream,
                _ => continue,
            };
            let denied = statement(&id, sid);
            assert_eq!([&denied["Effect"], &denied["Action"]], [&json!("Deny"), actions], "{id}");
            assert_eq!(denied["NotResource"], event["Properties"][*source], "{id}");
            assert!(denied["Condition"].is_null(), "{id}");
            polling.push(id.clone());
        }
    }
    assert_eq!(polling.len(), 10, "{polling:?}");
}

#[test]
fn a_key_is_for_who_reads_or_writes_what_it_encrypts() {
    let key = json!({ "Fn::If": ["HasKey", { "Ref": "UseKey" }, { "Ref": "AWS::NoValue" }] });
    let keyless = functions().into_iter().filter(|(_, it)| !each(&it["Policies"]).contains(&key));
    assert_eq!(keyless.map(|(id, _)| id).collect::<Vec<_>>(), ["SagaStartFunction"]);
}

#[test]
fn only_operators_say_what_is_trusted() {
    let place = json!({ "Fn::Sub": format!("${{ContentBucket.Arn}}/{MANIFEST_KEY}") });
    let read = statement("GraphqlFunction", "ReadTrustedDocuments");
    assert_eq!([&read["Action"], &read["Resource"]], [&json!("s3:GetObject"), &place]);
    // In an ARN `*` is any text, slashes too: what it stands between must stand in the key.
    let covers = |pattern: &str| {
        let pattern = pattern.strip_prefix("${ContentBucket.Arn}/").unwrap_or_default();
        pattern.split('*').all(|part| MANIFEST_KEY.contains(part))
    };
    for (id, function) in functions() {
        for statement in statements(&function).iter().filter(|it| it["Effect"] == "Allow") {
            let writes = each(&statement["Action"]).iter().any(|it| it == "s3:PutObject");
            for place in each(&statement["Resource"]).iter().filter(|_| writes) {
                assert!(!covers(place["Fn::Sub"].as_str().unwrap()), "{id}: {place}");
            }
        }
    }
}

#[test]
fn questions_write_nothing_and_mutations_are_handed_over() {
    let (_, graphql) = functions().into_iter().find(|(id, _)| id == "GraphqlFunction").unwrap();
    let elsewhere = ["ReportFailures", "HandOverCommands"];
    let statements =
        statements(&graphql).into_iter().filter(|it| !elsewhere.contains(&it["Sid"].as_str().unwrap_or("")));
    let actions: BTreeSet<_> =
        statements.flat_map(|it| each(&it["Action"])).map(|it| it.to_string()).collect();
    let reads =
        ["dynamodb:BatchGetItem", "dynamodb:GetItem", "dynamodb:Query", "s3:GetObject", "s3:ListBucket"];
    let reads: BTreeSet<_> =
        reads.iter().map(|action| json!(action).to_string()).chain(["null".into()]).collect();
    assert_eq!(actions, reads);
}

#[test]
fn rights_on_everything_are_for_log_deliveries_alone() {
    let machines = resources("AWS::Serverless::StateMachine");
    let policies = functions().into_iter().chain(machines).flat_map(|(_, it)| each(&it["Policies"]));
    let statements: Vec<_> = policies.flat_map(|it| each(&it["Statement"])).collect();
    let open = statements.iter().filter(|it| each(&it["Resource"]).contains(&json!("*")));
    assert_eq!(
        open.map(|it| it["Sid"].as_str().unwrap()).collect::<Vec<_>>(),
        ["DeliverLogs", "DeliverLogs"]
    );
    let actions: Vec<_> = statements.iter().flat_map(|it| each(&it["Action"])).collect();
    assert!(actions.iter().all(|action| !action.to_string().contains('*')), "{actions:?}");
}

#[test]
fn everything_that_runs_has_its_own_log_that_ends() {
    let groups = resources("AWS::Logs::LogGroup");
    let group = |id: &Value| {
        let found = groups.iter().find(|(known, _)| json!(known) == *id);
        found.unwrap_or_else(|| panic!("no log group {id}")).1.clone()
    };
    let mut taken = BTreeSet::new();
    for (id, function) in functions() {
        assert!(function["Timeout"].is_u64() && function["MemorySize"].is_u64(), "{id}");
        assert_eq!(function["LoggingConfig"]["LogFormat"], "JSON", "{id}");
        let log = &function["LoggingConfig"]["LogGroup"]["Ref"];
        assert!(taken.insert(log.to_string()), "{id} shares its log");
        let name = group(log)["LogGroupName"]["Fn::Sub"].clone();
        assert!(name.as_str().unwrap().starts_with("/aws/lambda/${AWS::StackName}-"), "{id}: {name}");
    }
    for (id, machine) in resources("AWS::Serverless::StateMachine") {
        let logging = &machine["Logging"];
        assert_eq!(
            [&logging["Level"], &logging["IncludeExecutionData"]],
            [&json!("ERROR"), &json!(false)],
            "{id}"
        );
        let log = &logging["Destinations"][0]["CloudWatchLogsLogGroup"]["LogGroupArn"]["Fn::GetAtt"][0];
        let name = group(log)["LogGroupName"]["Fn::Sub"].clone();
        assert!(
            name.as_str().unwrap().starts_with("/aws/vendedlogs/states/${AWS::StackName}-"),
            "{id}: {name}"
        );
    }
    assert!(groups.iter().all(|(_, it)| it["RetentionInDays"]["Ref"] == "LogRetentionDays"));
}

#[test]
fn every_queue_is_encrypted_and_reached_by_tls_alone() {
    let policies: Vec<_> = resources("AWS::SQS::QueuePolicy").into_iter().map(|(_, it)| it).collect();
    for (id, queue) in resources("AWS::SQS::Queue") {
        assert_eq!(queue["SqsManagedSseEnabled"], true, "{id}");
        let policy = policies.iter().find(|it| each(&it["Queues"]).contains(&json!({ "Ref": id })));
        let statements =
            each(&policy.unwrap_or_else(|| panic!("{id} has no policy"))["PolicyDocument"]["Statement"]);
        let denies = statements.iter().find(|it| it["Sid"] == "RefusePlainHttp").unwrap();
        assert!(each(&denies["Resource"]).contains(&json!({ "Fn::GetAtt": [id, "Arn"] })), "{id}");
        let kept = if id.ends_with("Dlq") { json!(1_209_600) } else { Value::Null };
        assert_eq!(queue["MessageRetentionPeriod"], kept, "{id}");
    }
}

#[test]
fn every_target_has_dead_letters_and_every_schedule_a_name_of_its_stack() {
    for (id, rule) in resources("AWS::Events::Rule") {
        assert!(each(&rule["Targets"]).iter().all(|it| it["DeadLetterConfig"]["Arn"].is_object()), "{id}");
    }
    let functions = functions();
    let events = functions.iter().flat_map(|(_, it)| it["Events"].as_object().into_iter().flatten());
    let schedules: Vec<_> = events.filter(|(_, it)| it["Type"] == "ScheduleV2").collect();
    assert_eq!(schedules.len(), 6);
    for (id, schedule) in schedules {
        let properties = &schedule["Properties"];
        assert_eq!(
            properties["DeadLetterConfig"],
            json!({ "Arn": { "Fn::GetAtt": ["ScheduleDlq", "Arn"] } }),
            "{id}"
        );
        assert!(properties["RetryPolicy"]["MaximumRetryAttempts"].is_u64(), "{id}");
        assert!(properties["Name"]["Fn::Sub"].as_str().unwrap().starts_with("${AWS::StackName}-"), "{id}");
    }
}

#[test]
fn what_cannot_be_computed_again_outlives_the_stack() {
    let template = yaml::parse(include_str!("../../../../../template.yaml")).unwrap();
    // The table's name is fixed: a deployment that failed to make it must leave none behind.
    let kept = [("EventTable", "RetainExceptOnCreate"), ("ContentBucket", "Retain"), ("UserPool", "Retain")];
    for (id, deletion) in kept {
        let resource = &template["Resources"][id];
        let policies = [&resource["DeletionPolicy"], &resource["UpdateReplacePolicy"]];
        assert_eq!(policies, [deletion, "Retain"], "{id}");
    }
    let table = &template["Resources"]["EventTable"]["Properties"];
    let recovery = json!({ "PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 35 });
    assert_eq!(table["PointInTimeRecoverySpecification"], recovery);
    assert_eq!(table["DeletionProtectionEnabled"], json!({ "Fn::If": ["IsProd", true, false] }));
}
