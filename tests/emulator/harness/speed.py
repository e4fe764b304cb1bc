"""What the emulator itself takes for a creation's states, beside what a creation takes: printed, not judged.

The states of one creation, in their order, become a machine of their own whose tasks do nothing. Both run one at a
time, by turns.
"""

import io
import json
import statistics
import zipfile

import cloud

STACK, NAME, TURNS = "skafu", "skafu-empty-tasks", 10
# Answers as soon as it is asked, over one connection.
BOOTSTRAP = '''#!/usr/bin/env python3
import http.client, os
runtime = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
while True:
    runtime.request("GET", "/2018-06-01/runtime/invocation/next")
    answer = runtime.getresponse()
    answer.read()
    request = answer.headers["Lambda-Runtime-Aws-Request-Id"]
    runtime.request("POST", f"/2018-06-01/runtime/invocation/{request}/response", "{}")
    runtime.getresponse().read()
'''
machines, functions, roles = cloud.client("stepfunctions"), cloud.client("lambda"), cloud.client("iam")


def _role(service, actions):
    name = f"{NAME}-{service}"
    trust = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = roles.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))["Role"]["Arn"]
    rights = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    roles.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=_policy(rights))
    return role


def _policy(statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _function():
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, BOOTSTRAP)
    role = _role("lambda", ["logs:*"])
    made = dict(Runtime="provided.al2023", Handler="bootstrap", Architectures=["x86_64"], Timeout=30)
    functions.create_function(FunctionName=NAME, Role=role, Code={"ZipFile": code.getvalue()}, **made)


def _entered(execution):
    """The types of the states an execution went through."""
    pages = machines.get_paginator("get_execution_history").paginate(executionArn=execution)
    types = [event["type"] for page in pages for event in page["events"]]
    return [it.removesuffix("StateEntered") for it in types if it.endswith("StateEntered")]


def _empty(types):
    """A machine of states of those types; none of its tasks does anything."""
    states = {}
    for at, kind in enumerate(types):
        following = {"Next": f"S{at + 1}"} if at + 1 < len(types) else {"End": True}
        if kind == "Task":
            arguments = {"FunctionName": NAME, "Payload": "{% $states.input %}"}
            state = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Arguments": arguments, **following}
        elif kind == "Choice" and "Next" in following:
            state = {"Type": "Choice", "Choices": [{"Condition": "{% true %}", **following}]}
        else:
            state = {"Type": "Pass", **following}
        states[f"S{at}"] = state
    return {"QueryLanguage": "JSONata", "StartAt": "S0", "States": states}


def _milliseconds(execution):
    def ended():
        it = machines.describe_execution(executionArn=execution)
        return it if it["status"] != "RUNNING" else None

    it = cloud.eventually("the end of an execution", ended, pause=0.02)
    assert it["status"] == "SUCCEEDED", it
    return (it["stopDate"] - it["startDate"]).total_seconds() * 1e3


def _creation(api, name):
    machine = {it["OutputKey"]: it["OutputValue"] for it in cloud.outputs(STACK)}["StateMachineArn"]
    status, answer = api.create_project(name)
    assert status == 202, answer
    execution = f"{machine.replace(':stateMachine:', ':execution:')}:prj-{answer['aggregateId']}-1"

    def begun():
        try:
            return machines.describe_execution(executionArn=execution)
        except machines.exceptions.ExecutionDoesNotExist:
            return None

    cloud.eventually("the beginning of an execution", begun, pause=0.02)
    return execution


api = cloud.Api()
first = _creation(api, "Speed")
_milliseconds(first)
types = [it for it in _entered(first) if it != "Succeed"]
_function()
role = _role("states", ["lambda:InvokeFunction"])
empty = machines.create_state_machine(name=NAME, roleArn=role, definition=json.dumps(_empty(types)))["stateMachineArn"]
creations, empties = [], []
for turn in range(TURNS + 1):
    execution = machines.start_execution(stateMachineArn=empty, input='{"id":"x"}')["executionArn"]
    empties.append(_milliseconds(execution))
    creations.append(_milliseconds(_creation(api, f"Speed {turn}")))
# The first of each starts its function.
created, nothing = statistics.median(creations[1:]), statistics.median(empties[1:])
print(f"{len(types)} states: {created:.0f} ms for a creation, {nothing:.0f} ms with empty tasks: {created / nothing:.2f} times")
machines.delete_state_machine(stateMachineArn=empty)
functions.delete_function(FunctionName=NAME)
print("speed: ok")
