"""What an update and a deletion of the stack must leave: `keeps.py before|after|delete FILE`.

The update has changed the code of the catalogue function, and nothing of what it publishes.
"""

import json
import sys

import cloud


def before():
    """Makes a project, and notes it with whoever made it."""
    api = cloud.Api()
    status, answer = api.create_project("Kept")
    assert status == 202, (status, answer)
    project = api.ready(answer["aggregateId"])
    return {
        "token": api.token,
        "tenant": api.tenant,
        "project": project,
        "items": _items(api),
        "outputs": api.outputs,
        "published": _published(),
    }


def after(noted):
    """The project is as it was, the catalogue ran again and published nothing, and commands are taken."""
    api = cloud.Api()
    fresh, api.token, api.tenant = api.token, noted["token"], noted["tenant"]
    assert api.outputs == noted["outputs"], (api.outputs, noted["outputs"])
    assert api.project(noted["project"]["id"]) == noted["project"]
    ran = _published()[len(noted["published"]) :]
    assert noted["published"] == [7] and ran == [0], (noted["published"], ran)
    assert _items(api) == noted["items"], "an update writes no event"
    status, answer = api.create_project("Made after the update")
    assert status == 202, (status, answer)
    api.ready(answer["aggregateId"])
    api.token = fresh
    assert api.project(noted["project"]["id"]) is None, "another tenant sees nothing"


def delete(noted):
    """Deletes the stack: the events and the repositories are kept, the views are not."""
    cloudformation = cloud.client("cloudformation")
    cloudformation.delete_stack(StackName="skafu")

    def standing():
        stacks = cloudformation.describe_stacks()["Stacks"]
        return [it["StackStatus"] for it in stacks if it["StackName"].startswith("skafu")]

    cloud.eventually("the end of the stack", lambda: set(standing()) <= {"DELETE_COMPLETE"})
    outputs = noted["outputs"]
    tables = cloud.client("dynamodb").list_tables()["TableNames"]
    assert outputs["EventTableName"] in tables and outputs["ViewTableName"] not in tables, tables
    stream = f"{noted['tenant']}/PROJECT#{noted['project']['id']}"
    kept = cloud.client("dynamodb").query(
        TableName=outputs["EventTableName"],
        KeyConditionExpression="PK = :stream",
        ExpressionAttributeValues={":stream": {"S": stream}},
    )
    assert kept["Count"] > 0, kept
    assert cloud.client("s3").list_objects_v2(Bucket=outputs["ContentBucketName"])["KeyCount"] > 0


def _items(api):
    return cloud.client("dynamodb").scan(TableName=api.outputs["EventTableName"], Select="COUNT")["Count"]


def _published():
    """How many templates each run of the catalogue has published, the first run first."""
    found = cloud.client("logs").filter_log_events(
        logGroupName="/aws/lambda/skafu-catalogue", filterPattern='"the built-in templates are published"'
    )
    lines = sorted(found["events"], key=lambda it: it["timestamp"])
    return [json.loads(it["message"])["fields"]["published"] for it in lines]


command, path = sys.argv[1:]
if command == "before":
    with open(path, "w") as file:
        json.dump(before(), file)
else:
    with open(path) as file:
        {"after": after, "delete": delete}[command](json.load(file))
print(f"{command}: ok")
