"""The service's items in the system's table, and what the system is told of them."""

import json


class PublishError(Exception):
    """The bus did not take an event."""


class Items:
    """Items under keys that begin with the service's name.

    `table` is a DynamoDB table and `bus_client` an EventBridge client, both of the AWS SDK.
    """

    def __init__(self, table, bus_client, bus, source, service):
        self._table = table
        self._bus_client = bus_client
        self._bus = bus
        self._source = source
        self._service = service

    def find(self, item_id):
        """The item with this id, or None."""
        found = self._table.get_item(Key={"id": self._key(item_id)}).get("Item")
        return found and {"id": item_id, "name": found["name"]}

    def save(self, item):
        """Keeps an item in place of what it was, and tells the bus.

        The item is kept first. Who gets an error saves again, which changes nothing but tells the bus; so an event
        comes at least once, and never for what was not kept.
        """
        self._table.put_item(Item={**item, "id": self._key(item["id"])})
        entry = {
            "EventBusName": self._bus,
            "Source": self._source,
            "DetailType": "ItemSaved",
            "Detail": json.dumps(item),
        }
        answer = self._bus_client.put_events(Entries=[entry])
        # The bus answers with success even where it refused an event.
        if answer["FailedEntryCount"]:
            raise PublishError(answer["Entries"][0].get("ErrorCode"))

    def _key(self, item_id):
        return f"{self._service}#{item_id}"
