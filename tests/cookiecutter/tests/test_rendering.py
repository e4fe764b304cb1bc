"""What a pair of outcomes is judged to be."""

import tempfile
import unittest
from pathlib import Path

from parity.outcome import Outcome
from parity.rendering import Job, judge
from parity.template import Template


class Fake:
    """Stands in for cookiecutter: renders one file with the time it is given."""

    def __init__(self, refusal="", asked=False):
        self.refusal, self.asked = refusal, asked

    def render(self, template, out, answers, instant):
        out.mkdir(parents=True)
        (out / "a.txt").write_text(str(instant if self.asked else "same"))
        return Outcome(self.refusal, asked_time=self.asked)


class Judged(unittest.TestCase):
    """`judge`, with both sides played."""

    def words(self, reference, candidate, content="same", refuses=(), extensions=None):
        with tempfile.TemporaryDirectory() as place:
            work = Path(place)
            (work / "t").mkdir()
            (work / "t" / "local.py").write_text("")
            names = "[]" if extensions is None else f'["{extensions}"]'
            (work / "t" / "cookiecutter.json").write_text(f'{{"_extensions": {names}}}')
            (work / "kept").mkdir()
            (work / "kept" / "a.txt").write_text(content)
            template = Template("t", work / "t", refuses=refuses)
            job = Job(template, "default", {}, template.path, work / "out", work / "kept")
            result = judge(job, reference, candidate)
            return [difference.what for difference in result.differences]

    def test_the_outcomes_are_weighed(self):
        refused, rendered = Outcome("no"), Outcome()
        cases = {
            "both render": (Fake(), rendered, {}, []),
            "both refuse": (Fake("no"), refused, {"refuses": ("*",)}, []),
            "only Skafu refuses": (Fake(), refused, {}, ["refused"]),
            "only cookiecutter refuses": (Fake("no"), rendered, {"refuses": ("*",)}, ["rendered"]),
            "a refusal nobody foresaw": (Fake("no"), refused, {}, ["unforeseen"]),
            "a refusal that does not come": (Fake(), rendered, {"refuses": ("*",)}, ["unforeseen"]),
            "a template nobody knows": (Fake("no"), refused, {"refuses": None}, []),
            "a crash is no refusal": (Fake("no"), Outcome("panic", True), {"refuses": ("*",)}, ["crashed"]),
            "another content": (Fake(), rendered, {"content": "other"}, ["content"]),
            "own code refused": (Fake(), Outcome("local.X is code"), {"extensions": "local.X"}, ["code"]),
            "own code not named": (Fake(), refused, {"extensions": "local.X"}, ["unnamed"]),
            "own code ignored": (Fake(), rendered, {"extensions": "local.X"}, ["rendered"]),
        }
        for name, (reference, candidate, more, expected) in cases.items():
            with self.subTest(name):
                self.assertEqual(self.words(reference, candidate, **more), expected)

    def test_the_time_may_be_any_second_of_the_run_and_no_other(self):
        reference = Fake(asked=True)
        for second, expected in (("100", []), ("102", []), ("103", ["content"]), ("99", ["content"])):
            with self.subTest(second):
                self.assertEqual(self.words(reference, Outcome(seconds=(100, 102)), second), expected)


if __name__ == "__main__":
    unittest.main()
