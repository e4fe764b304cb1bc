import unittest

from tally import MARK_SECONDS, Tally
from tests.table import Dynamo, TransactionCanceledException


def event(**fields):
    return {"id": "1", "detail-type": "ItemSaved", "time": "2026-01-31T12:00:00Z", **fields}


class TallyTest(unittest.TestCase):
    def setUp(self):
        self.dynamo = Dynamo()
        self.tally = Tally(self.dynamo, "table", "worker", clock=lambda: 1000.5)

    def test_events_are_counted_by_kind_and_day(self):
        for number, fields in enumerate([{}, {}, {"time": "2026-02-01T00:00:00Z"}, {"detail-type": "ItemGone"}]):
            self.assertTrue(self.tally.count(event(id=str(number), **fields)))
        self.assertEqual(self.dynamo.count("worker#count#ItemSaved#2026-01-31"), 2)
        self.assertEqual(self.dynamo.count("worker#count#ItemSaved#2026-02-01"), 1)
        self.assertEqual(self.dynamo.count("worker#count#ItemGone#2026-01-31"), 1)

    def test_an_event_that_comes_again_is_not_counted_again(self):
        self.assertTrue(self.tally.count(event()))
        self.assertFalse(self.tally.count(event()))
        self.assertEqual(self.dynamo.count("worker#count#ItemSaved#2026-01-31"), 1)

    def test_a_day_is_a_day_in_utc(self):
        self.tally.count(event(time="2026-01-31T23:30:00-01:00"))
        self.assertEqual(self.dynamo.count("worker#count#ItemSaved#2026-02-01"), 1)

    def test_a_mark_expires(self):
        self.tally.count(event())
        self.assertEqual(self.dynamo.items["worker#seen#1"]["expires"], {"N": str(1000 + MARK_SECONDS)})

    def test_a_transaction_that_is_canceled_for_another_reason_fails(self):
        self.dynamo.failure = TransactionCanceledException("None", "TransactionConflict")
        with self.assertRaises(TransactionCanceledException):
            self.tally.count(event())

    def test_a_moment_that_is_none_fails_before_anything_is_written(self):
        with self.assertRaises(ValueError):
            self.tally.count(event(time="yesterday"))
        self.assertEqual(self.dynamo.items, {})


if __name__ == "__main__":
    unittest.main()
