import base64
import json
import unittest

from routes import answer


class Items:
    """The items in memory."""

    def __init__(self):
        self.kept = {}

    def find(self, item_id):
        return self.kept.get(item_id)

    def save(self, item):
        self.kept[item["id"]] = item


class RoutesTest(unittest.TestCase):
    def setUp(self):
        self.items = Items()

    def ask(self, route, item_id="1", **event):
        reply = answer(self.items, {"routeKey": route, "pathParameters": {"id": item_id}, **event})
        return reply["statusCode"], json.loads(reply["body"])

    def put(self, body, **more):
        return self.ask("PUT /items/{id}", body=body, **more)

    def test_an_item_that_is_put_is_got(self):
        self.assertEqual(self.put('{"name": " tea "}'), (200, {"id": "1", "name": "tea"}))
        self.assertEqual(self.ask("GET /items/{id}"), (200, {"id": "1", "name": "tea"}))

    def test_putting_again_replaces(self):
        self.put('{"name": "tea"}')
        self.put('{"name": "coffee"}')
        self.assertEqual(self.ask("GET /items/{id}")[1]["name"], "coffee")

    def test_a_body_may_be_encoded(self):
        body = base64.b64encode(b'{"name": "tea"}').decode()
        self.assertEqual(self.put(body, isBase64Encoded=True)[0], 200)

    def test_what_is_no_item_is_refused(self):
        for body in [None, "", "tea", "[]", "null", "{}", '{"name": 1}', '{"name": " "}', json.dumps({"name": "x" * 101})]:
            with self.subTest(body=body):
                status, reply = self.put(body)
                self.assertEqual(status, 400)
                self.assertTrue(reply["error"])
        self.assertEqual(self.items.kept, {})

    def test_what_is_no_id_is_refused(self):
        for item_id in ["", "a b", "a#b", "x" * 65, "1\n"]:
            with self.subTest(item_id=item_id):
                self.assertEqual(self.ask("GET /items/{id}", item_id)[0], 400)
                self.assertEqual(self.put('{"name": "tea"}', item_id=item_id)[0], 400)

    def test_what_is_not_there_is_not_found(self):
        self.assertEqual(self.ask("GET /items/{id}")[0], 404)
        self.assertEqual(self.ask("DELETE /items/{id}")[0], 404)


if __name__ == "__main__":
    unittest.main()
