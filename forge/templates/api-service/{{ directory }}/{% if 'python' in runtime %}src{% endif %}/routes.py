"""Which request is answered how."""

import base64
import binascii
import json
import re

MAX_NAME = 100
ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


def answer(items, event):
    """Answers one request with what `items` keeps."""
    route = event.get("routeKey")
    if route not in ("GET /items/{id}", "PUT /items/{id}"):
        return _reply(404, {"error": "There is no such route."})
    item_id = event["pathParameters"]["id"]
    if not ID.fullmatch(item_id):
        return _reply(400, {"error": "An id has up to 64 letters, digits, dots, dashes and underscores."})
    if route == "GET /items/{id}":
        item = items.find(item_id)
        return _reply(200, item) if item else _reply(404, {"error": "There is no such item."})
    try:
        item = {"id": item_id, "name": _name_in(event)}
    except ValueError as problem:
        return _reply(400, {"error": str(problem)})
    items.save(item)
    return _reply(200, item)


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
    if len(name.strip()) > MAX_NAME:
        raise ValueError(f"A name has at most {MAX_NAME} characters.")
    return name.strip()


def _reply(status, body):
    return {"statusCode": status, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
