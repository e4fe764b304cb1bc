"""A payload too large for its commit: it is kept in the bucket, and whoever needs it fetches it from there."""

import cloud

# The most that a project's configuration takes: 50 values of 1000 characters, each of four bytes, are 195 KiB. A
# commit keeps 180 KiB of one payload.
ENVIRONMENT = {f"VALUE_{number}": "\N{PACKAGE}" * 1000 for number in range(50)}

SHOWN = """query($id: ID!) {
  project(id: $id) { configuration { environment } }
  projectAsOf(id: $id, at: { version: 1 }) { configuration { environment } }
}"""

api = cloud.Api()
status, answer = api.create_project("Large", configuration={"environment": ENVIRONMENT})
assert status == 202, (status, answer)
project = answer["aggregateId"]

kept = cloud.client("s3").list_objects_v2(Bucket=api.outputs["ContentBucketName"], Prefix=f"{api.tenant}/payloads/")
assert kept["KeyCount"] == 1, kept
page = cloud.client("dynamodb").get_item(
    TableName=api.outputs["EventTableName"],
    Key={"PK": {"S": f"{api.tenant}/PROJECT#{project}"}, "SK": {"S": "EVENT#0000000001"}},
)
event = page["Item"]["events"]["L"][0]["M"]
assert "data" not in event and kept["Contents"][0]["Key"].endswith(event["dataRef"]["M"]["sha256"]["S"]), event

# The saga's steps, the views, and the answers from the past all read it.
api.ready(project)
status, answer = api.ask(SHOWN, id=project)
shown = answer.get("data") or {}
for field in ("project", "projectAsOf"):
    assert shown.get(field) == {"configuration": {"environment": ENVIRONMENT}}, (field, status, answer.get("errors"))
print("large payload: ok")
