"""The corpus uses all that Jinja2 and cookiecutter bring."""

import re
import unittest
from pathlib import Path

from cookiecutter.environment import StrictEnvironment

CORPUS = Path(__file__).resolve().parent.parent / "corpus"


def texts():
    for path in CORPUS.rglob("*"):
        if path.is_file():
            yield path.read_bytes().decode("utf-8", "replace")


class Covered(unittest.TestCase):
    """Everything an environment holds stands somewhere in the corpus."""

    def setUp(self):
        self.environment = StrictEnvironment(context={})
        self.text = "\n".join(texts())

    def test_every_filter_is_used(self):
        unused = [name for name in self.environment.filters if not re.search(rf"\|\s*{re.escape(name)}\b", self.text)]
        self.assertEqual(unused, [])

    def test_every_test_is_used(self):
        def is_used(name):
            return re.search(rf"is (not )?{re.escape(name)}\b", self.text) or f"'{name}'" in self.text

        self.assertEqual([name for name in self.environment.tests if not is_used(name)], [])

    def test_every_function_is_used(self):
        unused = [name for name in self.environment.globals if not re.search(rf"\b{name}\(", self.text)]
        self.assertEqual(unused, [])


if __name__ == "__main__":
    unittest.main()
