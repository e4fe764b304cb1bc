"""What questions may be answered with: nothing but what README.md says."""

import json
import os
import pathlib
import re

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.graphql.checks import GraphQLClientError, GraphQLServerError

# The codes of errors that a sound question may lead to. RETRYABLE_ERROR and INTERNAL are none of them.
CODES = {"VALIDATION_ERROR", "FORBIDDEN", "NOT_FOUND", "NO_SUCH_VERSION", "VIEW_BEHIND"}
# What may be asked at once is bounded, by more than the schema can say.
CODES |= {"LIMIT_EXCEEDED"}
# What an unsound question is refused with.
LANGUAGE = {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT", "OPERATION_NOT_FOUND"}
# Made-up tokens are refused, with status 400.
TOKEN_CODES = {"INVALID_CONSISTENCY_TOKEN", "CONSISTENCY_TOKEN_EXPIRED"}
# What a sound question may be refused for in the same way: the generator does not read all that the schema says.
BEYOND = [
    # It takes no notice of `@oneOf`.
    r'Invalid value for argument "\w+", Oneof Input Objects require that exactly one field must be supplied .*',
]

PREPARED = json.loads(pathlib.Path(os.environ["SKAFU_PREPARED"]).read_text())
PROJECT = PREPARED["projectId"]["UpdateProject"]
# What there is to be asked for, by question and argument.
KNOWN = {
    "project": ("id", PROJECT),
    "projectAsOf": ("id", PROJECT),
    "projectHistory": ("id", PROJECT),
    "projectActivity": ("projectId", PROJECT),
    "projectAnalytics": ("projectId", PROJECT),
    "projectsByUser": ("userId", "ada"),
    "operation": ("correlationId", PREPARED["correlationId"]),
    "template": ("id", "sam-python-api"),
    "user": ("id", "ada"),
}


@schemathesis.hook
def map_case(context, case):
    """Makes every other sound question one for something that is there: generated ids and tokens are nobody's."""
    if case.meta.generation.mode.is_positive and len(case.body) % 2:
        known = KNOWN.get(case.operation.label.removeprefix("Query."))
        for argument, value in filter(None, [known, ("nextToken", None), ("consistencyToken", PREPARED["token"])]):
            given = rf'\b{argument}: ("(?:[^"\\]|\\.)*"|-?\d+)'
            case.body = re.sub(given, f"{argument}: {json.dumps(value)}", case.body, count=1)
    return case


def _is_documented(error, case):
    code = error.get("extensions", {}).get("code")
    if code not in LANGUAGE:
        return code in CODES | TOKEN_CODES
    is_negative = case.meta.generation.mode.is_negative
    return is_negative or any(re.fullmatch(known, error["message"]) for known in BEYOND)


@schemathesis.check
def documented_answer(ctx, response, case):
    """Status 200 with data or errors that are documented, or 400 for a consistency token."""
    assert response.headers["content-type"] == ["application/json; charset=utf-8"], response.headers
    answer = response.json()
    assert set(answer) <= {"data", "errors", "extensions"} and set(answer) & {"data", "errors"}, answer
    errors = answer.get("errors", [])
    unknown = [error for error in errors if not _is_documented(error, case)]
    assert not unknown, unknown
    refused = any(error.get("extensions", {}).get("code") in TOKEN_CODES for error in errors)
    assert response.status_code == (400 if refused else 200), response.status_code


@schemathesis.hook
def filter_failure(context, failure, case, response):
    # What is selected of an answer is looked at value by value as it is answered: of a refused mutation it is not.
    if isinstance(failure, AcceptedNegativeData) and case.operation.label.startswith("Mutation."):
        return False
    # An error in an answer is held for a failure, whatever it says; `documented_answer` judges by what it says.
    if isinstance(failure, (GraphQLClientError, GraphQLServerError)):
        return not all(_is_documented(error, case) for error in response.json().get("errors", []))
    return True
