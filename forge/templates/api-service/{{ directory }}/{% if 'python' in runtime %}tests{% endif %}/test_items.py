import json
import unittest

from items import Items, PublishError

TEA = {"id": "1", "name": "tea"}


class Table:
    """Stands in for the DynamoDB table."""

    def __init__(self):
        self.items = {}

    def get_item(self, Key):
        item = self.items.get(Key["id"])
        return {"Item": item} if item else {}

    def put_item(self, Item):
        self.items[Item["id"]] = Item


class Bus:
    """Stands in for the EventBridge client."""

    def __init__(self):
        self.events = []
        self.error = None

    def put_events(self, Entries):
        if self.error:
            return {"FailedEntryCount": 1, "Entries": [{"ErrorCode": self.error}]}
        self.events += Entries
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"}]}


class ItemsTest(unittest.TestCase):
    def setUp(self):
        self.table, self.bus = Table(), Bus()
        self.items = Items(self.table, self.bus, bus="orders", source="shop", service="api")

    def test_an_item_that_is_saved_is_found(self):
        self.items.save(TEA)
        self.assertEqual(self.items.find("1"), TEA)
        self.assertIsNone(self.items.find("2"))

    def test_keys_begin_with_the_service_s_name(self):
        self.items.save(TEA)
        self.assertEqual(list(self.table.items), ["api#1"])

    def test_the_bus_is_told(self):
        self.items.save(TEA)
        [event] = self.bus.events
        self.assertEqual(json.loads(event.pop("Detail")), TEA)
        self.assertEqual(event, {"EventBusName": "orders", "Source": "shop", "DetailType": "ItemSaved"})

    def test_what_the_bus_refuses_fails_and_saving_again_mends_it(self):
        self.bus.error = "ThrottlingException"
        with self.assertRaisesRegex(PublishError, "ThrottlingException"):
            self.items.save(TEA)
        self.bus.error = None
        self.items.save(TEA)
        self.assertEqual((self.items.find("1"), len(self.bus.events)), (TEA, 1))


if __name__ == "__main__":
    unittest.main()
