"""What is done to generated commands, and what is not held against the API, each with its reason."""

import json
import os
import pathlib
import re
import uuid

import schemathesis
from schemathesis.core.parameters import ParameterLocation
from schemathesis.openapi.checks import RejectedPositiveData

PREPARED = json.loads(pathlib.Path(os.environ["SKAFU_PREPARED"]).read_text())
TOKEN = "x-consistency-token"
# What the examples of the document act upon.
EXAMPLES = {"projectId": "063b8112-01c0-599f-93af-e2f7ed65f882", "templateId": "tiny-service"}

# Rules on single values that a schema does not say: `(field, code)` of the violations they are told by.
RULES = [
    # A name that holds spaces alone, or that would be mistaken for something else.
    (r"/data/name", r"blank|reserved"),
    # Each feature once: said in words. Code generators make sets of `uniqueItems`, which have no order.
    (r"/data/configuration/features", r"unique"),
    # The template says what its parameters are.
    (r"/data/templateParameters/.*", r"unknown|type|choice|pattern|required|conditional|m(in|ax).*"),
    # What the path of a file may be hangs on the others, and on the system it may be unpacked on.
    (r"/data/files/\d+/(path|symlink)", r"INVALID_FILE_PATH|unique"),
    # `contentEncoding` is a note in JSON Schema: it forbids nothing.
    (r"/data/files/\d+/base64", r"format"),
]


def _is_about(case, location):
    """Whether it is the place of what is tried out, be that sound or wrong."""
    component = case.meta.components.get(location)
    is_wrong = component is not None and component.mode.is_negative
    return is_wrong or getattr(case.meta.phase.data, "parameter_location", None) == location


@schemathesis.hook
def before_call(context, case, kwargs):
    """Makes of what is generated something that meets what is there: generated ids and tokens are nobody's."""
    if case.meta is None:
        return
    # A made-up token is refused before anything else is looked at.
    if case.headers and TOKEN in case.headers and not _is_about(case, ParameterLocation.HEADER):
        case.headers[TOKEN] = PREPARED["token"]
    body, name = case.body, case.operation.path.rsplit("/", 1)[-1]
    if not isinstance(body, dict) or not isinstance(body.get("data"), dict):
        return
    is_sound = case.meta.generation.mode.is_positive
    body, data = dict(body), dict(body["data"])
    for field, known in ((field, PREPARED[field].get(name)) for field in EXAMPLES):
        given = data.get(field)
        # Some sound commands go to nobody's all the same. Of the others, those that are not wrong in just that.
        if known and (given == EXAMPLES[field] or (is_sound and len(given) % 8)):
            data[field] = known
    if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", str(body.get("commandId"))):
        # One id for two bodies would be a mistake of the sender: each body has one of its own, and always the same.
        content = json.dumps([name, body, data], sort_keys=True)
        body["commandId"] = str(uuid.uuid5(uuid.NAMESPACE_OID, content))
    case.body = {**body, "data": data}


@schemathesis.hook
def filter_failure(context, failure, case, response):
    if isinstance(failure, RejectedPositiveData) and response.status_code == 400:
        problem = response.json()
        # Whose token it is, no schema can say.
        if problem["code"] == "INVALID_CONSISTENCY_TOKEN":
            return False
        violations = problem.get("violations", [])
        return not (violations and all(map(_is_by_rule, violations)))
    return True


def _is_by_rule(violation):
    return any(
        re.fullmatch(field, violation["field"]) and re.fullmatch(code, violation["code"]) for field, code in RULES
    )
