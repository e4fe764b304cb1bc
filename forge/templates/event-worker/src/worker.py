"""Takes events of Amazon EventBridge from a queue."""

import json
import logging
import os

from tally import Tally

logger = logging.getLogger(__name__)
logger.setLevel(logging.INFO)

_tally = None


def _connected():
    """The tally, connected to at the first batch."""
    global _tally
    if _tally is None:
        import boto3  # Part of the Lambda runtime; the tests do without.

        _tally = Tally(boto3.client("dynamodb"), os.environ["TABLE_NAME"])
    return _tally


def handler(batch, context, tally=None):
    """Works through a batch of messages. Only those that fail come back, until they are dead letters."""
    tally = tally or _connected()
    failed = []
    for message in batch["Records"]:
        try:
            event = _event_in(message)
            counted = tally.count(event)
            logger.info("event %s %s", event["id"], "counted" if counted else "was counted before")
        except Exception:  # Whatever it is, it must not hold up the rest of the batch.
            logger.exception("message %s failed", message["messageId"])
            failed.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": failed}


def _event_in(message):
    """The event in a message; a ValueError says what is wrong with it."""
    event = json.loads(message["body"])
    if not isinstance(event, dict):
        raise ValueError("the message is no event")
    for field in ("id", "detail-type", "time"):
        if not isinstance(event.get(field), str) or not event[field]:
            raise ValueError(f"the event has no `{field}`")
    return event
