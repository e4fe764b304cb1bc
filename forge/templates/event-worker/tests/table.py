"""Stands in for DynamoDB."""

import types


class TransactionCanceledException(Exception):
    def __init__(self, *codes):
        super().__init__("canceled")
        self.response = {"CancellationReasons": [{"Code": code} for code in codes]}


class Dynamo:
    """A client with one table, of which the tests look at `items`."""

    exceptions = types.SimpleNamespace(TransactionCanceledException=TransactionCanceledException)

    def __init__(self):
        self.items = {}
        self.failure = None

    def transact_write_items(self, TransactItems):
        put, update = TransactItems[0]["Put"], TransactItems[1]["Update"]
        if self.failure:
            raise self.failure
        if put["ConditionExpression"] != "attribute_not_exists(id)" or update["UpdateExpression"] != "ADD events :one":
            raise NotImplementedError
        if put["Item"]["id"]["S"] in self.items:
            raise TransactionCanceledException("ConditionalCheckFailed", "None")
        self.items[put["Item"]["id"]["S"]] = put["Item"]
        counter = self.items.setdefault(update["Key"]["id"]["S"], {"events": {"N": "0"}})
        counter["events"]["N"] = str(int(counter["events"]["N"]) + 1)

    def count(self, name):
        return int(self.items.get(name, {"events": {"N": "0"}})["events"]["N"])
