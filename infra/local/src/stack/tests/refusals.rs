//! What the cloud cannot build, it refuses: by name, with the path, all at once.

use super::*;

#[track_caller]
fn refused(from: &str, to: &str, path: &str, kind: ProblemKind) {
    assert_eq!(broken(from, to), [Problem::new(path, kind)]);
}

fn unsupported(found: &str, supported: &str) -> ProblemKind {
    ProblemKind::Unsupported { found: found.into(), supported: supported.into() }
}

#[test]
fn what_is_unknown() {
    refused("Globals:\n", "Mappings: {}\nGlobals:\n", "Mappings", ProblemKind::Unknown);
    refused(
        "  Function:\n    Runtime",
        "  HttpApi: {}\n  Function:\n    Runtime",
        "Globals.HttpApi",
        ProblemKind::Unknown,
    );
    let kind = ProblemKind::UnknownType("AWS::SNS::Subscription".into());
    refused(
        "Resources:\n",
        "Resources:\n  X: { Type: AWS::SNS::Subscription, Properties: { A: b } }\n",
        "Resources.X.Type",
        kind,
    );
    refused(
        "  Bus:\n",
        "  Bus:\n    CreationPolicy: {}\n",
        "Resources.Bus.CreationPolicy",
        ProblemKind::Unknown,
    );
    refused(
        "{ QueueName:",
        "{ MaximumMessageSize: 5, QueueName:",
        "Resources.Queue.Properties.MaximumMessageSize",
        ProblemKind::Unknown,
    );
    let kind = ProblemKind::UnknownSource("Schedule".into());
    refused("Type: SQS\n", "Type: Schedule\n", "Resources.Function.Properties.Events.Work.Type", kind);
    let filter = "Queue: !GetAtt Queue.Arn, FilterCriteria: {}";
    let path = "Resources.Function.Properties.Events.Work.Properties.FilterCriteria";
    refused("Queue: !GetAtt Queue.Arn", filter, path, ProblemKind::Unknown);
    let kind = ProblemKind::UnknownIntrinsic("Fn::ImportValue".into());
    refused(
        "Variables: { SHARED: one",
        "Variables: { SHARED: !ImportValue x",
        "Resources.Function.Properties.Environment.Variables.SHARED",
        kind,
    );
}

#[test]
fn what_would_behave_differently() {
    refused(
        "PAY_PER_REQUEST",
        "PROVISIONED",
        "Resources.Table.Properties.BillingMode",
        unsupported("\"PROVISIONED\"", "\"PAY_PER_REQUEST\""),
    );
    let path = "Resources.Function.Properties.Events.Records.Properties.StartingPosition";
    refused("TRIM_HORIZON", "LATEST", path, unsupported("\"LATEST\"", "\"TRIM_HORIZON\""));
    let path = "Resources.Function.Properties.Events.Route.Properties.Path";
    refused("\"/a/{b}\"", "\"/a/{b+}\"", path, unsupported("/a/{b+}", "/literal/{parameter}"));
    let path = "Resources.Function.Properties.Events.Route.Properties.Method";
    refused("Method: get", "Method: any", path, unsupported("ANY", "GET, POST, PUT, PATCH, DELETE"));
    let path = "Resources.Function.Properties.Runtime";
    refused("provided.al2023", "nodejs22.x", path, unsupported("\"nodejs22.x\"", "\"provided.al2023\""));
    let path = "Resources.Rule.Properties.State";
    refused(
        "EventPattern: {",
        "State: DISABLED\n      EventPattern: {",
        path,
        unsupported("\"DISABLED\"", "\"ENABLED\""),
    );
}

#[test]
fn what_is_missing_or_misshapen() {
    refused(
        "      KeySchema: [{ AttributeName: PK, KeyType: HASH }]\n",
        "",
        "Resources.Table.Properties.KeySchema",
        ProblemKind::Missing,
    );
    refused(
        "{ Binary: worker }",
        "{}",
        "Resources.Function.Metadata.BuildProperties.Binary",
        ProblemKind::Missing,
    );
    refused(
        "BatchSize: !Ref Size",
        "BatchSize: some",
        "Resources.Function.Properties.Events.Records.Properties.BatchSize",
        ProblemKind::Shape("a whole number"),
    );
    let problems = broken("{ source: [a] }", "{ source: a }");
    assert!(
        matches!(problems.as_slice(), [Problem { path, kind: ProblemKind::Pattern(_) }]
        if path == "Resources.Rule.Properties.EventPattern"),
        "{problems:?}"
    );
    let problems = Stack::load("Resources: [").unwrap_err().0;
    assert!(matches!(problems.as_slice(), [Problem { kind: ProblemKind::Unreadable(_), .. }]));
}

#[test]
fn what_points_nowhere() {
    let path = "Resources.Rule.Properties.Targets.0.Arn";
    refused(
        "Arn: !GetAtt Queue.Arn }]",
        "Arn: !GetAtt Queues.Arn }]",
        path,
        ProblemKind::Dangling("Queues.Arn".into()),
    );
    refused("Arn: !GetAtt Queue.Arn }]", "Arn: x }]", path, ProblemKind::Dangling("queue x".into()));
    refused(
        "Condition: Narrow",
        "Condition: Thin",
        "Resources.Queue.Condition",
        ProblemKind::Dangling("condition Thin".into()),
    );
    let circle = broken("  Wide: !Equals [!Ref Size, 8]", "  Wide: !Not [!Condition Narrow]");
    assert!(
        circle.iter().all(|problem| problem.kind == ProblemKind::Shape("free of references to itself")),
        "{circle:?}"
    );
}

#[test]
fn parameters_without_a_value_or_with_a_wrong_one() {
    let kind = ProblemKind::Parameter("has no value".into());
    let problems = broken("{ Type: Number, Default: 7 }", "{ Type: Number }");
    assert!(problems.contains(&Problem::new("Parameters.Size", kind)), "{problems:?}");
    let kind = ProblemKind::Parameter("does not allow 7".into());
    refused("Default: 7 }", "Default: 7, AllowedValues: [8] }", "Parameters.Size", kind);
    let unknown = BTreeMap::from([("Sise".to_owned(), "8".to_owned())]);
    let problems = Stack::load_with(&small(), &unknown).unwrap_err().0;
    assert_eq!(problems, [Problem::new("Parameters", ProblemKind::Dangling("parameter Sise".into()))]);
}

#[test]
fn what_is_claimed_twice() {
    let twice = "Extra: { Type: HttpApi, Properties: { ApiId: !Ref Api, Method: GET, Path: \"/a/{c}\" } }\n        Work:";
    refused("Work:", twice, "Resources.Function", ProblemKind::Duplicate("route GET /a/{}".into()));
    let twice = "  Bus:\n    Type: AWS::Events::EventBus\n  Other:\n    Type: AWS::Events::EventBus\n    Properties: { Name: skafu-Bus }";
    refused(
        "  Bus:\n    Type: AWS::Events::EventBus",
        twice,
        "Resources.Other",
        ProblemKind::Duplicate("bus skafu-Bus".into()),
    );
}

#[test]
fn all_problems_come_at_once_and_read_as_one_message() {
    let text = small().replace("PAY_PER_REQUEST", "PROVISIONED").replace("Type: SQS\n", "Type: Kinesis\n");
    let message = Stack::load(&text).unwrap_err().to_string();
    let lines: Vec<_> = message.lines().collect();
    assert_eq!(
        lines,
        [
            "the template asks for what this cloud cannot build",
            "  Resources.Table.Properties.BillingMode: \"PROVISIONED\" is not supported here, only \"PAY_PER_REQUEST\"",
            "  Resources.Function.Properties.Events.Work.Type: event source Kinesis is not known here",
        ]
    );
}
