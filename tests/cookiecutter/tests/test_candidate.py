"""A refusal is told from a failure of Skafu itself."""

import tempfile
import unittest
from pathlib import Path

from parity.candidate import Candidate, Missing


def binary(place, script):
    """A stand-in that knows the command, and then does as the script says."""
    path = place / "skafu"
    path.write_text(f'#!/bin/sh\n[ "$3" = --help ] && exit 0\nmkdir -p "$5"; echo a > "$5/a.txt"\n{script}\n')
    path.chmod(0o755)
    return str(path)


class Told(unittest.TestCase):
    """What is made of how a process ends."""

    def outcome(self, script):
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            outcome = Candidate(binary(place, script), place).render(place, place / "out", {}, place / "kept")
            return outcome.refusal, outcome.crashed, (place / "kept" / "a.txt").exists()

    def test_each_ending_is_known(self):
        error = """echo '{"error": {"code": "%s", "message": "m", "violations": [%s]}}'; exit 1"""
        finding = '{"field": "a.txt:3", "message": "%s", "code": "C"}'
        cases = {
            "done": ("exit 0", ("", False)),
            "refused": (error % ("TEMPLATE_FAILED", finding % "no"), ("a.txt:3: no", False)),
            "invalid": (error % ("TEMPLATE_INVALID", ""), ("m", False)),
            "stopped": (error % ("TEMPLATE_FAILED", finding % "the rendering was stopped: it died"),
                        ("a.txt:3: the rendering was stopped: it died", True)),
            "unable": (error % ("SANDBOX_UNAVAILABLE", ""), ("m", True)),
            "misused": ("echo 'error: unknown' >&2; exit 2", ("status 2: error: unknown", True)),
            "panicked": ("echo panicked >&2; exit 101", ("status 101: panicked", True)),
            "killed": ("kill -KILL $$", ("status -9: ", True)),
        }
        for name, (script, (refusal, crashed)) in cases.items():
            with self.subTest(name):
                self.assertEqual(self.outcome(script), (refusal, crashed, True))

    def test_a_binary_without_the_command_stops_everything(self):
        with tempfile.TemporaryDirectory() as folder, self.assertRaises(Missing):
            Candidate("/bin/false", Path(folder))


if __name__ == "__main__":
    unittest.main()
