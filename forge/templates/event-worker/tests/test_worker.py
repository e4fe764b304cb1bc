import json
import unittest

from tally import Tally
from tests.table import Dynamo
from worker import handler

SAVED = {"id": "1", "detail-type": "ItemSaved", "time": "2026-01-31T12:00:00Z", "detail": {}}


def message(number, body):
    return {"messageId": f"message-{number}", "body": body if isinstance(body, str) else json.dumps(body)}


class WorkerTest(unittest.TestCase):
    def setUp(self):
        self.dynamo = Dynamo()

    def work(self, *bodies):
        batch = {"Records": [message(number, body) for number, body in enumerate(bodies)]}
        answer = handler(batch, None, Tally(self.dynamo, "table"))
        return [failure["itemIdentifier"] for failure in answer["batchItemFailures"]]

    def test_every_event_of_a_batch_is_counted(self):
        with self.assertLogs("worker", "INFO"):
            self.assertEqual(self.work(SAVED, {**SAVED, "id": "2"}), [])
        self.assertEqual(self.dynamo.count("count#ItemSaved#2026-01-31"), 2)

    def test_a_message_that_comes_again_succeeds_and_changes_nothing(self):
        with self.assertLogs("worker", "INFO") as logs:
            self.assertEqual(self.work(SAVED, SAVED), [])
        self.assertEqual(self.dynamo.count("count#ItemSaved#2026-01-31"), 1)
        self.assertIn("was counted before", logs.output[1])

    def test_what_is_no_event_fails_alone(self):
        for body in ["", "tea", "[]", "{}", {**SAVED, "id": 1}, {**SAVED, "time": "yesterday"}]:
            with self.subTest(body=body), self.assertLogs("worker", "ERROR"):
                self.dynamo.items.clear()
                self.assertEqual(self.work(body, SAVED), ["message-0"])
                self.assertEqual(self.dynamo.count("count#ItemSaved#2026-01-31"), 1)

    def test_a_table_that_cannot_be_reached_fails_the_messages_and_not_the_batch(self):
        self.dynamo.failure = ConnectionError("unplugged")
        with self.assertLogs("worker", "ERROR"):
            self.assertEqual(self.work(SAVED, {**SAVED, "id": "2"}), ["message-0", "message-1"])


if __name__ == "__main__":
    unittest.main()
