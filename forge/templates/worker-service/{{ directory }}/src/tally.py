"""How many events of each kind happened on each day."""

import time
from datetime import datetime, timezone

# Longer than a message can wait in both queues, 4 and 14 days.
MARK_SECONDS = 30 * 24 * 60 * 60


class Tally:
    """Counts in a DynamoDB table whose key is `id`, under keys that begin with the service's name.

    `client` is a client of the AWS SDK.
    """

    def __init__(self, client, table, service, clock=time.time):
        self._client = client
        self._table = table
        self._service = service
        self._clock = clock

    def count(self, event):
        """Counts an event; False if it was counted before.

        The count and the mark that the event was seen are written together or not at all. So an event that is
        delivered again, as queues do, changes nothing, and one whose work was cut off is counted the next time.
        """
        mark = {
            "TableName": self._table,
            "Item": {
                "id": {"S": f"{self._service}#seen#{event['id']}"},
                "expires": {"N": str(int(self._clock()) + MARK_SECONDS)},
            },
            "ConditionExpression": "attribute_not_exists(id)",
        }
        kind = f"{event['detail-type']}#{_day(event['time'])}"
        count = {
            "TableName": self._table,
            "Key": {"id": {"S": f"{self._service}#count#{kind}"}},
            "UpdateExpression": "ADD events :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }
        try:
            self._client.transact_write_items(TransactItems=[{"Put": mark}, {"Update": count}])
        except self._client.exceptions.TransactionCanceledException as error:
            reasons = error.response.get("CancellationReasons") or [{}]
            if reasons[0].get("Code") == "ConditionalCheckFailed":
                return False
            raise
        return True


def _day(moment):
    """The UTC day of a moment such as 2026-01-31T12:00:00Z."""
    moment = datetime.fromisoformat(moment.replace("Z", "+00:00"))
    return moment.astimezone(timezone.utc).date().isoformat()
