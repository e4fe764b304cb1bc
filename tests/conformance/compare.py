"""Runs every machine of `cases/` on the emulator and compares how it ends: see README.md.

Its environment says where the emulator is; its argument is a folder for the functions' counts.
"""

import io
import json
import pathlib
import sys
import time
import zipfile

import botocore.session

HERE = pathlib.Path(__file__).parent
PATIENCE_SECONDS = 120
# How much longer than told a machine may take here: the machine's cores are shared by all executions.
SLACK_SECONDS = 10
ROLE = "arn:aws:iam::000000000000:role/conformance"


def load():
    """All cases, in the order of their files."""
    return [case for file in sorted(HERE.glob("cases/*.json")) for case in json.loads(file.read_text())]


def client(service):
    """A client of that service, from the environment."""
    return botocore.session.get_session().create_client(service)


def create_function(counts):
    """The function that behaves as its payload says."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        file.writestr(entry, (HERE / "function/bootstrap").read_bytes())
    client("lambda").create_function(
        FunctionName="behave",
        Runtime="provided.al2023",
        Handler="bootstrap",
        Role=ROLE,
        Timeout=60,
        Code={"ZipFile": archive.getvalue()},
        Environment={"Variables": {"COUNTS": counts}},
    )


def start(states, cases):
    """Starts all machines; the executions' ARNs."""
    machines = [
        states.create_state_machine(name=case["name"], definition=json.dumps(case["definition"]), roleArn=ROLE)
        for case in cases
    ]
    return [
        states.start_execution(
            stateMachineArn=machine["stateMachineArn"], name=case["name"], input=json.dumps(case["input"])
        )["executionArn"]
        for machine, case in zip(machines, cases)
    ]


def ends(states, arns):
    """How each execution ended, or that it has not."""
    deadline, found = time.monotonic() + PATIENCE_SECONDS, {}
    while True:
        for arn in arns:
            if arn not in found:
                execution = states.describe_execution(executionArn=arn)
                if execution["status"] != "RUNNING" or time.monotonic() > deadline:
                    found[arn] = execution
        if len(found) == len(arns):
            return [found[arn] for arn in arns]
        time.sleep(0.2)


def end(execution):
    """An execution in the words of a case."""
    succeeded = execution["status"] == "SUCCEEDED"
    stopped = execution.get("stopDate") or execution["startDate"]
    return {
        "status": execution["status"],
        # The emulator gives failed executions an output, AWS does not.
        "output": json.loads(execution["output"]) if succeeded else None,
        "error": execution.get("error") or None,
        "cause": execution.get("cause"),
        "seconds": (stopped - execution["startDate"]).total_seconds(),
    }


def is_as(ended, expected):
    """Whether that is the expected end."""
    same = all(ended[field] == expected.get(field) for field in ("status", "output", "error"))
    same = same and ("cause" not in expected or ended["cause"] == expected["cause"])
    least = expected.get("seconds")
    return same and (least is None or least - 0.1 <= ended["seconds"] < least + SLACK_SECONDS)


def complaint(case, ended):
    """What is wrong with that end, if anything."""
    differs = case.get("emulator")
    if not differs:
        return None if is_as(ended, case["expected"]) else f"expected {case['expected']}"
    if is_as(ended, case["expected"]):
        return f"no longer differs, take the note away: {differs['differs']}"
    return None if is_as(ended, differs["expected"]) else f"differs in another way than noted: {differs}"


def main():
    """Compares, and tells what is different."""
    cases = load()
    create_function(sys.argv[1])
    states = client("stepfunctions")
    ended = [end(execution) for execution in ends(states, start(states, cases))]
    wrong = [(case, seen, complaint(case, seen)) for case, seen in zip(cases, ended)]
    wrong = [(case, seen, what) for case, seen, what in wrong if what]
    for case, seen, what in wrong:
        print(f"{case['name']}: {what}, but it was {seen}", file=sys.stderr)
    noted = sum("emulator" in case for case in cases)
    print(f"{len(cases)} machines: {len(cases) - noted} end alike, {noted} differ as noted, {len(wrong)} are wrong")
    sys.exit(bool(wrong) or len(cases) < 100)


if __name__ == "__main__":
    main()
