"""Answers are chosen from what a template asks for."""

import json
import tempfile
import unittest
from pathlib import Path

from parity.answers import AWKWARD, sets
from parity.template import Template


def answers_of(fields, **more):
    with tempfile.TemporaryDirectory() as place:
        (Path(place) / "cookiecutter.json").write_text(json.dumps(fields))
        return sets(Template("t", Path(place), **more))


class Chosen(unittest.TestCase):
    """The sets of answers for one template."""

    def test_choices_booleans_and_plain_texts_are_answered_otherwise(self):
        fields = {"name": "n", "slug": "{{ cookiecutter.name }}", "one": ["a", "b", "c"], "yes": True, "no": False,
                  "_private": "p", "__rendered": "r", "table": {"k": "v"}, "numbers": [1, 2], "single": ["x"]}
        self.assertEqual(
            answers_of(fields),
            {
                "default": {},
                "second": {"one": "b", "yes": "no", "no": "yes"},
                "awkward": {"one": "c", "name": AWKWARD[0]},
            },
        )

    def test_sets_that_are_the_same_are_rendered_once(self):
        self.assertEqual(answers_of({"number": 1}), {"default": {}})

    def test_what_a_template_cannot_do_without_is_in_every_set_but_one(self):
        found = answers_of({"name": "n", "version": "x"}, base={"version": "1"})
        self.assertEqual(found["default"], {"version": "1"})
        self.assertEqual(found["awkward"]["version"], "1")
        self.assertEqual(found["bare"], {})

    def test_the_notes_of_a_template_add_sets_and_may_be_alone(self):
        found = answers_of({"name": "n"}, answers={"own": {"name": "m"}}, derived=False)
        self.assertEqual(found, {"default": {}, "own": {"name": "m"}})


if __name__ == "__main__":
    unittest.main()
