"""What a rendering left behind, and how two of them differ."""

import os
import re
import stat
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

SHOWN = 110
# How much of a line is shown before the first character that differs.
LEAD = 24


@dataclass(frozen=True)
class Entry:
    """A directory, a file or a symbolic link, as it stands on disk."""

    kind: str
    executable: bool = False
    # Of a symbolic link, its target.
    content: bytes = b""


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same. `what` is a word to match on, `detail` is for people."""

    file: str
    what: str
    detail: str = ""


def snapshot(root):
    """Everything below a directory, by path."""
    found = {}
    for folder, directories, files in os.walk(root):
        for name in directories + files:
            place = os.path.join(folder, name)
            found[os.path.relpath(place, root)] = entry(place)
    return found


def entry(place):
    mode = os.lstat(place).st_mode
    if stat.S_ISLNK(mode):
        return Entry("link", content=os.fsencode(os.readlink(place)))
    if stat.S_ISDIR(mode):
        return Entry("directory")
    with open(place, "rb") as file:
        return Entry("file", bool(mode & stat.S_IXUSR), file.read())


def compare(expected, found, random=None):
    """Every difference; of a directory that is missing or too much, the directory alone."""
    differences = []
    for path in sorted(expected.keys() | found.keys()):
        if path not in found:
            if parent(path) in found or parent(path) == ".":
                differences.append(Difference(path, "missing", expected[path].kind))
        elif path not in expected:
            if parent(path) in expected or parent(path) == ".":
                differences.append(Difference(path, "extra", found[path].kind))
        else:
            differences += entries(path, expected[path], found[path], random or {})
    return differences


def parent(path):
    return str(PurePosixPath(path).parent)


def entries(path, expected, found, random):
    if expected.kind != found.kind:
        return [Difference(path, "kind", f"{expected.kind} here, {found.kind} there")]
    differences = []
    if expected.executable != found.executable:
        words = {True: "executable", False: "not executable"}
        detail = f"{words[expected.executable]} here, {words[found.executable]} there"
        differences.append(Difference(path, "mode", detail))
    for glob, pattern in random.items():
        if fnmatchcase(path, glob):
            sides = (expected.content, found.content)
            if not all(re.fullmatch(pattern.encode(), side) for side in sides):
                differences.append(Difference(path, "content", f"not {pattern!r}: {first(*sides)}"))
            return differences
    if expected.content != found.content:
        differences.append(Difference(path, "content", first(expected.content, found.content)))
    return differences


def first(expected, found):
    """The first line that differs, on both sides."""
    ours, theirs = expected.splitlines(keepends=True), found.splitlines(keepends=True)
    at = next((i for i, pair in enumerate(zip(ours, theirs)) if pair[0] != pair[1]),
              min(len(ours), len(theirs)))
    pair = [lines[at].decode("utf-8", "backslashreplace") if at < len(lines) else None for lines in (ours, theirs)]
    start = max(0, len(os.path.commonprefix([text or "" for text in pair])) - LEAD)
    shown_pair = [shown(text, start) for text in pair]
    return f"line {at + 1}\n      cookiecutter: {shown_pair[0]}\n      skafu:        {shown_pair[1]}"


def shown(text, start):
    """Of a long line, the part around the first character that differs."""
    if text is None:
        return "(the end)"
    part = repr(text[start : start + SHOWN])
    return ("…" if start else "") + part + ("…" if len(text) > start + SHOWN else "")
