"""Takes one action from one role at a time: that function fails, and says so; the others go on."""

import contextlib
import json

import cloud
from failures import Failures

STACK = "skafu"
iam = cloud.client("iam")


@contextlib.contextmanager
def without(action, function):
    """The function's role lacks the action inside."""
    role = cloud.resource(STACK, f"{function}Role")
    names = iam.list_role_policies(RoleName=role)["PolicyNames"]
    policies = {name: iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"] for name in names}
    taken = 0
    for name, policy in policies.items():
        less = json.loads(json.dumps(policy))
        for statement in less["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            left = [it for it in actions if it != action]
            taken += len(actions) - len(left)
            statement["Action"] = left or ["none:None"]
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(less))
    assert taken, f"{function} does not have {action}"
    try:
        yield
    finally:
        for name, policy in policies.items():
            iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(policy))
    print(f"without {action} for {function}: ok")


def created(api, name):
    """A project whose creation was accepted."""
    status, answer = api.create_project(name)
    assert status == 202, (status, answer)
    return answer["aggregateId"]


def commands_cannot_append():
    api = cloud.Api()
    project = created(api, "Before")
    api.ready(project)
    failures = Failures(api.outputs["ErrorBusArn"])
    with without("dynamodb:PutItem", "CommandsFunction"):
        status, answer = api.create_project("Refused")
        assert status >= 500, (status, answer)
        assert "AccessDenied" not in json.dumps(answer), "nobody outside need know why"
        assert api.project(project)["status"] == "ready", "questions are answered"
        told = failures.told("CommandsFunction", "SERVER_ERROR")
        assert told["status"] == status and told["requestId"], told
    api.ready(created(api, "Refused"))


def questions_cannot_read():
    api = cloud.Api()
    with without("dynamodb:GetItem", "GraphqlFunction"):
        project = created(api, "Unseen")
        status, answer = api.ask("query($id: ID!) { project(id: $id) { id } }", id=project)
        assert status >= 500 or answer.get("errors"), (status, answer)
        assert "AccessDenied" not in json.dumps(answer), "nobody outside need know why"
        table, dynamodb = api.outputs["EventTableName"], cloud.client("dynamodb")

        def ready():
            page = dynamodb.query(
                TableName=table,
                KeyConditionExpression="PK = :stream",
                ExpressionAttributeValues={":stream": {"S": f"{api.tenant}/PROJECT#{project}"}},
            )
            return "ProjectConfigured" in json.dumps(page["Items"])

        cloud.eventually("the saga's end, which needs no question", ready)
    api.ready(project)


def the_relay_cannot_publish():
    api = cloud.Api()
    with without("events:PutEvents", "RelayFunction"):
        project = created(api, "By another way")
        # It leaves the keys in a queue, whose function has a role of its own and publishes in its place.
        api.ready(project)
        events = cloud.client("logs").filter_log_events(logGroupName=f"/aws/lambda/{STACK}-relay")["events"]
        told = [it["message"] for it in events if "the bus took nothing" in it["message"]]
        assert told and "AccessDenied" in told[-1], told


commands_cannot_append()
questions_cannot_read()
the_relay_cannot_publish()
