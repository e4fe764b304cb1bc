"""The API of the page: keeps items, lists them and takes them away."""

import base64
import binascii
import json
import os
import uuid
from decimal import Decimal

MAX_NAME = 100
PAGE_SIZE = 100

_table = None


def _items_table():
    """The table, connected to at the first request that needs it."""
    global _table
    if _table is None:
        import boto3  # Part of the Lambda runtime; the tests do without.

        _table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])
    return _table


def handler(event, context, table=None):
    """Answers one request of an HTTP API, payload version 2.0."""
    table = table or _items_table()
    route = event.get("routeKey")
    if route == "POST /api/items":
        return _create(event, table)
    if route == "GET /api/items":
        return _list(table)
    if route == "DELETE /api/items/{id}":
        return _delete(event, table)
    return _answer(404, {"error": "There is no such route."})


def _create(event, table):
    try:
        name = _name_in(event)
    except ValueError as problem:
        return _answer(400, {"error": str(problem)})
    item = {"id": str(uuid.uuid4()), "name": name}
    table.put_item(Item=item, ConditionExpression="attribute_not_exists(id)")
    return _answer(201, item)


def _list(table):
    page = table.scan(Limit=PAGE_SIZE)
    items = sorted(page.get("Items", []), key=lambda item: item["name"])
    return _answer(200, {"items": items})


def _delete(event, table):
    """What is not there any more is as good as deleted: asking twice does no harm."""
    table.delete_item(Key={"id": event["pathParameters"]["id"]})
    return {"statusCode": 204}


def _name_in(event):
    """The name in the request's body; a ValueError says what is wrong with it."""
    body = event.get("body") or ""
    try:
        if event.get("isBase64Encoded"):
            body = base64.b64decode(body, validate=True).decode("utf-8")
        data = json.loads(body)
    except (binascii.Error, UnicodeDecodeError, json.JSONDecodeError):
        raise ValueError("The body must be JSON.") from None
    name = data.get("name") if isinstance(data, dict) else None
    if not isinstance(name, str) or not name.strip():
        raise ValueError("An item needs a name.")
    if len(name) > MAX_NAME:
        raise ValueError(f"A name has at most {MAX_NAME} characters.")
    return name.strip()


def _answer(status, body):
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json"},
        "body": json.dumps(body, default=_plain),
    }


def _plain(value):
    """DynamoDB gives numbers as Decimal, which JSON does not know."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
