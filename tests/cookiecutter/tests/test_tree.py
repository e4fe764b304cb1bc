"""Two renderings differ in every way two trees can."""

import os
import tempfile
import unittest
from pathlib import Path

from parity.tree import Entry, compare, snapshot


def words(expected, found, random=None):
    return [(d.file, d.what) for d in compare(expected, found, random)]


class Compared(unittest.TestCase):
    """What `compare` says of two trees."""

    def test_each_way_to_differ_is_named(self):
        text = Entry("file", content=b"a\n")
        cases = {
            "the same": ({"a": text}, {"a": text}, []),
            "missing": ({"a": text}, {}, [("a", "missing")]),
            "extra": ({}, {"a": text}, [("a", "extra")]),
            "content": ({"a": text}, {"a": Entry("file", content=b"a")}, [("a", "content")]),
            "mode": ({"a": text}, {"a": Entry("file", True, b"a\n")}, [("a", "mode")]),
            "kind": ({"a": text}, {"a": Entry("directory")}, [("a", "kind")]),
            "target": ({"a": Entry("link", content=b"b")}, {"a": Entry("link", content=b"c")}, [("a", "content")]),
        }
        for name, (expected, found, differences) in cases.items():
            with self.subTest(name):
                self.assertEqual(words(expected, found), differences)

    def test_all_differences_are_named_and_a_lost_directory_once(self):
        folder, text = Entry("directory"), Entry("file")
        expected = {"a": folder, "a/b": folder, "a/b/c": text, "d": text}
        self.assertEqual(words(expected, {"e": text}), [("a", "missing"), ("d", "missing"), ("e", "extra")])

    def test_the_first_line_that_differs_is_shown_of_both(self):
        [difference] = compare({"a": Entry("file", content=b"1\n2\r\n")}, {"a": Entry("file", content=b"1\n2\n")})
        self.assertIn("line 2", difference.detail)
        self.assertIn(r"'2\r\n'", difference.detail)
        self.assertIn(r"'2\n'", difference.detail)

    def test_of_a_long_line_the_part_that_differs_is_shown(self):
        long = b"x" * 500
        ours, theirs = Entry("file", content=long + b"ours"), Entry("file", content=long)
        [difference] = compare({"a": ours}, {"a": theirs})
        self.assertIn("ours", difference.detail)
        self.assertLess(len(difference.detail), 200)

    def test_random_content_is_held_to_its_pattern_on_both_sides(self):
        pattern = {"*.id": "[a-z]+"}
        good, other, bad = (Entry("file", content=content) for content in (b"abc", b"xyz", b"123"))
        self.assertEqual(words({"a.id": good}, {"a.id": other}, pattern), [])
        self.assertEqual(words({"a.id": good}, {"a.id": bad}, pattern), [("a.id", "content")])
        self.assertEqual(words({"a.id": bad}, {"a.id": good}, pattern), [("a.id", "content")])


class Taken(unittest.TestCase):
    """What `snapshot` sees of a directory."""

    def test_everything_is_seen_as_it_stands(self):
        with tempfile.TemporaryDirectory() as root:
            place = Path(root)
            (place / "empty").mkdir()
            (place / "run").write_bytes(b"x")
            (place / "run").chmod(0o755)
            os.symlink("run", place / "link")
            os.symlink("empty", place / "folder-link")
            self.assertEqual(
                snapshot(root),
                {
                    "empty": Entry("directory"),
                    "run": Entry("file", True, b"x"),
                    "link": Entry("link", content=b"run"),
                    "folder-link": Entry("link", content=b"empty"),
                },
            )


if __name__ == "__main__":
    unittest.main()
