"""An expected difference is named, documented, and still there."""

import unittest

from parity.expected import Expectations
from parity.tree import Difference

ENTRY = {"id": "dates", "reason": "why", "template": "corpus/*", "file": "*.txt", "what": "content"}


class Expected(unittest.TestCase):
    """What `Expectations` takes, and what it finds fault with."""

    def test_only_what_matches_in_everything_is_taken(self):
        cases = [
            ("corpus/a", "default", Difference("x/a.txt", "content"), True),
            ("kedro/a", "default", Difference("x/a.txt", "content"), False),
            ("corpus/a", "default", Difference("x/a.md", "content"), False),
            ("corpus/a", "default", Difference("x/a.txt", "mode"), False),
        ]
        for template, answers, difference, taken in cases:
            with self.subTest(template=template, difference=difference):
                self.assertEqual(Expectations([ENTRY]).take(template, answers, difference), taken)

    def test_one_that_no_longer_occurs_is_a_fault(self):
        expectations = Expectations([ENTRY])
        self.assertEqual([entry.id for entry in expectations.gone()], ["dates"])
        expectations.take("corpus/a", "default", Difference("a.txt", "content"))
        self.assertEqual(expectations.gone(), [])
        self.assertEqual(expectations.count(), 1)

    def test_one_that_the_documentation_does_not_name_is_a_fault(self):
        expectations = Expectations([ENTRY])
        self.assertEqual([entry.id for entry in expectations.undocumented("dates")], ["dates"])
        self.assertEqual(expectations.undocumented("| `dates` | why |"), [])


if __name__ == "__main__":
    unittest.main()
