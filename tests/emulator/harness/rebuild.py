"""A view made anew while everything goes on, and all views compared with their events: `rebuild.py start|look FILE`."""

import json
import sys

import cloud

STACK = "skafu"
VIEWS = ("project", "user", "analytics", "template", "activity", "operation")
# The rebuild waits for 65 s before it reads.
REBUILT_SECONDS = 180
# What a test had a view refuse comes again when its visibility timeout of 180 s is over, or by the sweep.
SETTLED_SECONDS = 400


def start():
    """Starts the rebuild of a view, and says which execution that is."""
    machine = {it["OutputKey"]: it["OutputValue"] for it in cloud.outputs(STACK)}["ViewRebuildArn"]
    started = cloud.client("stepfunctions").start_execution(stateMachineArn=machine, input='{"view":"project"}')
    return {"execution": started["executionArn"]}


def look(started):
    """The rebuild ends well, and no view differs from its events."""
    machines = cloud.client("stepfunctions")

    def ended():
        execution = machines.describe_execution(executionArn=started["execution"])
        return execution if execution["status"] != "RUNNING" else None

    execution = cloud.eventually("the end of the rebuild", ended, REBUILT_SECONDS, pause=1)
    assert execution["status"] == "SUCCEEDED", execution
    shown = json.loads(execution["output"])
    assert shown["view"] == "project" and shown["active"] == 2, shown
    assert shown["checked"]["sample"], "what is shown was compared with fresh folds"
    for view in VIEWS:
        _verified(view)


def _verified(view):
    """Asks as the nightly schedule does, until the view has settled."""
    function, answers = cloud.resource(STACK, "RebuildFunction"), []

    def same():
        task = json.dumps({"task": "Verify", "view": view})
        answer = cloud.client("lambda").invoke(FunctionName=function, Payload=task)
        answers.append(json.load(answer["Payload"]))
        assert "FunctionError" not in answer, answers[-1]
        return answers[-1]["wrong"] == 0

    try:
        cloud.eventually(f"the view {view} as its events say", same, SETTLED_SECONDS, pause=5)
    except AssertionError as late:
        raise AssertionError(f"{late}: {answers[-1]}") from None
    found = answers[-1]
    assert found["view"] == view and not found["incomplete"] and found["counts"]["aggregates"] > 0, found


command, path = sys.argv[1:]
if command == "start":
    with open(path, "w") as file:
        json.dump(start(), file)
else:
    with open(path) as file:
        {"look": look}[command](json.load(file))
print(f"rebuild {command}: ok")
