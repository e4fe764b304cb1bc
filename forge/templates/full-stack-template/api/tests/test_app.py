import base64
import json
import unittest

from src.app import handler


class Table:
    """Stands in for the DynamoDB table."""

    def __init__(self):
        self.items = {}

    def put_item(self, Item, ConditionExpression):
        self.items[Item["id"]] = Item

    def scan(self, Limit):
        return {"Items": list(self.items.values())[:Limit]}

    def delete_item(self, Key):
        self.items.pop(Key["id"], None)


class ItemsTest(unittest.TestCase):
    def setUp(self):
        self.table = Table()

    def request(self, route, body=None, **event):
        answer = handler({"routeKey": route, "body": body, **event}, None, self.table)
        return answer["statusCode"], json.loads(answer.get("body", "null"))

    def test_an_item_that_is_created_is_listed(self):
        status, item = self.request("POST /api/items", '{"name": " tea "}')
        self.assertEqual((status, item["name"]), (201, "tea"))
        self.assertEqual(self.request("GET /api/items"), (200, {"items": [item]}))

    def test_items_are_listed_by_name(self):
        for name in ["tea", "coffee"]:
            self.request("POST /api/items", json.dumps({"name": name}))
        _, page = self.request("GET /api/items")
        self.assertEqual([item["name"] for item in page["items"]], ["coffee", "tea"])

    def test_an_item_that_is_deleted_is_gone_however_often_that_is_asked(self):
        _, item = self.request("POST /api/items", '{"name": "tea"}')
        for _ in range(2):
            answer = self.request("DELETE /api/items/{id}", pathParameters={"id": item["id"]})
            self.assertEqual(answer, (204, None))
            self.assertEqual(self.table.items, {})

    def test_a_body_may_be_encoded(self):
        body = base64.b64encode(b'{"name": "tea"}').decode()
        status, _ = self.request("POST /api/items", body, isBase64Encoded=True)
        self.assertEqual(status, 201)

    def test_what_is_no_item_is_refused(self):
        for body in [None, "", "tea", "[]", "{}", '{"name": ""}', '{"name": 1}', json.dumps({"name": "x" * 101})]:
            with self.subTest(body=body):
                status, answer = self.request("POST /api/items", body)
                self.assertEqual(status, 400)
                self.assertTrue(answer["error"])
        self.assertEqual(self.table.items, {})

    def test_other_routes_are_not_found(self):
        self.assertEqual(self.request("GET /")[0], 404)


if __name__ == "__main__":
    unittest.main()
