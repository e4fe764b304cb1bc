"""The Lambda function. What it needs is connected to at the first request, and kept for the next ones."""

import os

from items import Items
from routes import answer

_items = None


def handler(event, context):
    """Answers one request of an HTTP API, payload version 2.0."""
    global _items
    if _items is None:
        import boto3  # Part of the Lambda runtime; the tests do without.

        _items = Items(
            boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"]),
            boto3.client("events"),
            bus=os.environ["EVENT_BUS_NAME"],
            source=os.environ["EVENT_SOURCE"],
            service=os.environ["SERVICE"],
        )
    return answer(_items, event)
